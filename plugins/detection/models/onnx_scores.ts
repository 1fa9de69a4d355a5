/**
 * Scores of other detectors as logits of K classes and the background.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { type ClassColumns, takeColumns } from "@realign/interop";
import type { DetectionOutput } from "./network.ts";

/** What a detector's scores are. */
export interface ScoreSettings {
  /**
   * What makes probabilities of scores: "softmax" over all classes, as SSD's, or "sigmoid" of each, as RetinaNet's and
   * YOLO's; "none" if they are some already. @default {"softmax"}
   */
  readonly activation?: "softmax" | "sigmoid" | "none";
  /** Which column is the background's. Default: "first" with "softmax", else "none" */
  readonly background?: "first" | "last" | "none";
}

/** Below every probability that matters, above what float32 has no logarithm of. */
const SMALLEST = 1e-30;
/** The least that 1 - p is in float32, but for 0. */
const SMALLEST_REST = 2 ** -24;

/** log p and log (1 - p) of a probability. */
interface Logarithms {
  readonly of: tf.Tensor;
  readonly rest: tf.Tensor;
}

function logarithms(values: tf.Tensor, isProbability: boolean): Logarithms {
  if (!isProbability) {
    return {
      of: tf.neg(tf.softplus(tf.neg(values))),
      rest: tf.neg(tf.softplus(values)),
    };
  }
  return {
    of: tf.log(tf.maximum(values, SMALLEST)),
    rest: tf.log(tf.maximum(tf.sub(1, values), SMALLEST_REST)),
  };
}

/** log (e^a + e^b) */
function logAdd(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.add(a, tf.softplus(tf.sub(b, a)));
}

/**
 * Turns scores into logits of the background and the K wanted classes.
 *
 * - Classes that exclude each other: their logits as they stand; the background's is the logarithm of the sum of the
 *   exponentials of its own and of all classes that are not wanted. So the softmax of the wanted ones stays exactly.
 * - Classes that do not, each with a probability s: logits 0 for the background and ln(s / (1 - s)) for a class, so that
 *   s is the softmax of each against the background. Over all classes softmax adds up to 1, which such scores need
 *   not, so they go along as `scores`, and boxes are scored by them exactly.
 * - With objectness s = s_o s_k, whose 1 - s is (1 - s_o) + s_o (1 - s_k), in logarithms.
 *
 * @param scores `[B, P, C]`
 * @param objectness `[B, P, 1]`, of the same kind; undefined if there is none
 * @param settings What they are
 * @param columns Where the wanted classes stand
 * @param fail Throws an error with a reason
 * @returns `[B, P, K + 1]`, and `[B, P, K]` where classes do not exclude each other
 */
export function readScores(
  scores: tf.Tensor3D,
  objectness: tf.Tensor3D | undefined,
  { activation = "softmax", background = activation === "softmax" ? "first" : "none" }:
    ScoreSettings,
  columns: ClassColumns,
  fail: (reason: string) => never,
): Pick<DetectionOutput, "logits" | "scores"> {
  const count = scores.shape[2];
  if (background === "none") {
    if (activation === "softmax") fail("softmax needs a background: set background or activation");
    const chosen = takeColumns(scores, columns(count));
    return independent(chosen, objectness, activation === "none");
  }
  if (objectness || activation === "sigmoid") {
    fail(`scores with ${objectness ? "objectness" : "sigmoid"} have no background: set background`);
  }
  const chosen = columns(count, background === "first" ? 0 : count - 1);
  const rest = Array.from({ length: count }, (_, column) => column)
    .filter((column) => !chosen.includes(column));
  const logits: tf.Tensor3D = activation === "none" ? tf.log(tf.maximum(scores, SMALLEST)) : scores;
  const others = takeColumns(logits, rest);
  const none = rest.length === 1 ? others : tf.logSumExp(others, 2, true);
  if (background === "first" && chosen.length === count - 1) {
    if (chosen.every((column, place) => column === place + 1)) return { logits };
  }
  return { logits: tf.concat([none as tf.Tensor3D, takeColumns(logits, chosen)], 2) };
}

function independent(
  scores: tf.Tensor3D,
  objectness: tf.Tensor3D | undefined,
  isProbability: boolean,
): Pick<DetectionOutput, "logits" | "scores"> {
  const probability = (values: tf.Tensor) => isProbability ? values : tf.sigmoid(values);
  let own = scores as tf.Tensor;
  let logits = scores as tf.Tensor;
  if (isProbability || objectness) {
    let { of, rest } = logarithms(scores, isProbability);
    if (objectness) {
      const object = logarithms(objectness, isProbability);
      rest = logAdd(object.rest, tf.add(object.of, rest));
      of = tf.add(object.of, of);
    }
    logits = tf.sub(of, rest);
  }
  own = probability(scores);
  if (objectness) own = tf.mul(own, probability(objectness));
  const background = tf.zeros([scores.shape[0], scores.shape[1], 1]);
  return {
    logits: tf.concat([background, logits], 2) as tf.Tensor3D,
    scores: own as tf.Tensor3D,
  };
}
