/**
 * The perceptual network as a victim: what a self-supervised attack disturbs.
 *
 * @module
 */
import { createVictim, type Victim } from "../attacks/victim.ts";
import type { Precision } from "../backend/precision.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import * as tf from "../tf.ts";

/** Φ's map that is disturbed, counted from 0: ReLU3_3 of VGG-16. */
const TAP = 2;

/**
 * Φ as a victim, with one objective, "perceptual": how far an image's third map lies from that of the clean image, as
 * a mean of squares. PGD on it from a start "gaussian-image" is SSP (Naseer et al. 2020), an attack without labels.
 *
 * @param perceptual Φ; borrowed
 * @param precision Of the recorded steps. @default {"float32"}
 * @returns The victim
 *
 * @example Usage
 * ```ts
 * import { createAttack } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import { perceptualVictim } from "./perceptual_victim.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const features = (images: tf.Tensor4D) =>
 *   [1, 2, 3].map((factor) => tf.mul<tf.Tensor4D>(images, factor));
 * const victim = perceptualVictim({ features });
 * const settings = { name: "pgd", objective: "perceptual", randomStart: "gaussian-image", epsilon: 0.1 };
 * using attack = createAttack(settings, victim);
 * const clean = tf.fill([1, 2, 2, 3], 0.5) as tf.Tensor4D;
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0]), createRandom(1));
 * // Every pixel ends in a corner of the ball.
 * const distances = tf.abs(tf.sub(adversarial, clean)).dataSync();
 * assert.ok(distances.every((distance) => Math.abs(distance - 0.1) < 1e-6));
 * ```
 */
export function perceptualVictim<L extends tf.TensorContainer>(
  perceptual: Pick<PerceptualNetwork, "features">,
  precision?: Precision,
): Victim<tf.Tensor4D, L> {
  return createVictim<tf.Tensor4D, L>({
    name: "the perceptual network",
    precision,
    forward: (images) => perceptual.features(images)[TAP],
    objectives: {
      perceptual: {
        reference: true,
        value: (map, _labels, clean) =>
          tf.mean(tf.squaredDifference(map, clean), [1, 2, 3]) as tf.Tensor1D,
      },
    },
  });
}
