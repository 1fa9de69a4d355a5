/**
 * Attacks on networks that decide about every pixel.
 *
 * @module
 */
import {
  type Attack,
  type AttackSettings,
  carliniWagnerMargin,
  createGradientAttack,
  crossEntropy,
  resolveSettings,
  type ScheduledObjective,
  type TaskAttackFactory,
  type Victim,
} from "@realign/core/attacks";
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import { denseDeepfool } from "./dense_deepfool.ts";
import type { SegmentationOutput } from "./models/mod.ts";
import { meanByExample, type PixelRows, pixelRows } from "./pixels.ts";

type SegmentationVictim = Victim<SegmentationOutput, tf.Tensor3D>;
type Scheduled = ScheduledObjective<SegmentationOutput, tf.Tensor3D>;

/** How much each pixel's cross-entropy counts: `[B h w]`, from the rows and from t / n. */
type PixelWeights = (rows: PixelRows, progress: tf.Scalar) => tf.Tensor1D;

/** Makes PGD on the cross-entropy of pixels, each weighted by a number that no gradient goes through. */
function weightedPgd(
  settings: AttackSettings,
  victim: SegmentationVictim,
  weigh: PixelWeights,
): Attack<tf.Tensor3D> {
  const resolved = resolveSettings(settings, {
    stepSize: settings.epsilon / 4,
    steps: 10,
    randomStart: "uniform",
    restarts: 1,
  });
  const objective: Scheduled = ({ logits }, labels, _reference, progress) => {
    const rows = pixelRows(logits, labels);
    const weights = stopGradient(weigh(rows, progress));
    return meanByExample(tf.mul(weights, crossEntropy(rows.logits, rows.labels)), rows.valid);
  };
  // Weights change with the progress: gains of different steps cannot be compared.
  const fixed = { objective: resolved.name, return: "last", targeted: false } as const;
  const attack = createGradientAttack({ ...resolved, ...fixed }, victim, objective);
  return { ...attack, settings: resolved };
}

/**
 * Makes SegPGD (Gu et al. 2022): PGD that turns from the pixels that are still right to all of them.
 *
 * It ascends the mean over the pixels that count of (1 - lambda_t) CE where the network is right and
 * lambda_t CE where it is wrong, with lambda_t = t / (2 n), t from 0 (the paper's (t - 1) / (2 T), t
 * from 1). Defaults: 10 steps of epsilon / 4, a uniform start.
 *
 * @param settings The ball, steps, start and restarts
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work
 *
 * @example Usage
 * ```ts
 * import { segPgd } from "@realign/segmentation";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = { name: "which channel?", forward, objectives: {} };
 * const settings = { name: "segpgd", epsilon: 0.25, stepSize: 0.125, steps: 2, randomStart: "none" } as const;
 * using attack = segPgd(settings, victim);
 * const clean = tf.tensor4d([0.5, 0.25, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.5, 0.5]);
 * ```
 */
export function segPgd(
  settings: AttackSettings,
  victim: SegmentationVictim,
): Attack<tf.Tensor3D> {
  return weightedPgd(settings, victim, ({ logits, labels }, progress) => {
    const share = tf.mul(progress, 0.5); // lambda_t
    const right = tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32");
    return tf.add(share, tf.mul(right, tf.sub(1, tf.mul(share, 2)))) as tf.Tensor1D;
  });
}

/**
 * Makes CosPGD (Agnihotri et al. 2024): PGD that weights each pixel by how well it is still given its
 * class.
 *
 * It ascends the mean over the pixels that count of cos(softmax(z), onehot(y)) CE; the cosine is
 * softmax(z)_y / ||softmax(z)||_2 and a constant in each step. Defaults: 10 steps of epsilon / 4, a
 * uniform start.
 *
 * @param settings The ball, steps, start and restarts
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work
 *
 * @example Usage
 * ```ts
 * import { cosPgd } from "@realign/segmentation";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = { name: "which channel?", forward, objectives: {} };
 * using attack = cosPgd({ name: "cospgd", epsilon: 0.25, randomStart: "none" }, victim);
 * const clean = tf.tensor4d([0.5, 0.25, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.5, 0.5]);
 * ```
 */
export function cosPgd(
  settings: AttackSettings,
  victim: SegmentationVictim,
): Attack<tf.Tensor3D> {
  return weightedPgd(settings, victim, ({ logits, labels }) => {
    const shares = tf.softmax(logits);
    const own = tf.cast(tf.oneHot(labels, logits.shape[1]), "float32");
    const length = tf.sqrt(tf.sum(tf.square(shares), 1));
    return tf.div(tf.sum(tf.mul(own, shares), 1), length) as tf.Tensor1D;
  });
}

/**
 * Makes the attack that "C&W" with an epsilon and a step size means here: PGD on the margin of Carlini
 * and Wagner, pixel by pixel.
 *
 * It ascends the mean over the pixels that count of -max(0, z_y - max over j != y of z_j + confidence).
 * A pixel beyond its boundary by the confidence pulls no more; at 50, as Madry et al. set it, hardly any
 * ever is, and all pixels are pushed throughout. The paper gives an epsilon and a step size alone.
 * Defaults: confidence 50, 10 steps of epsilon / 4, a uniform start, the last iterate.
 *
 * @param settings The ball, `confidence`, steps, start and restarts
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work
 *
 * @example Usage
 * ```ts
 * import { denseCarliniWagner } from "@realign/segmentation";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = { name: "which channel?", forward, objectives: {} };
 * using attack = denseCarliniWagner({ name: "carlini-wagner", epsilon: 0.25, randomStart: "none" }, victim);
 * const clean = tf.tensor4d([0.5, 0.375, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.625, 0.25]);
 * ```
 */
export function denseCarliniWagner(
  settings: AttackSettings,
  victim: SegmentationVictim,
): Attack<tf.Tensor3D> {
  const { confidence, ...resolved } = resolveSettings(settings, {
    stepSize: settings.epsilon / 4,
    steps: 10,
    confidence: 50,
    randomStart: "uniform",
    restarts: 1,
    return: "last",
  });
  const objective = ({ logits }: SegmentationOutput, labels: tf.Tensor3D) => {
    const rows = pixelRows(logits, labels);
    const losses = carliniWagnerMargin(rows.logits, rows.labels, confidence);
    return meanByExample(losses, rows.valid);
  };
  const fixed = { objective: "carlini-wagner", targeted: false } as const;
  const attack = createGradientAttack({ ...resolved, ...fixed }, victim, objective);
  return { ...attack, settings: { ...resolved, confidence } };
}

/** What segmentation adds to the core's table; DeepFool and C&W stand in the place of the core's own. */
export const segmentationAttacks: Readonly<
  Record<string, TaskAttackFactory<SegmentationOutput, tf.Tensor3D>>
> = {
  "carlini-wagner": denseCarliniWagner,
  cospgd: cosPgd,
  deepfool: denseDeepfool,
  segpgd: segPgd,
};
