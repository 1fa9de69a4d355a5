/**
 * Evaluates systems: threat model x attack x metric.
 *
 * @module
 */
import type { Batch, Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { pause } from "../pause.ts";
import type { Metric } from "../task.ts";
import * as tf from "../tf.ts";
import { distance } from "./ball_check.ts";
import { AttackedImages, type AttackedParts, endsOf, streamOf } from "./attacked_images.ts";
import type { Column } from "./columns.ts";
import { type Contender, createContenders, measure, resultOf } from "./contender.ts";
import { countNotNumbers } from "./not_numbers.ts";
import { meanResult } from "./passes.ts";
import { formatRatios } from "./ratios.ts";
import type { EvaluationRow } from "./rows.ts";

/** A batch with its attacked images, as an evaluation hands it out. */
export interface AttackedBatch<L> extends Pick<Batch<L>, "labels" | "count" | "indices"> {
  /** `[B, H, W, 3]`; rows from `count` on are padding. Only valid during the call. */
  readonly images: Images;
}

/** Inputs of an evaluation. */
export interface EvaluateParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends AttackedParts<O, L> {
  /** Iterates over the examples, from the first one at each call. */
  readonly batches: () => AsyncIterable<Batch<L>>;
  /** Whether attacked images are measured once more, rounded to 8 bit: `rounded` of a row. @default {false} */
  readonly roundsToo?: boolean;
  /** Takes each finished batch of attacked images. */
  readonly onImages?: (batch: AttackedBatch<L>) => void | Promise<void>;
}

/**
 * Evaluates one column: generates its images once and passes them through every system.
 *
 * @param parts Task, seed, examples
 * @param column Which images, which systems
 * @param progress Called with the number of examples done
 * @returns A row for each system; none if the budget ended before the first batch, or the first whole example. Of
 * clean images one is always measured
 * @throws {Error} If an attack leaves its epsilon ball or [0, 1]; what is not a number is counted instead
 * @throws {RangeError} If the last example is not whole, as where a window of a picture is missing
 */
export async function evaluateColumn<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: EvaluateParts<O, L>,
  column: Column<O>,
  progress: (done: number) => void = () => {},
): Promise<EvaluationRow[]> {
  const { preset: { evaluation }, task, signal, budget, roundsToo = false } = parts;
  const { threatModel, attack: name, attacked, given } = column;
  const ends = endsOf(parts);
  const begun = performance.now();
  using stack = new DisposableStack();
  const isAttacked = column.settings !== null;
  const asked = {
    isClean: !isAttacked,
    isRounded: isAttacked && roundsToo,
    passes: evaluation?.passes,
  };
  const contenders = createContenders(task, column.systems, asked, stack);
  const source = AttackedImages.of(parts, column);
  stack.use(source);
  const ball = source?.attack ?? given;
  let done = 0;
  let maxPerturbation = 0;
  let attackNotANumber = 0;
  let isOver = false;
  const waiting = () => contenders[0]?.metrics[0].open?.() ?? 0;
  try {
    for await (const { images: clean, labels, count, indices } of parts.batches()) {
      using held = new HeldTensors();
      held.keep([clean, labels as tf.TensorContainer]);
      if (isAttacked || done > waiting()) await pause(ends);
      const random = streamOf(parts, column, indices);
      const images = held.keep(
        given
          ? given.imagesOf(clean, indices)
          : await source?.imagesOf({ images: clean, labels, count, indices }) ?? tf.clone(clean),
      );
      attackNotANumber += ball ? await countNotNumbers(images, clean.shape[0], count) : 0;
      const change = await distance(clean, images, name, ball ?? undefined);
      maxPerturbation = Math.max(maxPerturbation, change);
      for (const contender of contenders) {
        await pause(signal);
        const noise = () => random.fork("restore", contender.system.name);
        await measure(task, contender, { images, labels, count }, noise);
      }
      if (ball) await parts.onImages?.({ images, labels, count, indices });
      progress(done += count);
    }
  } catch (error) {
    isOver = budget?.aborted === true && error === budget.reason && !signal?.aborted;
    if (!isOver) throw error;
  }
  if (waiting() > 0 && !isOver) {
    throw new RangeError(
      `Cannot evaluate ${name} as the last example is not whole: it has ${waiting()} of its parts`,
    );
  }
  if (done === waiting()) return [];
  const seconds = (performance.now() - begun) / 1000 / contenders.length;
  const facts = source?.facts(done);
  return contenders.map(({ system, metrics, rounded, outcomes, notANumber, ...clean }) => ({
    threatModel,
    attack: name,
    settings: ball?.settings ?? null,
    system: system.name,
    ...(attacked?.substitute !== undefined && { substitute: attacked.substitute }),
    ...(column.curve && { curve: true }),
    ...facts,
    metric: meanResult(metrics.map(resultOf)),
    ...passesIn(metrics.length, outcomes),
    ...(rounded && { rounded: resultOf(rounded) }),
    maxPerturbation,
    seconds,
    ...(outcomes && { outcomes }),
    ...ratiosIn(metrics),
    ...(isOver && { measured: metrics[0].open ? metrics[0].result().count : done }),
    ...(notANumber > 0 && { notANumber }),
    ...(attackNotANumber > 0 && { attackNotANumber }),
    ...cleanFigures(clean),
  }));
}

/** The summands of each example, where the metric has them; of several passes there is more than one. */
function ratiosIn(
  metrics: readonly Pick<Metric<never, never>, "ratios">[],
): Pick<EvaluationRow, "ratios"> {
  const ratios = metrics.length === 1 ? metrics[0].ratios?.() : undefined;
  return ratios ? { ratios: ratios.map(formatRatios) } : {};
}

/** What is measured on clean images alone. */
function cleanFigures(
  { stopwatch, reconstruction }: Pick<Contender<never, never>, "stopwatch" | "reconstruction">,
): Pick<EvaluationRow, "millisecondsPerImage" | "reconstructionError"> {
  const [time, error] = [stopwatch?.result(), reconstruction?.result()];
  return {
    ...(time !== undefined && { millisecondsPerImage: time }),
    ...(error !== undefined && { reconstructionError: error }),
  };
}

/** What a row says of several passes. */
function passesIn(passes: number, outcomes: string): Pick<EvaluationRow, "passes" | "rightInAll"> {
  if (passes === 1) return {};
  const right = outcomes.split("1").length - 1;
  return { passes, ...(outcomes && { rightInAll: right / outcomes.length }) };
}
