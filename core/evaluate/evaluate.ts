/**
 * Evaluates defenses: victim x attack x metric.
 *
 * @module
 */
import { type CacheStorage, noStorage } from "../adversaries/attack_cache.ts";
import { createAttack } from "../attacks/mod.ts";
import type { Attack, AttackSettings } from "../attacks/attack.ts";
import { exactVictim } from "../attacks/system_victims.ts";
import type { Victim } from "../attacks/victim.ts";
import { record } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import type { Defense } from "../defenses/defense.ts";
import type { EvaluationRow, ThreatModel } from "./rows.ts";
import type { Preset } from "../preset.ts";
import { keptImages } from "../adversaries/kept_images.ts";
import { createRandom } from "../random.ts";
import type { Metric, MetricResult, TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";

/** By how much rounding may push a pixel out of the ball. */
const TOLERANCE = 1e-6;

/** What is evaluated. */
export interface EvaluateParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly preset: Preset;
  readonly task: TaskAdapter<O, L>;
  readonly target: TargetModel<O>;
  /** Besides no defense at all, which is always there. */
  readonly defenses: readonly Defense[];
  /** The examples, from the first on, each time anew. */
  readonly batches: () => AsyncIterable<Batch<L>>;
  /** Where images of an attack on O alone are kept for other evaluations; made each time where there is none. */
  readonly storageOf?: (column: Column, attack: Attack<L>) => CacheStorage | undefined;
}

/** One way to make images: a threat model, an attack, and what is attacked. */
export interface Column {
  readonly threatModel: ThreatModel;
  readonly attack: string;
  readonly settings: AttackSettings | null;
  /** whitebox: the defense that is attacked, and the only one that is measured. */
  readonly defense?: Defense;
}

/** The columns of an evaluation, in order: clean, attacks on O alone, attacks through each defense that has a gradient. */
export function columnsOf(
  { evaluation }: Pick<Preset, "evaluation">,
  defenses: readonly Defense[],
): Column[] {
  const whitebox = defenses.filter(({ name, gradient }) => name !== "identity" && gradient?.exact);
  return [
    { threatModel: "none", attack: "clean", settings: null },
    ...Object.entries(evaluation.attacks).map(([attack, settings]): Column => ({
      threatModel: "oblivious",
      attack,
      settings,
    })),
    ...whitebox.flatMap((defense) =>
      Object.entries(evaluation.adaptive).map(([attack, settings]): Column => ({
        threatModel: "whitebox",
        attack,
        settings,
        defense,
      }))
    ),
  ];
}

/** A defense in front of O, recorded, with its figures so far. */
interface Contender<O, L> {
  readonly name: string;
  readonly defense: Defense | undefined;
  readonly metric: Metric<O, L>;
  outcomes: string;
}

/**
 * Measures one column: makes its images once, and passes them through every defense.
 *
 * @param parts Task, target, defenses, examples
 * @param column Which images
 * @param progress Told how many examples are done
 * @returns A row for each defense
 * @throws {Error} If an attack leaves its epsilon ball or [0, 1]
 */
