/**
 * Dense adversary generation, Xie et al. 2017.
 *
 * @module
 */
import { type Images, option, type Random } from "@realign/core";
import {
  createGradientAttack,
  defineTaskAttack,
  type Stepper,
  steps,
  stepSize,
  type TaskAttackDefinition,
} from "@realign/core/attacks";
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import type { DetectionLabels } from "./labels.ts";
import { matchPriors } from "./matching.ts";
import type { DetectionOutput } from "./models/network.ts";

/** Below this a gradient counts as none. */
const SMALLEST = 1e-12;

/**
 * How far the wrong class is behind the true one, summed over the priors that still say the truth: what
 * DAG ascends.
 *
 * @param output Of the victim
 * @param labels The boxes of the examples
 * @param shifts `[B, P]` int32 in `[1, K]`: how far each prior's wrong class is from its own, going round
 * all K + 1
 * @returns `[B]`: Σ (z_wrong - z_true)
 */
export function denseAdversaryGain(
  { logits, priors }: Pick<DetectionOutput, "logits" | "priors">,
  labels: DetectionLabels,
  shifts: tf.Tensor2D,
): tf.Tensor1D {
  const columns = logits.shape[2];
  const { positive, classes } = matchPriors(priors, labels);
  const wrong = tf.mod(tf.add(classes, shifts), columns) as tf.Tensor2D;
  const [own, other] = [classes, wrong].map((index) =>
    tf.sum(tf.mul(logits, tf.cast(tf.oneHot(tf.cast(index, "int32"), columns), "float32")), 2)
  );
  const said = tf.cast(tf.argMax(stopGradient(logits), 2), "int32");
  const stillRight = tf.mul(positive, tf.cast(tf.equal(said, classes), "float32"));
  return tf.sum(tf.mul(tf.sub(other, own), stillRight), 1);
}

/** `[B, P]`: a wrong class for each prior, written as its distance from the true one. */
function drawShifts(random: Random, batch: number, priors: number, classCount: number) {
  const shifts = Int32Array.from(
    { length: batch * priors },
    () => 1 + random.integer(classCount),
  );
  return tf.tensor2d(shifts, [batch, priors], "int32");
}

/**
 * DAG: draws a wrong class for each prior that answers for a box, and moves the image so that all
 * that still say the truth come to say that. Each step goes along the gradient divided by its greatest
 * absolute value, which is `stepSize` for the pixel that moves most; an image that no prior is right
 * about stays as it is.
 *
 * The wrong class may be the background. Xie et al. have no ball and take steps of .5 of 255, 150 of
 * them; here the ball of epsilon holds.
 */
export const dag: TaskAttackDefinition<DetectionOutput, DetectionLabels> = defineTaskAttack<
  DetectionOutput,
  DetectionLabels
>()({
  title: "DAG",
  version: 1,
  options: {
    stepSize: option(
      0.5 / 255,
      stepSize.range,
      "largest change of any pixel in a step",
    ),
    steps: option(150, steps.range, steps.help),
  },
  create(settings, victim) {
    const { name } = settings;
    // Logits are read for their shape alone: how many priors and columns there are.
    const sizes = victim.forward(
      ({ logits }, _: tf.TensorContainerObject) => logits,
      `${name}: sizes`,
    );
    const attack = createGradientAttack(settings, victim, {
      gain: {
        reference: false,
        value: (output, { labels, drawn }) =>
          denseAdversaryGain(output, labels, drawn!.shifts as tf.Tensor2D),
      },
      stepper: byGreatest(settings.stepSize),
      async draw(clean, _labels, random) {
        const logits = await sizes(clean, {}, random.fork("sizes"));
        const [batch, priors, columns] = logits.shape;
        logits.dispose();
        return { shifts: drawShifts(random, batch, priors, columns - 1) };
      },
    });
    return {
      ...attack,
      [Symbol.dispose]() {
        attack[Symbol.dispose]();
        sizes[Symbol.dispose]();
      },
    };
  },
});

/** Steps along the gradient divided by each example's greatest absolute value. */
function byGreatest(stepSize: number): Stepper<Record<string, never>> {
  return {
    begin: () => ({}),
    step({ images, ball, gradient }, norm) {
      const greatest = tf.maximum(tf.max(tf.abs(gradient), [1, 2, 3], true), SMALLEST);
      const move = tf.mul(tf.div(gradient, greatest), stepSize);
      return { images: norm.project(tf.add(images, move) as Images, ball), state: {} };
    },
  };
}
