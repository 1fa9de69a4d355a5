/**
 * One run of APGD from a given start.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import {
  absorb,
  type ApgdState,
  beginApgd,
  checkpointsOf,
  type Evaluated,
  halve,
  move,
  resultOf,
} from "./apgd_state.ts";
import type { Norm } from "./ball.ts";
import { decides, requireGradient, shareWrong } from "./decisions.ts";
import type { Gain, Given } from "./objective.ts";
import { rowsOf } from "./remaining.ts";
import { ShrinkingBatch } from "./shrinking_batch.ts";
import type { Victim } from "./victim.ts";

/** Share of a window's steps that must be rises if the step is to stay as it is. */
const RISING_SHARE = 0.75;

/** What a run of APGD ascends and keeps. */
export interface ClimbPlan<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  /** Whose gradient is followed. */
  readonly gain: Gain<O, L>;
  /** Decides which iterate is best, and when steps are halved. Default: `gain` */
  readonly control?: Gain<O, L>;
  /**
   * How far an output has succeeded, `[B]`, at least 0; the last of the iterates that have succeeded
   * furthest is kept. Default: 1 where it is misclassified; where the victim has no logits or is random, 0
   * everywhere, and the iterate with the highest gain is kept
   */
  success?(output: O, given: Given<O, L>): tf.Tensor1D;
  /**
   * Whether examples leave at the first checkpoint at which they have succeeded: as many succeed, sooner. Without effect
   * where nothing tells success, or gradients are of another victim. Default: false
   */
  readonly untilFooled?: boolean;
}

/** Where a run begins and how far it goes. Runs of several radii share their recorded steps. */
export interface ClimbFrom {
  /** `[B, H, W, C]` within the ball; not disposed. */
  readonly start: Images;
  /** `[B, H, W, C]`: the middle of the ball. */
  readonly clean: Images;
  readonly epsilon: number;
  readonly steps: number;
}

/** A run of APGD: from where it begins to its images, which the caller owns. */
export type Climb<O extends tf.TensorContainer, L extends tf.TensorContainer> =
  & ((from: ClimbFrom, given: Given<O, L>, random: Random) => Promise<Images>)
  & Disposable;

