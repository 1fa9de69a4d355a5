/**
 * Objectives as functions of logits and labels, for any task.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { dlr } from "./dlr.ts";
import type { Objective } from "./objective.ts";
import { MASK, oneHot } from "./one_hot.ts";

/**
 * Computes the cross-entropy of each example: `-log softmax(z)_y`.
 *
 * @param logits `[B, K]`
 * @param labels `[B]` int32 in `[0, K)`
 * @returns `[B]`, at least 0
 *
 * @example Usage
 * ```ts
 * import { crossEntropy } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const losses = crossEntropy(tf.tensor2d([[0, 0]]), tf.tensor1d([1], "int32"));
 * assert.ok(Math.abs(losses.dataSync()[0] - Math.LN2) < 1e-6);
 * ```
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(oneHot(labels, logits.shape[1]), tf.logSoftmax(logits)), 1));
}

/**
 * Computes the divergence from the clean prediction: KL(p || q) = sum p (log p - log q), with p
 * from the clean and q from the adversarial image (Zhang et al. 2019, TRADES).
 *
 * Both logarithms come from the logits, so a probability that underflows to 0 adds 0. The gradient
 * is 0 where p = q: start near the clean image, not at it.
 *
 * @param logits `[B, K]` on adversarial images
 * @param reference `[B, K]` on clean images, a constant
 * @returns `[B]`, at least 0 up to rounding
 *
 * @example Usage
 * ```ts
 * import { klDivergence } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const clean = tf.tensor2d([[0, -1000]]);
 * assert.equal(klDivergence(clean, clean).dataSync()[0], 0);
 * assert.equal(klDivergence(tf.tensor2d([[-1000, 0]]), clean).dataSync()[0], 1000);
 * ```
 */
export function klDivergence(logits: tf.Tensor2D, reference: tf.Tensor2D): tf.Tensor1D {
  const difference = tf.sub(tf.logSoftmax(reference), tf.logSoftmax(logits));
  return tf.sum(tf.mul(tf.softmax(reference), difference), 1);
}

/**
 * Computes how far each example is past its decision boundary: max_{j != y} z_j - z_y.
 *
 * @param logits `[B, K]`, K at least 2
 * @param labels `[B]` int32 in `[0, K)`
 * @returns `[B]`, positive where the example is misclassified
 *
 * @example Usage
 * ```ts
 * import { margin } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const logits = tf.tensor2d([[-3, -1, -2]]);
 * assert.equal(margin(logits, tf.tensor1d([1], "int32")).dataSync()[0], -1);
 * ```
 */
export function margin(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const own = oneHot(labels, logits.shape[1]);
  const greatestOther = tf.max(tf.sub(logits, tf.mul(own, MASK)), 1);
  return tf.sub(greatestOther, tf.sum(tf.mul(own, logits), 1));
}

/**
 * Computes the margin loss of Carlini and Wagner, as Madry et al. ascend it in an L-infinity ball:
 * -max(0, z_y - max_{j != y} z_j + confidence).
 *
 * @param logits `[B, K]`, K at least 2
 * @param labels `[B]` int32 in `[0, K)`
 * @param confidence Margin beyond the boundary at which the gradient vanishes
 * @returns `[B]`, at most 0
 *
 * @example Usage
 * ```ts
 * import { carliniWagnerMargin } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const logits = tf.tensor2d([[3, 1], [0, 60]]);
 * const losses = carliniWagnerMargin(logits, tf.tensor1d([0, 0], "int32"));
 * assert.deepEqual([...losses.dataSync()], [-52, -0]);
 * ```
 */
export function carliniWagnerMargin(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  confidence = 50,
): tf.Tensor1D {
  return tf.neg(tf.relu(tf.sub(confidence, margin(logits, labels))));
}

/**
 * The objectives of a network with one vector of logits per example: "cross-entropy", "kl", "cw-margin",
 * "dlr".
 *
 * @param logitsOf From an output to its logits `[B, K]`
 * @returns The objectives, by name; labels are classes `[B]` int32
 *
 * @example Usage
 * ```ts
 * import { logitObjectives, objectiveValue } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const objectives = logitObjectives((output: tf.Tensor2D) => output);
 * const [logits, labels] = [tf.tensor2d([[3, 1]]), tf.tensor1d([0], "int32")];
 * const value = objectiveValue(objectives["cw-margin"], logits, labels, logits);
 * assert.deepEqual([...value.dataSync()], [-52]);
 * ```
 */
export function logitObjectives<O>(
  logitsOf: (output: O) => tf.Tensor2D,
): Readonly<Record<string, Objective<O, tf.Tensor1D>>> {
  return {
    "cross-entropy": (output, labels) => crossEntropy(logitsOf(output), labels),
    kl: {
      reference: true,
      value: (output, _labels, reference) => klDivergence(logitsOf(output), logitsOf(reference)),
    },
    "cw-margin": (output, labels) => carliniWagnerMargin(logitsOf(output), labels),
    dlr: (output, labels) => dlr(logitsOf(output), labels),
  };
}
