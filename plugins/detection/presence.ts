/**
 * What attacks on whether there is something at all ascend: objects that vanish, and objects that are made up.
 *
 * @module
 */
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import type { DetectionLabels } from "./labels.ts";
import { matchPriors } from "./matching.ts";
import type { DetectionOutput } from "./models/network.ts";
import { hardNegatives } from "./multibox_loss.ts";

/** What is looked at. */
type Scores = Pick<DetectionOutput, "logits" | "priors">;

/** `[B, P]`: log p of the background, of all objects together, and of the likeliest class of object. */
function logShares({ logits }: Pick<Scores, "logits">) {
  const [batch, priors, columns] = logits.shape;
  const logs = tf.logSoftmax(logits);
  const objects = tf.slice(logs, [0, 0, 1], [batch, priors, columns - 1]);
  return {
    background: tf.reshape(tf.slice(logs, [0, 0, 0], [batch, priors, 1]), [batch, priors]),
    object: tf.logSumExp(objects, 2) as tf.Tensor2D,
    likeliest: tf.max(objects, 2) as tf.Tensor2D,
  };
}

/**
 * Pushes all priors to the background: the mean of log p_background. Priors that say it already hardly pull.
 *
 * @param output Of the target model
 * @returns `[B]`, at most 0
 */
export function vanishObjective(output: Pick<Scores, "logits">): tf.Tensor1D {
  return tf.mean(logShares(output).background, 1);
}

/**
 * Pushes priors that answer for no box to the class of object that they find likeliest: the mean of its log p
 * over them.
 *
 * @param output Of the target model
 * @param labels The boxes of the same examples
 * @returns `[B]`, at most 0
 */
export function fabricateObjective(output: Scores, labels: DetectionLabels): tf.Tensor1D {
  const free = tf.sub(1, matchPriors(output.priors, labels).positive);
  const sums = tf.sum(tf.mul(logShares(output).likeliest, free), 1);
  return tf.div(sums, tf.maximum(tf.sum(free, 1), 1));
}

/**
 * Both at once, whatever the class: the cross-entropy of object against background, of priors that answer for a
 * box and of three times as many hard negatives, over the number of the former.
 *
 * @param output Of the target model
 * @param labels The boxes of the same examples
 * @returns `[B]`, at least 0; 0 for an image without boxes
 */
export function objectnessObjective(output: Scores, labels: DetectionLabels): tf.Tensor1D {
  const { positive } = matchPriors(output.priors, labels);
  const { background, object } = logShares(output);
  const found = stopGradient(tf.neg(background)) as tf.Tensor2D;
  const hard = hardNegatives(found, positive);
  const losses = tf.add(tf.mul(positive, object), tf.mul(hard, background));
  return tf.div(tf.neg(tf.sum(losses, 1)), tf.maximum(tf.sum(positive, 1), 1));
}
