/**
 * Makes the parts of an attack cache, each by itself.
 *
 * @module
 */
import { forgetBegun, keepBegun, readBegun } from "./begun_part.ts";
import {
  type CachePart,
  type FeatureShape,
  type MadeBatch,
  openPart,
  packPart,
  type PartPlace,
} from "./cache_part.ts";
import type { CacheStorage } from "./cache_storage.ts";
import { assertKeepable } from "./keepable.ts";
import type { Attack } from "../attacks/attack.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { ownDraws } from "../workers/draws.ts";
import { foundByAll, inShares } from "../workers/divided_work.ts";

/** Steps of a perturbation's scale: -127 to 127. */
export const LEVELS = 127;
/** Features of an example are not stored if they have more numbers than this. */
const FEATURE_LIMIT = 65_536;
/** Bytes of memory that a cache may take. */
const MEMORY_LIMIT = 2 ** 31;

/** The inputs of a cache. */
export interface CacheSource<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: Pick<TaskAdapter<O, L>, "extractFeatures">;
  /** Whether z^c is stored too. @default {true} */
  readonly keepsFeatures?: boolean;
  readonly target: Pick<TargetModel<O>, "forward">;
  readonly attack: Attack<L>;
  /** Examples of the training set. */
  readonly length: number;
  /** `[height, width]`. */
  readonly size: readonly [number, number];
  /** Number of cached passes over the training set; each has its own augmentations. */
  readonly passes: number;
  readonly seed: number;
  /** Maximum bytes of memory; anything beyond is read from storage when needed. @default {2147483648} */
  readonly memoryLimit?: number;
}

/** Progress of filling a cache. */
export interface CacheProgress {
  readonly done: number;
  readonly total: number;
}

/** File names still use the former word for a pass, "draw". */
export const nameOf = (pass: number, number: number): string => `draw-${pass}-part-${number}`;

/** Maximum bytes of memory of a cache. */
export const memoryLimitOf = ({ memoryLimit = MEMORY_LIMIT }: { memoryLimit?: number }): number =>
  memoryLimit;

/** A part that is to be made. */
export interface PartWork<L> {
  readonly pass: number;
  /** The part's, in its pass. */
  readonly number: number;
  /** Where it belongs; features' shape is known once there is a batch. */
  readonly place: () => PartPlace;
  readonly storage: CacheStorage;
  /** The batches of a pass in the dataset's order, from a given one on. */
  readonly batchesOf: (pass: number, start: number) => AsyncIterable<Batch<L>>;
}

/** Attacks batches and stores parts of them. Dispose it. */
export class PartMaker<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements Disposable {
  readonly #source: CacheSource<O, L>;
  readonly #pixels: number;
  readonly #features: RecordedStep<{ images: Images; labels: L & tf.TensorContainer }, tf.Tensor2D>;
  /** Per example: `[0, 0]` if features are not stored; undefined before the first part. */
  featureShape: FeatureShape | undefined;

