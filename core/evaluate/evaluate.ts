/**
 * Evaluates systems: threat model x attack x metric.
 *
 * @module
 */
import { type CacheStorage, noStorage } from "../adversaries/cache_storage.ts";
import { keptImages } from "../adversaries/kept_images.ts";
import type { Attack } from "../attacks/attack.ts";
import { createAttack, stoppableVictim } from "../attacks/mod.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { pause } from "../pause.ts";
import type { Preset } from "../preset.ts";
import { createRandom, type Random } from "../random.ts";
import type { Metric, MetricResult, TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { evaluationVictim } from "./evaluation_victim.ts";
import type { Column } from "./columns.ts";
import { countNotNumbers } from "./not_numbers.ts";
import { meanResult, passesOf, rightInAll } from "./passes.ts";
import type { EvaluationRow } from "./rows.ts";
import { createStopwatch, type Stopwatch } from "./stopwatch.ts";
import type { System } from "./system.ts";

/** Tolerance for rounding at the ball's boundary. */
const TOLERANCE = 1e-6;

/** Inputs of an evaluation. */
export interface EvaluateParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly preset: Pick<Preset, "seed"> & {
    readonly evaluation?: Pick<Preset["evaluation"], "passes">;
  };
  readonly task: TaskAdapter<O, L>;
  /** Iterates over the examples, from the first one at each call. */
  readonly batches: () => AsyncIterable<Batch<L>>;
  /** Storage for images of attacks on a target model alone; without it they are generated each time. */
  readonly storageOf?: (column: Column<O>, attack: Attack<L>) => CacheStorage | undefined;
  /** Ends the work between batches and between an attack's steps: it then fails with its reason. */
  readonly signal?: AbortSignal;
}

/** A system with its metric so far. */
interface Contender<O, L> {
  readonly system: System<O>;
  readonly forward: RecordedStep<{ images: Images }, O & tf.TensorContainer>;
  /** One for each pass. */
  readonly metrics: readonly Metric<O, L>[];
  /** Absent where images are attacked. */
  readonly stopwatch?: Stopwatch;
  outcomes: string;
  notANumber: number;
}

/**
 * Evaluates one column: generates its images once and passes them through every system.
 *
 * @param parts Task, seed, examples
 * @param column Which images, which systems
 * @param progress Called with the number of examples done
 * @returns A row for each system
 * @throws {Error} If an attack leaves its epsilon ball or [0, 1]; what is not a number is counted instead
 */
export async function evaluateColumn<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: EvaluateParts<O, L>,
  column: Column<O>,
  progress: (done: number) => void = () => {},
): Promise<EvaluationRow[]> {
  const { preset: { seed, evaluation }, task, signal } = parts;
  const { threatModel, attack: name, attacked } = column;
  const begun = performance.now();
  using stack = new DisposableStack();
  const forwards = new Map<TargetModel<O>, Contender<O, L>["forward"]>();
  const contenders = column.systems.map((system): Contender<O, L> => {
    const forward = forwards.get(system.target) ?? stack.use(recordForward(system.target));
    forwards.set(system.target, forward);
    const stopwatch = column.settings === null ? createStopwatch() : undefined;
    const passes = passesOf(system, evaluation?.passes);
    const metrics = Array.from({ length: passes }, () => task.createMetric());
    return { system, forward, metrics, stopwatch, outcomes: "", notANumber: 0 };
  });
  const source = attacked && evaluationVictim({ task, ...attacked }, column.draws);
  const attack = column.settings && source &&
    stack.use(
      createAttack(column.settings, stoppableVictim(source.victim, signal), task.attacks),
    );
  const settings = attack?.settings ?? null;
  const isShared = attacked !== undefined && !attacked.defense;
  const storage = attack && isShared && parts.storageOf?.(column, attack) || noStorage;
  let done = 0;
  let maxPerturbation = 0;
  let attackNotANumber = 0;
  for await (const { images: clean, labels, count, indices } of parts.batches()) {
    using held = new HeldTensors();
    held.keep([clean, labels as tf.TensorContainer]);
    const [first] = indices;
    const random = createRandom(seed, "evaluate", streamOf(name), first);
    const make = () => attack!.perturb(clean, labels, random);
    const images = held.keep(
      attack ? await keptImages(storage, `${first}`, clean.shape, make) : tf.clone(clean),
    );
    attackNotANumber += attack ? await countNotNumbers(images, clean.shape[0], count) : 0;
    const change = await distance(clean, images, name, attack ?? undefined);
    maxPerturbation = Math.max(maxPerturbation, change);
    for (const contender of contenders) {
      await pause(signal);
      const noise = random.fork("restore", contender.system.name);
      await measure(task, contender, { images, labels, count }, noise);
    }
    progress(done += count);
  }
  const seconds = (performance.now() - begun) / 1000 / contenders.length;
  const facts = source?.facts();
  return contenders.map(({ system, metrics, stopwatch, outcomes, notANumber }) => ({
    threatModel,
    attack: name,
    settings,
    system: system.name,
    ...(attacked?.substitute !== undefined && { substitute: attacked.substitute }),
    ...facts,
    metric: meanResult(metrics.map(resultOf)),
    ...passesIn(metrics.length, outcomes),
    maxPerturbation,
    seconds,
    ...(outcomes && { outcomes }),
    ...(notANumber > 0 && { notANumber }),
    ...(attackNotANumber > 0 && { attackNotANumber }),
    ...(stopwatch?.result() !== undefined && { millisecondsPerImage: stopwatch.result() }),
  }));
}

