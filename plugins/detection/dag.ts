/**
 * Dense adversary generation, Xie et al. 2017.
 *
 * @module
 */
import type { Images, Random } from "@realign/core";
import {
  type Attack,
  type AttackSettings,
  type Ball,
  ballAround,
  project,
  resolveSettings,
  type Victim,
} from "@realign/core/attacks";
import { record } from "@realign/core/backend";
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
 * Makes DAG: draws a wrong class for each prior that answers for a box, and moves the image so that all
 * that still say the truth come to say that. Each step goes along the gradient divided by its greatest
 * absolute value, which is `stepSize` for the pixel that moves most; an image that no prior is right
 * about stays as it is.
 *
 * The wrong class may be the background. Xie et al. have no ball and take steps of .5 of 255, 150 of
 * them; here the ball of epsilon holds. Defaults: 150 steps of .5 / 255.
 *
 * @param settings The ball and the steps
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work
 */
export function dag(
  settings: AttackSettings,
  victim: Victim<DetectionOutput, DetectionLabels>,
): Attack<DetectionLabels> {
  const resolved = resolveSettings(settings, { stepSize: 0.5 / 255, steps: 150 });
  interface StepInputs extends tf.TensorContainerObject {
    readonly images: Images;
    readonly ball: Ball;
    readonly labels: DetectionLabels;
    readonly shifts: tf.Tensor2D;
  }
  const advance = record(
    ({ images, ball, labels, shifts }: StepInputs) => {
      const gradient = tf.grad((pixels) =>
        denseAdversaryGain(victim.forward(pixels as Images), labels, shifts)
      )(images);
      const greatest = tf.maximum(tf.max(tf.abs(gradient), [1, 2, 3], true), SMALLEST);
      const move = tf.mul(tf.div(gradient, greatest), resolved.stepSize);
      return project(tf.add(images, move) as Images, ball);
    },
    { name: `${settings.name}: step` },
  );
  const sizeOf = record(
    ({ images }: { images: Images }) => victim.forward(images).logits,
    { name: `${settings.name}: sizes` },
  );
  return {
    name: settings.name,
    settings: resolved,
    perturb: (clean, labels, random) =>
      Promise.try(() =>
        tf.tidy(() => {
          const [batch, priors, columns] = sizeOf({ images: clean }).shape;
          const shifts = drawShifts(random, batch, priors, columns - 1);
          const ball = ballAround(clean, resolved.epsilon);
          let images = tf.clone(clean);
          const steps = resolved.epsilon === 0 ? 0 : resolved.steps;
          for (let step = 0; step < steps; step++) {
            const next = advance({ images, ball, labels, shifts });
            images.dispose();
            images = next;
          }
          return images;
        })
      ),
    [Symbol.dispose]() {
      for (const step of [advance, sizeOf]) step[Symbol.dispose]();
    },
  };
}
