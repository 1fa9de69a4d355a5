/**
 * The toy's O, defenses before it, and what the gradient through them is by hand: for tests of victims.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Victim } from "../attacks/victim.ts";
import { createRandom, type Random } from "../random.ts";
import * as tf from "../tf.ts";
import { useTestBackend } from "./mod.ts";
import { createToyTask, type ToyOutput } from "./toy_task.ts";
import { images8 } from "./victims.ts";

await useTestBackend();

/** The toy's task. */
export const task = createToyTask();
/** O. */
export const target = task.createTarget("toy-net", createRandom(1));
/** `[3, 8, 8, 3]`. */
export const images = images8(3, 1);
/** `[3]`. */
export const labels = tf.tensor1d([0, 1, 2], "int32");

/** The gradient of the summed cross-entropy in the images. */
export async function gradientOf(
  victim: Victim<ToyOutput, tf.Tensor1D>,
  seed = 1,
): Promise<tf.Tensor4D> {
  const objective = victim.objectives["cross-entropy"];
  assert.ok(typeof objective === "function");
  using ascend = victim.ascend!(
    (output: ToyOutput, { labels }: { labels: tf.Tensor1D }) => ({
      gains: [objective(output, labels)],
      read: [],
    }),
    "gradient",
  );
  const { gains: [gain], gradients: [gradient] } = await ascend(
    images,
    { labels },
    createRandom(seed),
  );
  gain.dispose();
  return gradient;
}

/** The same by hand: through `restore`, of O. */
export const byHand = (restore: (images: tf.Tensor4D) => tf.Tensor4D, at = images) =>
  tf.grad((x) => {
    const objective = task.objectives["cross-entropy"];
    assert.ok(typeof objective === "function");
    return tf.sum(objective(target.forward(restore(x as tf.Tensor4D)), labels));
  })(at) as tf.Tensor4D;

/** A victim with a fourth class that is never near, for attacks that need four. */
export const withFourth = (
  { logits, ...victim }: Victim<ToyOutput, tf.Tensor1D>,
): Victim<ToyOutput, tf.Tensor1D> => ({
  ...victim,
  logits: (output) => tf.pad(logits!(output), [[0, 0], [0, 1]], -20) as tf.Tensor2D,
});

/** Rounds to steps of a fifth; its stand-in is the identity. */
export const rounding = {
  name: "rounding",
  variables: [],
  restore: (images: tf.Tensor4D) =>
    Promise.resolve(tf.tidy(() => tf.div(tf.round(tf.mul(images, 5)), 5) as tf.Tensor4D)),
  gradient: { exact: false, apply: (images: tf.Tensor4D) => images },
};

/** Multiplies each image by its own random factor, from 0 to 2. */
export const flickering = {
  name: "flickering",
  variables: [],
  restore: (images: tf.Tensor4D) => Promise.resolve(tf.clone(images)),
  gradient: {
    exact: true,
    draw: (
      [batch]: readonly number[],
      random: Random,
    ) => ({
      factors: tf.tensor4d(random.uniforms(batch, 0, 2), [batch, 1, 1, 1]),
    }),
    apply: (images: tf.Tensor4D, { factors }: tf.TensorContainerObject) =>
      tf.mul(images, factors as tf.Tensor) as tf.Tensor4D,
  },
};
