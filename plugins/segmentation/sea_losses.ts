/**
 * The losses of SEA (Croce et al. 2023), each the mean over an example's pixels that count, and what decides
 * between them.
 *
 * @module
 */
import { crossEntropy } from "@realign/core/attacks";
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import { meanByExample, type PixelRows } from "./pixels.ts";

/** `[B h w]`: 1 where the network says the label, else 0; a constant. */
function right({ logits, labels }: PixelRows): tf.Tensor1D {
  return tf.cast(tf.equal(tf.argMax(stopGradient(logits), 1), labels), "float32");
}

/** `[B h w]`: the cross-entropy where the network is right now, 0 where it is wrong. */
function stillToWin(rows: PixelRows): tf.Tensor1D {
  return tf.mul(right(rows), crossEntropy(rows.logits, rows.labels));
}

/**
 * The cross-entropy of the pixels that are right now: what is lost already pulls no more.
 *
 * @param rows Of the victim
 * @returns `[B]`, at least 0
 */
export function maskedCrossEntropy(rows: PixelRows): tf.Tensor1D {
  return meanByExample(stillToWin(rows), rows.valid);
}

/**
 * The same, each class counting alike however few pixels it has: the mean over the classes of a picture of the
 * mean over their pixels. SEA weights classes by a data set's frequencies, here it is the picture's own.
 *
 * @param rows Of the victim
 * @returns `[B]`, at least 0
 */
export function balancedCrossEntropy(rows: PixelRows): tf.Tensor1D {
  const [batch, pixels] = rows.valid.shape;
  const classCount = rows.logits.shape[1];
  // Of an ignored pixel all are 0.
  const own = tf.reshape(tf.cast(tf.oneHot(rows.labels, classCount), "float32"), [
    batch,
    pixels,
    classCount,
  ]);
  const counts = tf.sum(own, 1, true);
  const weights = tf.sum(tf.div(own, tf.maximum(counts, 1)), 2);
  const sums = tf.sum(tf.mul(tf.reshape(stillToWin(rows), [batch, pixels]), weights), 1);
  const classes = tf.sum(tf.minimum(counts, 1), [1, 2]);
  return tf.div(sums, tf.maximum(classes, 1));
}

/**
 * The Jensen-Shannon divergence of the softmax p from the label's one-hot vector. It follows from p_y alone:
 * log 2 + (p_y log p_y - (1 + p_y) log(1 + p_y)) / 2. Pixels far beyond their boundary pull less and less.
 *
 * @param rows Of the victim
 * @returns `[B]` in [0, log 2]
 */
export function jensenShannon({ logits, labels, valid }: PixelRows): tf.Tensor1D {
  const losses = crossEntropy(logits, labels); // -log p_y
  const share = tf.exp(tf.neg(losses));
  const total = tf.add(tf.mul(share, losses), tf.mul(tf.add(share, 1), tf.log1p(share)));
  return meanByExample(tf.sub(Math.LN2, tf.mul(0.5, total)), valid);
}

/**
 * The share of the pixels that are wrong: 1 - pixel accuracy. It has no gradient.
 *
 * @param rows Of the victim
 * @returns `[B]` in [0, 1]
 */
export function pixelErrors(rows: PixelRows): tf.Tensor1D {
  return meanByExample(tf.sub(1, right(rows)), rows.valid);
}