  /**
   * @param source O, the attack, and the size of the training set
   * @throws {RangeError} If the attack's ball has no radius that can be divided into levels
   */
  constructor(source: CacheSource<O, L>) {
    const { task, target, attack, size: [height, width] } = source;
    assertKeepable(attack);
    this.#source = source;
    this.#pixels = height * width * 3;
    this.#features = record(
      ({ images, labels }) => task.extractFeatures(target.forward(images), labels).vectors,
      { name: "clean features" },
    );
  }

  /**
   * Makes a part, from where it was begun, and stores it.
   *
   * @param work Which part
   * @param told Makes what is yielded of the number of the part's examples that are done
   * @yields After every batch but the last. Stopped there, it keeps the batches so far
   * @returns The part
   * @throws {Error} If the attack leaves its ball, or the batches end early or are of another order
   */
  async *make<T>(
    { pass, number, place, storage, batchesOf }: PartWork<L>,
    told: (count: number) => T,
  ): AsyncGenerator<T, CachePart, void> {
    const { length } = this.#source;
    const name = nameOf(pass, number);
    const { first, batches: whole } = place();
    const begun = await foundByAll(
      await readBegun(storage, name, place()),
      ({ batches }) => batches,
    );
    const made: MadeBatch[] = begun?.made ?? [];
    let batches = begun?.batches ?? 0;
    let count = begun?.count ?? 0;
    this.featureShape ??= begun?.featureShape;
    let isWhole = false;
    try {
      if (begun) yield told(count);
      for await (const batch of batchesOf(pass, number * whole + batches)) {
        made.push(await this.#make(pass, batch, first + count));
        count += batch.count;
        isWhole = ++batches === whole || first + count >= length;
        if (isWhole) break;
        yield told(count);
      }
    } finally {
      if (!isWhole) await keepBegun(storage, name, place(), { made, batches });
    }
    if (made.length === 0 || number > 0 && count < place().most) {
      throw new Error(
        `Cannot fill the attack cache as the batches of pass ${pass} end at example ${
          first + count
        } of ${length}`,
      );
    }
    const bytes = packPart(place(), made);
    await storage.write(name, bytes);
    await forgetBegun(storage, name);
    return openPart(bytes, place())!;
  }

  /** Attacks a batch and disposes it. */
  async #make(pass: number, batch: Batch<L>, first: number): Promise<MadeBatch> {
    const { attack, seed } = this.#source;
    const { images, labels, indices, count } = batch;
    try {
      if (indices.subarray(0, count).some((index, row) => index !== first + row)) {
        throw new Error(
          `Cannot fill the attack cache as its batches must be in the dataset's order: example ${
            indices[0]
          } is at position ${first}`,
        );
      }
      const random = createRandom(seed, "attack", pass, indices[0]);
      const { adversarial, clean } = await inShares(
        { images, labels: labels as tf.TensorContainer },
        async (own) => ({
          adversarial: await attack.perturb(own.images, own.labels as L, ownDraws(random)),
          clean: this.#features(own as typeof own & { labels: L }),
        }),
      );
      const scaled = tf.tidy(() =>
        tf.round(tf.mul(tf.sub(adversarial, images), LEVELS / attack.settings.epsilon))
      );
      const [levels, features] = await Promise.all([
        scaled.data<"float32">(),
        clean.data<"float32">(),
      ]);
      this.featureShape ??= this.#featuresToKeep(clean, images);
      tf.dispose([adversarial, clean, scaled]);
      const own = levels.subarray(0, count * this.#pixels);
      if (!own.every((level) => Math.abs(level) <= LEVELS)) {
        const reason = own.every(Number.isFinite)
          ? `they left the ball of epsilon ${attack.settings.epsilon}`
          : "they contain NaN: the target's gradient is NaN";
        throw new Error(`Cannot cache adversarial images of "${attack.name}" as ${reason}`);
      }
      return {
        perturbations: new Int8Array(own),
        features: features.slice(0, count * this.featureShape[0] * this.featureShape[1]),
      };
    } finally {
      tf.dispose([images, labels as tf.TensorContainer]);
    }
  }

  /** Shape of an example's stored features; none if there are too many. */
  #featuresToKeep(features: tf.Tensor2D, images: Images): FeatureShape {
    const [rows, length] = features.shape;
    const vectors = rows / images.shape[0];
    const { passes, length: examples } = this.#source;
    const bytes = passes * examples * (this.#pixels + 4 * vectors * length);
    const fits = this.#source.keepsFeatures !== false && Number.isInteger(vectors) &&
      vectors * length <= FEATURE_LIMIT &&
      bytes <= memoryLimitOf(this.#source);
    return fits ? [vectors, length] : [0, 0];
  }

  [Symbol.dispose](): void {
    this.#features[Symbol.dispose]();
  }
}
