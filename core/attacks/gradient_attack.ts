/**
 * The skeleton of gradient attacks in a ball: start, gradient, step, project, clip.
 *
 * An attack chooses a {@linkcode Gain} to ascend, a ball ({@linkcode Norm}) and a
 * {@linkcode Stepper}; the victim provides the gradients.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Perturber } from "./attack.ts";
import { type Norm, norms } from "./ball.ts";
import { type Comparison, createComparison, givenFor, type Iterate, stronger } from "./judge.ts";
import type { Gain, Given } from "./objective.ts";
import { createStart, type RandomStart } from "./start.ts";
import { type Moment, steepest, type Stepper } from "./stepper.ts";
import { requireGradient } from "./decisions.ts";
import { strongestImages } from "./strongest_images.ts";
import type { Victim } from "./victim.ts";

/** Settings of the skeleton. */
export interface GradientSettings {
  readonly name: string;
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  /** @default {"none"} */
  readonly randomStart?: RandomStart;
  /** Independent restarts; the strongest result of each example counts. @default {1} */
  readonly restarts?: number;
  /** Whether restarts go on only with what does not fool the victim yet. @default {false} */
  readonly untilFooled?: boolean;
  /** The last iterate (the paper), or each example's iterate with the highest gain. @default {"last"} */
  readonly return?: "last" | "best";
  /** Move towards the labels instead of away from them. @default {false} */
  readonly targeted?: boolean;
  /** @default {"linf"} */
  readonly norm?: "linf" | "l2";
}

/** Parts of a gradient attack. */
export interface GradientPlan<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  /** What is ascended, or descended if targeted. */
  readonly gain: Gain<O, L>;
  /** How it steps. Default: `stepSize` along the norm's direction */
  // deno-lint-ignore no-explicit-any -- a stepper's state is its own affair
  readonly stepper?: Stepper<any>;
  /** Draws the gain's random inputs for a batch; disposed after the batch. */
  draw?(clean: Images, labels: L, random: Random): Promise<tf.TensorContainerObject>;
}

/**
 * Creates an attack that ascends a gain within a ball: x <- clip(project(x + stepSize * direction)),
 * starting at or near x^c. No values are read back between steps.
 *
 * @param settings Resolved settings
 * @param victim The victim; it must have a gradient
 * @param plan Gain and stepper
 * @returns The attack; a gain that changes with progress is compared at its final value
 * @throws {RangeError} If the victim has no gradient, or a step is longer than pixels reach
 *
 * @example Usage
 * ```ts
 * import { createGradientAttack, createVictim } from "@realign/core/attacks";
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
 * using attack = createGradientAttack(
 *   { name: "brighten", epsilon: 0.25, stepSize: 0.125, steps: 3 },
 *   victim,
 *   { gain: { reference: false, value: (sum) => sum } },
 * );
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export function createGradientAttack<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: GradientSettings,
  victim: Victim<O, L>,
  { gain, stepper = steepest(settings.stepSize), draw }: GradientPlan<O, L>,
): Perturber<L> {
  const { name, epsilon, steps, stepSize, restarts = 1, targeted = false, untilFooled } = settings;
  const norm = norms[settings.norm ?? "linf"] as Norm<tf.TensorContainerObject>;
  if (norm.name === "linf" && stepSize > Math.max(1, epsilon)) {
    throw new RangeError(
      `Cannot set up "${name}" as stepSize must be at most 1, the range of a pixel: current value is ${stepSize}`,
    );
  }
  const sign = targeted ? -1 : 1;

  // Steps compare gains of what the gradients are of; restarts compare those of the victim itself.
  const climbed = victim.gradientOf ?? victim;
  const climbing = createComparison(name, climbed, gain, targeted);
  const judging = climbed === victim ? climbing : createComparison(name, victim, gain, targeted);
  const ascend = requireGradient(victim, name)(
    (output: O, given: Given<O, L>) => ({
      gains: [tf.mul(gain.value(output, given), sign)],
      read: [],
    }),
    `${name}: gradient`,
  );
  const move = record(
    (moment: Moment<tf.TensorContainerObject, tf.TensorContainerObject>) =>
      stepper.step(moment, norm),
    { name: `${name}: step` },
  );
  const startOf = createStart(norm, settings.randomStart ?? "none", epsilon);

  /** Runs the steps from one start, which it disposes; returns the images of the last or best step. */
  async function climb(
    start: Images,
    ball: tf.TensorContainerObject,
    given: Given<O, L>,
    random: Random,
  ): Promise<Images> {
    const keepsBest = settings.return === "best";
    let current = { images: start, state: tf.tidy(() => stepper.begin(start)) };
    let best: Iterate | undefined;
    try {
      for (let step = 0; step < steps; step++) {
        using held = new HeldTensors();
        const progress = held.keep(tf.scalar(step / steps));
        const { gains: [value], gradients: [gradient] } = held.keep(
          await ascend(current.images, { ...given, progress }, random.fork("step", step)),
        );
        const next = move({ ...current, ball, gain: value, gradient, progress });
        if (keepsBest) best = improved(best, current.images, value);
        tf.dispose(current);
        current = next;
      }
      if (!keepsBest) return tf.clone(current.images);
      const { gain: value, success } = await climbing.judge(
        current.images,
        given,
        random.fork("judge"),
      );
      best = improved(best, current.images, value);
      tf.dispose([value, success]);
      return tf.clone(best.images);
    } finally {
      tf.dispose([current, best ?? []]);
    }
  }

  return {
    norm: norm.name,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const drawn = held.keep(await draw?.(clean, labels, random));
      const givenOf = (comparison: Comparison<O, L>) =>
        givenFor(comparison, clean, labels, random, held, drawn);
      const given = await givenOf(climbing);
      const run = async (restart: number, clean: Images, given: Given<O, L>) => {
        using own = new HeldTensors();
        const ball = own.keep(tf.tidy(() => norm.around(clean, epsilon)));
        const start = startOf(clean, ball, random);
        return await climb(start, ball, given, random.fork("restart", restart));
      };
      if (restarts === 1) return await run(0, clean, given);
      const { progress, reference } = given;
      return await strongestImages(
        { judge: judging.judge, positional: victim.positional, count: restarts, untilFooled },
        {
          clean,
          given: judging === climbing ? given : await givenOf(judging),
          inputs: { reference },
        },
        (restart, { clean, given: { labels, drawn }, inputs }) =>
          run(restart, clean, { labels, progress, drawn, ...inputs }),
        random,
      );
    },
    [Symbol.dispose]() {
      for (const part of new Set([climbing, judging, ascend, move])) part[Symbol.dispose]();
    },
  };
}

/** Selects each example's images with the higher gain; `best` is disposed, images and gain are not. */
function improved(best: Iterate | undefined, images: Images, gain: tf.Tensor1D): Iterate {
  const challenger = {
    images: tf.clone(images),
    success: tf.zerosLike(gain),
    gain: tf.clone(gain),
  };
  if (!best) return challenger;
  const better = stronger(best, challenger);
  tf.dispose([best, challenger]);
  return better;
}
