/**
 * Victims that tests of attacks can reckon with.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";
import type { Manifold } from "../defenses/defense.ts";
import { type DecidingVictim, requireGradient } from "../attacks/decisions.ts";
import { featureObjective } from "../attacks/feature_objective.ts";
import { manifoldBehind } from "../attacks/manifold_victim.ts";
import { logitObjectives } from "../attacks/objectives.ts";
import { createVictim } from "../attacks/victim.ts";

/** A classifier whose output is its logits `[B, K]` and whose labels are classes `[B]`. */
export interface Classifier extends DecidingVictim<tf.Tensor2D, tf.Tensor1D> {
  /** The classifier itself. */
  predict(images: Images): tf.Tensor2D;
}

/** A classifier from a function, with all the objectives; its features are its logits. */
export function classifier(name: string, predict: (images: Images) => tf.Tensor2D): Classifier {
  const logits = (output: tf.Tensor2D) => output;
  const classOf = (labels: tf.Tensor1D) => labels;
  const victim = createVictim<tf.Tensor2D, tf.Tensor1D>({
    name,
    forward: predict,
    objectives: {
      ...logitObjectives(logits),
      features: featureObjective(
        (vectors: tf.Tensor2D, classes: tf.Tensor1D) => ({ vectors, classes }),
        (vectors) => vectors.shape[0],
      ),
    },
    logits,
    classOf,
  });
  return { ...victim, logits, classOf, predict };
}

/** A classifier of `[B, H, W, C]` images whose logits are `images . weights + bias`. */
export function linearClassifier(
  weights: readonly (readonly number[])[],
  bias: readonly number[],
): Classifier {
  const columns = weights.map((row) => [...row]);
  return classifier("linear", (images) => {
    const flat = tf.reshape(images, [images.shape[0], -1]);
    return tf.add(
      tf.matMul(flat, tf.tensor2d(columns), false, true),
      tf.tensor1d([...bias]),
    ) as tf.Tensor2D;
  });
}

/** What restores nearly any image to itself: vectors are its pixels' logits. */
export const pixelManifold: Manifold = {
  generate: (latents, size) => tf.sigmoid(tf.reshape(latents, [-1, ...size, 3])) as Images,
  nearest: (images) =>
    Promise.resolve(tf.tidy(() => {
      const share = tf.clipByValue(tf.reshape(images, [images.shape[0], -1]), 0.001, 0.999);
      return tf.log(tf.div(share, tf.sub(1, share))) as tf.Tensor2D;
    })),
};

/** A classifier behind {@linkcode pixelManifold}. */
export const onPixels = (victim: Classifier): Classifier => ({
  ...victim,
  ...manifoldBehind({ manifold: pixelManifold }, victim.predict, []),
});

/** A weight of a network, in the device's layout. */
export interface Weight {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** The weights of a small undefended network for 8x8 images and 4 classes, drawn from a seed. */
export function networkWeights(
  seed: number,
): Readonly<Record<"first" | "second" | "last", Weight>> {
  const draw = (name: string, shape: number[], fanIn: number): Weight => ({
    shape,
    values: createRandom(seed, name).normals(
      shape.reduce((product, size) => product * size, 1),
      Math.sqrt(2 / fanIn),
    ),
  });
  return {
    first: draw("first", [3, 3, 3, 8], 27),
    second: draw("second", [3, 3, 8, 8], 72),
    last: draw("last", [128, 4], 128),
  };
}

/** A convolutional network over {@linkcode networkWeights}. */
export function network(seed: number): Classifier {
  const weights = networkWeights(seed);
  const tensor = ({ values, shape }: Weight) => tf.tensor(values, shape);
  return classifier("network", (images) => {
    const centred = tf.mul(tf.sub(images, 0.5), 4) as Images;
    const first = tf.relu(tf.conv2d(centred, tensor(weights.first) as tf.Tensor4D, 1, "same"));
    const second = tf.relu(tf.conv2d(first, tensor(weights.second) as tf.Tensor4D, 1, "same"));
    const pooled = tf.avgPool(second, 2, 2, "valid");
    return tf.matMul(tf.reshape(pooled, [-1, 128]), tensor(weights.last) as tf.Tensor2D);
  });
}

/** Random images `[B, 8, 8, 3]`; some pixels are exactly 0 and some exactly 1. */
export function images8(count: number, seed: number): Images {
  const values = createRandom(seed, "images").uniforms(count * 8 * 8 * 3, -0.1, 1.1);
  return tf.tensor4d(values.map((value) => Math.min(1, Math.max(0, value))), [count, 8, 8, 3]);
}

/** What a classifier says of images: `[B]` int32. */
export function predict(victim: Classifier, images: Images): tf.Tensor1D {
  return tf.tidy(() => tf.cast(tf.argMax(victim.predict(images), 1), "int32"));
}

/** Greatest difference of two tensors. */
export function maxDifference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);
}

/** `[B]` L2 distances between images. */
export function distances(a: Images, b: Images): Float32Array {
  return tf.tidy(() => tf.sqrt(tf.sum(tf.square(tf.sub(a, b)), [1, 2, 3])).dataSync<"float32">());
}

/**
 * A victim that tells the images of which it is asked for gradients.
 *
 * @param victim With a gradient
 * @param tell Called before each answer
 */
export function watchGradients(
  victim: Classifier,
  tell: (images: tf.Tensor4D) => void,
): Classifier {
  return {
    ...victim,
    ascend: (ask, name) => {
      const query = requireGradient(victim, "watching")(ask, name);
      return Object.assign((...given: Parameters<typeof query>) => {
        tell(given[0]);
        return query(...given);
      }, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    },
  };
}
