/**
 * Attacks for networks that decide about every pixel.
 *
 * @module
 */
import {
  type AttackTable,
  carliniWagnerMargin,
  confidence,
  createGradientAttack,
  crossEntropy,
  defineTaskAttack,
  type Gain,
  randomStart,
  restarts,
  returned,
  steps,
  stepSize,
  type TaskAttackDefinition,
} from "@realign/core/attacks";
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import { denseDeepfool } from "./dense_deepfool.ts";
import type { SegmentationOutput } from "./models/mod.ts";
import { meanByExample, type PixelRows, pixelRows } from "./pixels.ts";
import { apgdStages, sea } from "./sea.ts";

/** An attack on segmenters. */
type SegmentationAttack = TaskAttackDefinition<SegmentationOutput, tf.Tensor3D>;

const define = defineTaskAttack<SegmentationOutput, tf.Tensor3D>();

/** How much each pixel's cross-entropy counts: `[B h w]`, from the rows and from t / n. */
type PixelWeights = (rows: PixelRows, progress: tf.Scalar) => tf.Tensor1D;

/** The cross-entropy of pixels, each weighted by a number that no gradient goes through. */
function weightedGain(weigh: PixelWeights): Gain<SegmentationOutput, tf.Tensor3D> {
  return {
    reference: false,
    value({ logits }, { labels, progress }) {
      const rows = pixelRows(logits, labels);
      const weights = stopGradient(weigh(rows, progress));
      return meanByExample(tf.mul(weights, crossEntropy(rows.logits, rows.labels)), rows.valid);
    },
  };
}

/**
 * SegPGD (Gu et al. 2022): PGD that turns from the pixels that are still right to all of them.
 *
 * It ascends the mean over the pixels that count of (1 - lambda_t) CE where the network is right and
 * lambda_t CE where it is wrong, with lambda_t = t / (2 n), t from 0 (the paper's (t - 1) / (2 T), t
 * from 1).
 *
 * @example Usage
 * ```ts
 * import { segmentationAttacks } from "@realign/segmentation";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = createVictim({ name: "which channel?", forward, objectives: {} });
 * const settings = { name: "segpgd", epsilon: 0.25, stepSize: 0.125, steps: 2, randomStart: "none" } as const;
 * using attack = createAttack(settings, victim, segmentationAttacks);
 * const clean = tf.tensor4d([0.5, 0.25, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.5, 0.5]);
 * ```
 */
export const segPgd: SegmentationAttack = define({
  title: "SegPGD",
  version: 1,
  // Weights change with the progress: gains of different steps cannot be compared, so there is no "best".
  options: { stepSize, steps, randomStart, restarts },
  create(settings, victim) {
    const gain = weightedGain(({ logits, labels }, progress) => {
      const share = tf.mul(progress, 0.5); // lambda_t
      const right = tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32");
      return tf.add(share, tf.mul(right, tf.sub(1, tf.mul(share, 2)))) as tf.Tensor1D;
    });
    return createGradientAttack(settings, victim, { gain });
  },
});

/**
 * CosPGD (Agnihotri et al. 2024): PGD that weights each pixel by how well it is still given its
 * class.
 *
 * It ascends the mean over the pixels that count of cos(softmax(z), onehot(y)) CE; the cosine is
 * softmax(z)_y / ||softmax(z)||_2 and a constant in each step.
 *
 * @example Usage
 * ```ts
 * import { segmentationAttacks } from "@realign/segmentation";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = createVictim({ name: "which channel?", forward, objectives: {} });
 * using attack = createAttack({ name: "cospgd", epsilon: 0.25, randomStart: "none" }, victim, segmentationAttacks);
 * const clean = tf.tensor4d([0.5, 0.25, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.5, 0.5]);
 * ```
 */
export const cosPgd: SegmentationAttack = define({
  title: "CosPGD",
  version: 1,
  options: { stepSize, steps, randomStart, restarts },
  create(settings, victim) {
    const gain = weightedGain(({ logits, labels }) => {
      const shares = tf.softmax(logits);
      const own = tf.cast(tf.oneHot(labels, logits.shape[1]), "float32");
      const length = tf.sqrt(tf.sum(tf.square(shares), 1));
      return tf.div(tf.sum(tf.mul(own, shares), 1), length) as tf.Tensor1D;
    });
    return createGradientAttack(settings, victim, { gain });
  },
});

/**
 * PGD-CW for networks that decide about every pixel: PGD on Carlini and Wagner's margin, pixel by
 * pixel. It is what the paper's "C&W" must be, since that has an epsilon and a step size.
 *
 * It ascends the mean over the pixels that count of -max(0, z_y - max over j != y of z_j + confidence).
 * A pixel beyond its boundary by the confidence pulls no more; at 50, as Madry et al. set it, hardly any
 * ever is, and all pixels are pushed throughout. The paper gives an epsilon and a step size alone.
 *
 * @example Usage
 * ```ts
 * import { segmentationAttacks } from "@realign/segmentation";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = createVictim({ name: "which channel?", forward, objectives: {} });
 * using attack = createAttack({ name: "pgd-cw", epsilon: 0.25, randomStart: "none" }, victim, segmentationAttacks);
 * const clean = tf.tensor4d([0.5, 0.375, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.625, 0.25]);
 * ```
 */
export const densePgdCw: SegmentationAttack = define({
  title: "PGD-CW",
  version: 1,
  options: { confidence, stepSize, steps, randomStart, restarts, return: returned },
  create(settings, victim) {
    const gain: Gain<SegmentationOutput, tf.Tensor3D> = {
      reference: false,
      value({ logits }, { labels }) {
        const rows = pixelRows(logits, labels);
        const losses = carliniWagnerMargin(rows.logits, rows.labels, settings.confidence);
        return meanByExample(losses, rows.valid);
      },
    };
    return createGradientAttack(settings, victim, { gain });
  },
});

/** What segmentation adds to the core's table; DeepFool and PGD-CW stand in the place of the core's own. */
export const segmentationAttacks: AttackTable<SegmentationOutput, tf.Tensor3D> = {
  "apgd-stages": apgdStages,
  cospgd: cosPgd,
  deepfool: denseDeepfool,
  "pgd-cw": densePgdCw,
  sea,
  segpgd: segPgd,
};
