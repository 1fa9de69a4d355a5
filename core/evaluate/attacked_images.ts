/**
 * The adversarial images of a column, batch by batch: made, or kept from before with what was known of them.
 *
 * @module
 */
import { type CacheStorage, noStorage } from "../adversaries/cache_storage.ts";
import { type KeptBatch, keptImages } from "../adversaries/kept_images.ts";
import type { Attack, Survivors } from "../attacks/attack.ts";
import { createAttack, stoppableVictim } from "../attacks/mod.ts";
import type { Batch, Images } from "../dataset.ts";
import { isRandom } from "../defenses/gradient_of.ts";
import type { Preset } from "../preset.ts";
import { createRandom, type Random } from "../random.ts";
import type { TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import type { Column } from "./columns.ts";
import {
  type EvaluationVictim,
  evaluationVictim,
  type GradientFacts,
} from "./evaluation_victim.ts";
import type { EvaluationRow } from "./rows.ts";
import { StageTally } from "./stage_tally.ts";

/** What is kept of a batch besides its images. */
type BatchFacts = GradientFacts & { readonly survivors?: readonly Survivors[] };

/** What attacked images are made from. */
export interface AttackedParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly preset: Pick<Preset, "seed"> & {
    readonly evaluation?: Pick<Preset["evaluation"], "passes">;
  };
  readonly task: TaskAdapter<O, L>;
  /** Storage for a column's adversarial images; without it they are generated each time. */
  readonly storageOf?: (column: Column<O>, attack: Attack<L>) => CacheStorage | undefined;
  /** Ends the work between batches and between an attack's steps: it then fails with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Ends the measuring between batches and between an attack's steps: rows are then of the batches that were
   * finished, and say how many examples those are.
   */
  readonly budget?: AbortSignal;
}

/** The random numbers of a batch of a column, a stream of their own. */
export function streamOf(
  { preset: { seed } }: Pick<AttackedParts<never, never>, "preset">,
  { attack }: Pick<Column<never>, "attack">,
  [first]: Uint32Array,
): Random {
  // "pgd-cw" keeps the stream of its former name, so that results do not change.
  return createRandom(seed, "evaluate", attack === "pgd-cw" ? "carlini-wagner" : attack, first);
}

/** What ends the work: the signal, or the end of the budget. */
export function endsOf(
  { signal, budget }: Pick<AttackedParts<never, never>, "signal" | "budget">,
): AbortSignal | undefined {
  return signal && budget ? AbortSignal.any([signal, budget]) : signal ?? budget;
}

/** Images of one column that is attacked. Dispose it. */
export class AttackedImages<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements Disposable {
  readonly #parts: AttackedParts<O, L>;
  readonly #column: Column<O>;
  readonly #storage: CacheStorage;
  readonly #tally = new StageTally();
  #source: EvaluationVictim<O, L>;
  #attack: Attack<L>;
  /** What batches tell of gradients: the first that does is right. */
  #known: GradientFacts = {};

  private constructor(parts: AttackedParts<O, L>, column: Column<O>) {
    this.#parts = parts;
    this.#column = column;
    [this.#source, this.#attack] = this.#create(column.draws);
    this.#storage = parts.storageOf?.(column, this.#attack) ?? noStorage;
  }

  /** Those of a column; undefined where nothing is attacked. */
  static of<O extends tf.TensorContainer, L extends tf.TensorContainer>(
    parts: AttackedParts<O, L>,
    column: Column<O>,
  ): AttackedImages<O, L> | undefined {
    return column.settings && column.attacked ? new AttackedImages(parts, column) : undefined;
  }

  /** The attack as it is now; its settings stay. */
  get attack(): Attack<L> {
    return this.#attack;
  }

  /**
   * Whether the next batch decides by how many draws all that follow are attacked: then batches must come in
   * order.
   */
  get needsDraws(): boolean {
    const { attacked, draws } = this.#column;
    const { defense } = attacked!;
    if (!defense || !isRandom(defense) || !this.#source.victim.ascend) return false;
    return (draws ?? this.#source.facts().draws ?? this.#known.draws) === undefined;
  }

  /**
   * The adversarial images of a batch.
   *
   * @param batch Borrowed
   * @returns `[B, H, W, 3]`, owned by the caller
   */
  async imagesOf(
    { images: clean, labels, count, indices }: Pick<
      Batch<L>,
      "images" | "labels" | "count" | "indices"
    >,
  ): Promise<Images> {
    const random = streamOf(this.#parts, this.#column, indices);
    const make = async (): Promise<KeptBatch<BatchFacts>> => {
      const images = await this.#attack.perturb(clean, labels, random);
      const survivors = this.#attack.survivors?.(count);
      return { images, facts: { ...this.#source.facts(), ...(survivors && { survivors }) } };
    };
    const { images, facts } = await keptImages(this.#storage, `${indices[0]}`, clean.shape, make);
    const { survivors, ...gradient } = facts;
    if (survivors) this.#tally.add(survivors, count);
    if (this.needsDraws && gradient.draws !== undefined) {
      // What was begun by another process goes on as it was begun.
      this.#attack[Symbol.dispose]();
      [this.#source, this.#attack] = this.#create(gradient.draws);
    }
    this.#known = { ...gradient, ...this.#known };
    return images;
  }

  /** What rows tell of how so many examples were attacked. */
  facts(count: number): GradientFacts & Pick<EvaluationRow, "survivors"> {
    const survivors = this.#tally.of(count);
    return {
      ...this.#source.facts(),
      ...this.#known,
      ...(survivors && { survivors }),
    };
  }

  #create(draws: number | undefined): [EvaluationVictim<O, L>, Attack<L>] {
    const { task } = this.#parts;
    const { attacked, settings } = this.#column;
    const source = evaluationVictim({ task, ...attacked! }, draws);
    const victim = stoppableVictim(source.victim, endsOf(this.#parts));
    return [source, createAttack(settings!, victim, task.attacks)];
  }

  [Symbol.dispose](): void {
    this.#attack[Symbol.dispose]();
  }
}