/**
 * Creates runs of APGD (Croce and Hein 2020): steps of 2 epsilon with momentum, halved for each example at
 * checkpoints where its gain has stopped rising, from where the run goes on at the best iterate. No values are
 * read back in a run, but at checkpoints where examples may leave. It asks for one more gradient than it has steps.
 *
 * @param name Names the recorded steps in errors
 * @param norm Of the ball
 * @param victim The victim; it must have a gradient
 * @param plan What is ascended and kept
 * @returns The run; dispose it
 * @throws {RangeError} If the victim has no gradient
 *
 * @example Usage
 * ```ts
 * import { createClimb, createVictim, linf } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "sum",
 *   forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
 *   objectives: {},
 * });
 * using climb = createClimb("brighten", linf, victim, { gain: { reference: false, value: (sum) => sum } });
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const given = { labels: [], reference: undefined, progress: tf.scalar(0), drawn: undefined };
 * const from = { start: clean, clean, epsilon: 0.25, steps: 3 };
 * const images = await climb(from, given, createRandom(1));
 * assert.deepEqual([...images.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export function createClimb<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  Bounds extends tf.TensorContainerObject,
>(
  name: string,
  norm: Norm<Bounds>,
  victim: Victim<O, L>,
  { gain, control, success = fooled(victim), untilFooled = false }: ClimbPlan<O, L>,
): Climb<O, L> {
  const ascend = requireGradient(victim, name)(
    (output: O, given: Given<O, L>) => {
      const value = gain.value(output, given);
      return {
        gains: [value],
        read: {
          control: control ? control.value(output, given) : undefined,
          success: success ? success(output, given) : tf.zerosLike(value),
        },
      };
    },
    `${name}: gradient`,
  );

  interface Moment extends tf.TensorContainerObject {
    readonly state: ApgdState;
    readonly evaluated: Evaluated;
    readonly ball: Bounds;
  }
  const begin = recordState(
    ({ start, evaluated, stepSize, ball }: {
      start: Images;
      evaluated: Evaluated;
      stepSize: tf.Scalar;
      ball: Bounds;
    }) => move(beginApgd(start, evaluated, stepSize), ball, norm, true),
    `${name}: begin`,
  );
  const step = recordState(
    ({ state, evaluated, ball }: Moment) => move(absorb(state, evaluated), ball, norm, false),
    `${name}: step`,
  );
  const check = recordState(
    ({ state, evaluated, ball, limit }: Moment & { limit: tf.Scalar }) =>
      move(halve(absorb(state, evaluated), limit), ball, norm, false),
    `${name}: checkpoint`,
  );

  // What fools a stand-in of the victim may not fool the victim.
  const mayLeave = untilFooled && success !== undefined && !victim.gradientOf;
  const climb = async (
    { start, clean, epsilon, steps }: ClimbFrom,
    { progress: _, ...given }: Given<O, L>,
    random: Random,
  ): Promise<Images> => {
    using constants = new HeldTensors();
    const ballAround = (clean: Images) =>
      constants.keep(tf.tidy(() => norm.around(clean, epsilon)));
    using batch = new ShrinkingBatch(start, victim.positional);
    let own = { clean, given };
    let ball = ballAround(clean);
    const checkpoints = checkpointsOf(steps);
    let state: ApgdState | undefined;
    try {
      for (let taken = 0; taken <= steps; taken++) {
        using held = new HeldTensors();
        const progress = held.keep(tf.scalar(taken / steps));
        const { gains: [value], gradients: [gradient], read } = held.keep(
          await ascend(
            state?.images ?? start,
            { ...own.given, progress },
            random.fork("step", taken),
          ),
        );
        const evaluated = { gain: read.control ?? value, gradient, success: read.success };
        const window = checkpoints.get(taken);
        const before: ApgdState | undefined = state;
        if (!before) {
          const stepSize = held.keep(tf.scalar(2 * epsilon));
          state = begin({ start, evaluated, stepSize, ball });
        } else if (window === undefined) {
          state = step({ state: before, evaluated, ball });
        } else {
          const limit = held.keep(tf.scalar(RISING_SHARE * window));
          state = check({ state: before, evaluated, ball, limit });
        }
        tf.dispose(before ?? []);

        if (!mayLeave || window === undefined || taken === steps) continue;
        const all = state;
        const success = await all.kept.success.data();
        const staying = batch.shrink(all.kept.images, (place) => success[place] > 0);
        if (!staying) continue;
        held.keep(staying);
        if (batch.count === 0) break;
        own = constants.keep(tf.tidy(() => rowsOf(own, staying)));
        ball = ballAround(own.clean);
        state = tf.tidy(() => rowsOf(all, staying));
        tf.dispose(all);
      }
      return tf.tidy(() => batch.finish(resultOf(state!)));
    } finally {
      tf.dispose(state ?? []);
    }
  };
  return Object.assign(climb, {
    [Symbol.dispose]() {
      for (const part of [ascend, begin, step, check]) part[Symbol.dispose]();
    },
  });
}

/** Records a change of the state, which may leave some of its tensors as they are: the caller owns copies of them. */
function recordState<I extends tf.TensorContainer>(
  change: (inputs: I) => ApgdState,
  name: string,
): RecordedStep<I, ApgdState> {
  return record((inputs: I) => copied(change(inputs), (tensor) => tf.clone(tensor)), { name });
}

/** Success where the victim has logits and is not random: 1 for another class than the label's. */
function fooled<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
): ClimbPlan<O, L>["success"] {
  // One lucky draw is no success: of a random victim the mean gain decides.
  if (!decides(victim) || (victim.gradientOf ?? victim).random) return undefined;
  return (output, { labels }) => shareWrong(victim, victim.logits(output), labels);
}
