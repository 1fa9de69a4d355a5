/**
 * Evaluates systems: threat model x attack x metric.
 *
 * @module
 */
import { type CacheStorage, noStorage } from "../adversaries/cache_storage.ts";
import { keptImages } from "../adversaries/kept_images.ts";
import type { Attack, AttackSettings } from "../attacks/attack.ts";
import { createAttack, stoppableVictim } from "../attacks/mod.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { pause } from "../pause.ts";
import type { Preset } from "../preset.ts";
import { createRandom, type Random } from "../random.ts";
import type { Metric, MetricResult, TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import type { Column } from "./columns.ts";
import type { EvaluationRow } from "./rows.ts";
import type { System } from "./system.ts";
import { victimOf } from "./victim.ts";

export { victimOf } from "./victim.ts";

/** By how much rounding may push a pixel out of the ball. */
const TOLERANCE = 1e-6;

/** What an evaluation works with. */
export interface EvaluateParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly preset: Pick<Preset, "seed">;
  readonly task: TaskAdapter<O, L>;
  /** The examples, from the first on, each time anew. */
  readonly batches: () => AsyncIterable<Batch<L>>;
  /** Where images of an attack on a target model alone are kept; made each time where there is none. */
  readonly storageOf?: (column: Column<O>, attack: Attack<L>) => CacheStorage | undefined;
  /** Ends the work between batches and between an attack's steps: it then fails with its reason. */
  readonly signal?: AbortSignal;
}

/** A system with its figures so far. */
interface Contender<O, L> {
  readonly system: System<O>;
  readonly forward: RecordedStep<{ images: Images }, O & tf.TensorContainer>;
  readonly metric: Metric<O, L>;
  outcomes: string;
}

/**
 * Measures one column: makes its images once, and passes them through every system.
 *
 * @param parts Task, seed, examples
 * @param column Which images, which systems
 * @param progress Told how many examples are done
 * @returns A row for each system
 * @throws {Error} If an attack leaves its epsilon ball or [0, 1]
 */
export async function evaluateColumn<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: EvaluateParts<O, L>,
  column: Column<O>,
  progress: (done: number) => void = () => {},
): Promise<EvaluationRow[]> {
  const { preset: { seed }, task, signal } = parts;
  const { threatModel, attack: name, attacked } = column;
  const begun = performance.now();
  using stack = new DisposableStack();
  const forwards = new Map<TargetModel<O>, Contender<O, L>["forward"]>();
  const contenders = column.systems.map((system): Contender<O, L> => {
    const forward = forwards.get(system.target) ?? stack.use(recordForward(system.target));
    forwards.set(system.target, forward);
    return { system, forward, metric: task.createMetric(), outcomes: "" };
  });
  const attack = column.settings && attacked &&
    stack.use(
      createAttack(
        column.settings,
        stoppableVictim(victimOf({ task, ...attacked }), signal),
        task.attacks,
      ),
    );
  const settings = attack?.settings ?? null;
  const isShared = attacked !== undefined && !attacked.defense;
  const storage = attack && isShared && parts.storageOf?.(column, attack) || noStorage;
  let done = 0;
  let maxPerturbation = 0;
  for await (const { images: clean, labels, count, indices } of parts.batches()) {
    using held = new HeldTensors();
    held.keep([clean, labels as tf.TensorContainer]);
    const [first] = indices;
    const random = createRandom(seed, "evaluate", streamOf(name), first);
    const make = () => attack!.perturb(clean, labels, random);
    const images = held.keep(
      attack ? await keptImages(storage, `${first}`, clean.shape, make) : tf.clone(clean),
    );
    const change = await distance(clean, images, name, settings);
    maxPerturbation = Math.max(maxPerturbation, change);
    for (const contender of contenders) {
      await pause(signal);
      const noise = random.fork("restore", contender.system.name);
      await measure(task, contender, { images, labels, count }, noise);
    }
    progress(done += count);
  }
  const seconds = (performance.now() - begun) / 1000 / contenders.length;
  return contenders.map(({ system, metric, outcomes }) => ({
    threatModel,
    attack: name,
    settings,
    system: system.name,
    metric: resultOf(metric),
    maxPerturbation,
    seconds,
    ...(outcomes && { outcomes }),
  }));
}

function recordForward<O extends tf.TensorContainer>(target: TargetModel<O>) {
  return record(({ images }: { images: Images }) => target.forward(images), { name: "evaluate" });
}

/** "pgd-cw" draws the starts of its former name, so that figures stay what they were. */
function streamOf(attack: string): string {
  return attack === "pgd-cw" ? "carlini-wagner" : attack;
}

/** Passes images through a system and takes its output into the figures. */
async function measure<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  contender: Contender<O, L>,
  { images, labels, count }: Pick<Batch<L>, "images" | "labels" | "count">,
  random: Random,
): Promise<void> {
  using held = new HeldTensors();
  const { system: { defense }, forward, metric } = contender;
  const restored = held.keep(defense ? await defense.restore(images, random) : tf.clone(images));
  const output = held.keep(forward({ images: restored }));
  await metric.update(output, labels, count);
  contender.outcomes += await outcomesOf(task, output, labels, count);
}

/** What a metric says. Throws RangeError if it is no share: worst cases, charts and reports take it as one. */
function resultOf(metric: Pick<Metric<never, never>, "result">): MetricResult {
  const result = metric.result();
  if (result.value >= 0 && result.value <= 1) return result;
  throw new RangeError(
    `Cannot take the ${result.name} as a metric must be in [0, 1]: current value is ${result.value}`,
  );
}

/** Greatest |x^a - x^c| of any pixel, which must be that of an attack that keeps to its rules. */
async function distance(
  clean: Images,
  images: Images,
  attack: string,
  settings: AttackSettings | null,
): Promise<number> {
  using held = new HeldTensors();
  const greatest = held.keep(tf.tidy(() => {
    const outside = tf.max(tf.relu(tf.sub(tf.abs(tf.sub(images, 0.5)), 0.5 + TOLERANCE)));
    return tf.stack([tf.max(tf.abs(tf.sub(images, clean))), outside]);
  }));
  const [change, outside] = await greatest.data();
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
  using held = new HeldTensors();
  const right = held.keep(tf.tidy(() => {
    const logits = task.logits!(output);
    const hit = tf.equal(tf.argMax(logits, 1), task.classOf!(labels));
    return tf.cast(tf.logicalAnd(hit, tf.logicalNot(tf.any(tf.isNaN(logits), 1))), "int32");
  }));
  const values = await right.data();
  return values.slice(0, count).join("");
}