export async function evaluateColumn<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: EvaluateParts<O, L>,
  column: Column,
  progress: (done: number) => void = () => {},
): Promise<EvaluationRow[]> {
  const { preset, task, target } = parts;
  const begun = performance.now();
  const contenders: Contender<O, L>[] =
    (column.defense ? [column.defense] : [undefined, ...parts.defenses]).map((defense) => ({
      name: defense?.name ?? "none",
      defense,
      metric: task.createMetric(),
      outcomes: "",
    }));
  using forward = record(({ images }: { images: Images }) => target.forward(images), {
    name: "evaluate",
  });
  using attack = column.settings
    ? createAttack(column.settings, victimOf(parts, column.defense), task.attacks)
    : undefined;
  const settings = attack?.settings ?? null;
  const storage = attack && !column.defense && parts.storageOf?.(column, attack) || noStorage;
  let done = 0;
  let maxPerturbation = 0;
  for await (const { images: clean, labels, count, indices } of parts.batches()) {
    const random = createRandom(preset.seed, "evaluate", column.attack, indices[0]);
    const images = attack
      ? await keptImages(
        storage,
        `${indices[0]}`,
        clean.shape,
        () => attack.perturb(clean, labels, random),
      )
      : tf.clone(clean);
    maxPerturbation = Math.max(
      maxPerturbation,
      await distance(clean, images, column.attack, settings),
    );
    for (const contender of contenders) {
      const restored = contender.defense
        ? await contender.defense.restore(images, random.fork("restore", contender.name))
        : tf.clone(images);
      const output = forward({ images: restored });
      await contender.metric.update(output, labels, count);
      contender.outcomes += await outcomesOf(task, output, labels, count);
      tf.dispose([restored, output]);
    }
    tf.dispose([images, clean, labels as tf.TensorContainer]);
    progress(done += count);
  }
  const seconds = (performance.now() - begun) / 1000 / contenders.length;
  return contenders.map(({ name, metric, outcomes }) => ({
    threatModel: column.threatModel,
    attack: column.attack,
    settings,
    defense: name,
    metric: resultOf(metric),
    ...paperFigure(preset, column, name),
    maxPerturbation,
    seconds,
    ...(outcomes && { outcomes }),
  }));
}

/** What a metric says. Throws RangeError if it is no share: worst cases, charts and reports take it as one. */
function resultOf(metric: Pick<Metric<never, never>, "result">): MetricResult {
  const result = metric.result();
  if (result.value >= 0 && result.value <= 1) return result;
  throw new RangeError(
    `Cannot take the ${result.name} as a metric must be in [0, 1]: current value is ${result.value}`,
  );
}

/** What an attack is given: O, behind a defense if that is attacked too. */
export function victimOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target }: Pick<EvaluateParts<O, L>, "task" | "target">,
  defense?: Defense,
): Victim<O, L> {
  return exactVictim({ task, target, ...defense && { defense } });
}

function paperFigure(
  { losses, evaluation }: Preset,
  { threatModel, attack }: Column,
  defense: string,
): { paper?: number } {
  if (threatModel === "whitebox") return {};
  const row = defense === "none"
    ? "none"
    : defense === "generator"
    ? losses.setting
    : defense === "generator+jpeg"
    ? `${losses.setting}+jpeg`
    : "";
  const paper = evaluation.paper[row]?.[attack];
  return paper === undefined ? {} : { paper };
}

/** Greatest |x^a - x^c| of any pixel, which must be that of an attack that keeps to its rules. */
async function distance(
  clean: Images,
  images: Images,
  attack: string,
  settings: AttackSettings | null,
): Promise<number> {
  const greatest = tf.tidy(() => {
    const outside = tf.max(tf.relu(tf.sub(tf.abs(tf.sub(images, 0.5)), 0.5 + TOLERANCE)));
    return tf.stack([tf.max(tf.abs(tf.sub(images, clean))), outside]);
  });
  const [change, outside] = await greatest.data();
  greatest.dispose();
  if (!Number.isFinite(change)) {
    throw new Error(`Cannot trust the attack ${attack} as a pixel is not a number`);
  }
  if (outside > 0) throw new Error(`Cannot trust the attack ${attack} as it left [0, 1]`);
  if (settings && settings.norm !== "l2" && !(change <= settings.epsilon + TOLERANCE)) {
    throw new Error(
      `Cannot trust the attack ${attack} as it left its ball: epsilon is ${settings.epsilon}, the greatest change ${change}`,
    );
  }
  return change;
}

/** A "1" for each example whose greatest logit is its class's; one that is not a number counts as wrong. */
async function outcomesOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  output: O,
  labels: L,
  count: number,
): Promise<string> {
  if (!task.logits || !task.classOf) return "";
  const right = tf.tidy(() => {
    const logits = task.logits!(output);
    const hit = tf.equal(tf.argMax(logits, 1), task.classOf!(labels));
    return tf.cast(tf.logicalAnd(hit, tf.logicalNot(tf.any(tf.isNaN(logits), 1))), "int32");
  });
  const values = await right.data();
  right.dispose();
  return values.slice(0, count).join("");
}