function recordForward<O extends tf.TensorContainer>(target: TargetModel<O>) {
  return record(({ images }: { images: Images }) => target.forward(images), { name: "evaluate" });
}

/** "pgd-cw" keeps the random stream of its former name, so that results do not change. */
function streamOf(attack: string): string {
  return attack === "pgd-cw" ? "carlini-wagner" : attack;
}

/** What a row says of several passes. */
function passesIn(passes: number, outcomes: string): Pick<EvaluationRow, "passes" | "rightInAll"> {
  if (passes === 1) return {};
  const right = outcomes.split("1").length - 1;
  return { passes, ...(outcomes && { rightInAll: right / outcomes.length }) };
}

/** Passes images through a system, as often as it has metrics, and adds its outputs to them. */
async function measure<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  contender: Contender<O, L>,
  { images, labels, count }: Pick<Batch<L>, "images" | "labels" | "count">,
  random: Random,
): Promise<void> {
  const { system: { defense }, forward, metrics, stopwatch } = contender;
  const [size] = images.shape;
  const outcomes: string[] = [];
  let notANumber = 0;
  for (const [pass, metric] of metrics.entries()) {
    using held = new HeldTensors();
    const begun = performance.now();
    const restored = held.keep(
      defense ? await defense.restore(images, random.fork("pass", pass)) : tf.clone(images),
    );
    const output = held.keep(forward({ images: restored }));
    await stopwatch?.stop(begun, output, size);
    notANumber = Math.max(notANumber, await countNotNumbers({ restored, output }, size, count));
    await metric.update(output, labels, count);
    outcomes.push(await outcomesOf(task, output, labels, count));
  }
  contender.notANumber += notANumber;
  contender.outcomes += rightInAll(outcomes);
}

/** A metric's result. Throws RangeError if it is not in [0, 1], as worst cases, charts and reports require. */
function resultOf(metric: Pick<Metric<never, never>, "result">): MetricResult {
  const result = metric.result();
  if (result.value >= 0 && result.value <= 1) return result;
  throw new RangeError(
    `Cannot use the metric ${result.name} as its value must be in [0, 1]: current value is ${result.value}`,
  );
}

/** Largest |x^a - x^c| of any pixel that is a number. Throws if the attack left its ball or [0, 1]. */
async function distance(
  clean: Images,
  images: Images,
  name: string,
  attack?: Pick<Attack<unknown>, "settings" | "norm">,
): Promise<number> {
  using held = new HeldTensors();
  const measures = held.keep(tf.tidy(() => {
    const isBroken = tf.isNaN(images);
    const change = tf.where(isBroken, 0, tf.sub(images, clean));
    const outside = tf.max(
      tf.relu(tf.sub(tf.abs(tf.sub(tf.where(isBroken, 0, images), 0.5)), 0.5 + TOLERANCE)),
    );
    const lengths = tf.sqrt(tf.sum(tf.square(change), [1, 2, 3]));
    return tf.stack([tf.max(tf.abs(change)), outside, tf.max(lengths)]);
  }));
  const [change, outside, length] = await measures.data();
  if (outside > 0) throw new Error(`Cannot trust the attack ${name} as it left [0, 1]`);
  if (!attack) return change;
  const { settings: { epsilon }, norm } = attack;
  const [what, size] = norm === "l2" ? ["L2 norm", length] : ["change", change];
  if (!(size <= epsilon * (1 + TOLERANCE) + TOLERANCE)) {
    throw new Error(
      `Cannot trust the attack ${name} as it left its ball: epsilon is ${epsilon}, the largest ${what} is ${size}`,
    );
  }
  return change;
}

/** A "1" for each example whose largest logit is its class's; NaN counts as wrong. */
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
