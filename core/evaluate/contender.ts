/**
 * A system in an evaluation: it is asked about batches of images, and its metric adds up.
 *
 * @module
 */
import { record, type RecordedStep } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import { answerBehind } from "../defenses/behind.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import type { Metric, MetricResult, TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { countNotNumbers } from "./not_numbers.ts";
import { passesOf, rightInAll } from "./passes.ts";
import { createReconstructionError, type ReconstructionError } from "./reconstruction_error.ts";
import { createStopwatch, type Stopwatch } from "./stopwatch.ts";
import type { System } from "./system.ts";

/** A target model's forward pass. */
type Forward<O> = RecordedStep<{ images: Images }, O & tf.TensorContainer>;

/** A system with its metric so far. */
export interface Contender<O, L> {
  readonly system: System<O>;
  readonly forward: Forward<O>;
  /** One for each pass of an image. */
  readonly metrics: readonly Metric<O, L>[];
  /** Of the same images rounded to 8 bit; absent where that is not asked. */
  readonly rounded?: Metric<O, L>;
  /** Absent where images are attacked. */
  readonly stopwatch?: Stopwatch;
  /** Absent where images are attacked, without a defense, and where that changes their size. */
  readonly reconstruction?: ReconstructionError;
  outcomes: string;
  notANumber: number;
}

/** What contenders are asked about. */
export interface ContenderOptions {
  /** Whether the images are clean: the time per image and the reconstruction error are those of clean ones. */
  readonly isClean: boolean;
  /** Whether images rounded to 8 bit are measured too. */
  readonly isRounded: boolean;
  /** Passes of each image through a random defense. */
  readonly passes?: number;
}

/** The systems of a column; those of one target model share its recorded step. Disposed with `stack`. */
export function createContenders<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  systems: readonly System<O>[],
  { isClean, isRounded, passes }: ContenderOptions,
  stack: DisposableStack,
): Contender<O, L>[] {
  const shared = new Map<TargetModel<O>, Forward<O>>();
  return systems.map((system) => {
    const { target, defense } = system;
    const known = defense?.changesSize ? undefined : shared.get(target);
    const forward = known ?? stack.use(recordForward(system));
    if (!defense?.changesSize) shared.set(target, forward);
    return {
      system,
      forward,
      metrics: Array.from({ length: passesOf(system, passes) }, () => task.createMetric()),
      ...(isRounded && { rounded: task.createMetric() }),
      ...(isClean && { stopwatch: createStopwatch() }),
      ...(isClean && defense && !defense.changesSize &&
        { reconstruction: createReconstructionError() }),
      outcomes: "",
      notANumber: 0,
    };
  });
}

function recordForward<O extends tf.TensorContainer>(system: System<O>): Forward<O> {
  const answer = answerBehind(system);
  return record(({ images }: { images: Images }) => answer(images), { name: "evaluate" });
}

/**
 * Passes images through a system, as often as it has metrics, and adds its outputs to them; `noise` starts its stream
 * anew at each call.
 */
export async function measure<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  contender: Contender<O, L>,
  { images, labels, count }: Pick<Batch<L>, "images" | "labels" | "count">,
  noise: () => Random,
): Promise<void> {
  const { metrics, rounded, stopwatch, reconstruction } = contender;
  const [size] = images.shape;
  const stream = (pass: number) => noise().fork("pass", pass);
  const outcomes: string[] = [];
  let notANumber = 0;
  for (const [pass, metric] of metrics.entries()) {
    using held = new HeldTensors();
    const begun = performance.now();
    const { restored, output } = held.keep(await answer(contender, images, stream(pass)));
    await stopwatch?.stop(begun, output, size);
    await reconstruction?.add(images, restored, count);
    notANumber = Math.max(notANumber, await countNotNumbers({ restored, output }, size, count));
    await metric.update(output, labels, count);
    outcomes.push(await outcomesOf(task, output, labels, count));
  }
  contender.notANumber += notANumber;
  contender.outcomes += rightInAll(outcomes);
  if (!rounded) return;
  using held = new HeldTensors();
  const eight = held.keep(
    tf.tidy(() => tf.div(tf.round(tf.mul(images, 255)), 255)),
  ) as Images;
  // The noise of a random defense is that of the unrounded images' first pass, so that rounding alone differs.
  const again = held.keep(await answer(contender, eight, stream(0)));
  await rounded.update(again.output, labels, count);
}

/** Images behind the system's defense, and O's output on them; the caller disposes both. */
async function answer<O extends tf.TensorContainer>(
  { system: { defense }, forward }: Pick<Contender<O, never>, "system" | "forward">,
  images: Images,
  random: Random,
): Promise<{ restored: Images; output: O & tf.TensorContainer }> {
  const restored = defense ? await defense.restore(images, random) : tf.clone(images);
  try {
    return { restored, output: forward({ images: restored }) };
  } catch (error) {
    restored.dispose();
    throw error;
  }
}

/** A metric's result. Throws RangeError if it is not in [0, 1], as worst cases, charts and reports require. */
export function resultOf(metric: Pick<Metric<never, never>, "result">): MetricResult {
  const result = metric.result();
  if (result.value >= 0 && result.value <= 1) return result;
  throw new RangeError(
    `Cannot use the metric ${result.name} as its value must be in [0, 1]: current value is ${result.value}`,
  );
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
