/**
 * Distances in pixels and in perceptual features: Eq. 1 and 2.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { LossSettings } from "../preset.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";
import { meanAbsoluteDifference, meanSquaredDifference, stopGradient } from "./distance.ts";

/** The target of restored adversarial images, and the distance to it. */
export type PixelSettings = Pick<LossSettings, "pixelTarget" | "stopGradient" | "pixelDistance">;

/**
 * Whether the pixel losses need x^a, so that Φ has to run on it.
 *
 * @param settings Which pixel target
 *
 * @example Usage
 * ```ts
 * import { needsAdversarial } from "./pixel.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(needsAdversarial({ pixelTarget: "adversarial" }), true);
 * assert.equal(needsAdversarial({ pixelTarget: "intermediate" }), false);
 * ```
 */
export function needsAdversarial({ pixelTarget }: Pick<PixelSettings, "pixelTarget">): boolean {
  return pixelTarget === "adversarial";
}

/** A value for each of the four image batches that a pixel loss compares. */
export interface PixelParts<T> {
  /** Of x^c. */
  readonly clean: T;
  /** Of x^a; only needed for the pixel target "adversarial". */
  readonly adversarial?: T;
  /** Of x̂^c. */
  readonly restoredClean: T;
  /** Of x̂^a. */
  readonly restoredAdversarial: T;
}

/**
 * L_r = E‖x̂^c - x^c‖ + E‖x̂^a - t‖ (Eq. 1), where the pixel target t is x̂^c, x^a or x^c.
 *
 * @param images `[B, H, W, 3]` each
 * @param settings Which pixel target, whether a gradient flows into x̂^c as a target, which distance
 * @returns A scalar
 * @throws {TypeError} If shapes differ, or x^a is the target and missing
 *
 * @example Usage
 * ```ts
 * import { reconstructionLoss } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = {
 *   clean: tf.fill([1, 2, 2, 3], 0.5) as tf.Tensor4D,
 *   restoredClean: tf.fill([1, 2, 2, 3], 0.75) as tf.Tensor4D,
 *   restoredAdversarial: tf.fill([1, 2, 2, 3], 0.25) as tf.Tensor4D,
 * };
 * const loss = reconstructionLoss(images, { pixelTarget: "intermediate", stopGradient: "none", pixelDistance: "absolute" });
 * assert.equal(loss.dataSync()[0], 0.25 + 0.5);
 * ```
 */
export function reconstructionLoss(images: PixelParts<Images>, settings: PixelSettings): tf.Scalar {
  const { clean, restoredClean, restoredAdversarial } = images;
  const shape = ["B", "H", "W", 3];
  assertShapes(
    "compute the reconstruction loss",
    { clean, restoredClean, restoredAdversarial },
    { clean: shape, restoredClean: shape, restoredAdversarial: shape },
  );
  const distance = DISTANCES[settings.pixelDistance];
  return tf.add(
    distance(restoredClean, clean),
    distance(restoredAdversarial, pixelTarget(images, settings, settings.stopGradient === "all")),
  );
}

/**
 * L_p = Σ_i E‖Φ_i(x̂^c) - Φ_i(x^c)‖ + Σ_i E‖Φ_i(x̂^a) - Φ_i(t)‖ (Eq. 2), with the pixel target t of
 * {@linkcode reconstructionLoss}.
 *
 * @param features Φ_1 to Φ_5 `[B, h, w, C]` of each kind of images
 * @param settings Which pixel target, whether a gradient flows into x̂^c as a target, which distance
 * @param tapWeights A factor for each i, for both images; 1 each by default
 * @returns A scalar
 * @throws {TypeError} If shapes or the number of features differ, or x^a is the target and missing
 *
 * @example Usage
 * ```ts
 * import { perceptualLoss } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const map = (value: number) => tf.fill([1, 2, 2, 8], value) as tf.Tensor4D;
 * const features = {
 *   clean: [map(0), map(1)],
 *   restoredClean: [map(1), map(1)],
 *   restoredAdversarial: [map(2), map(4)],
 * };
 * const loss = perceptualLoss(features, { pixelTarget: "clean", stopGradient: "none", pixelDistance: "absolute" });
 * assert.equal(loss.dataSync()[0], (1 + 0) + (2 + 3));
 * ```
 */
export function perceptualLoss(
  features: PixelParts<readonly tf.Tensor4D[]>,
  settings: PixelSettings,
  tapWeights?: readonly number[],
): tf.Scalar {
  const { clean, adversarial, restoredClean, restoredAdversarial } = features;
  const lists = [clean, restoredClean, restoredAdversarial, adversarial ?? clean];
  if (lists.some(({ length }) => length !== clean.length)) {
    throw new TypeError(
      `Cannot compute the perceptual loss as all images must have the same number of features: current counts are ${
        lists.map(({ length }) => length).join(", ")
      }`,
    );
  }
  const distance = DISTANCES[settings.pixelDistance];
  const terms = clean.map((map, index) => {
    const parts = {
      clean: map,
      adversarial: adversarial?.[index],
      restoredClean: restoredClean[index],
      restoredAdversarial: restoredAdversarial[index],
    };
    const sum = tf.add(
      distance(parts.restoredClean, map),
      distance(
        parts.restoredAdversarial,
        pixelTarget(parts, settings, settings.stopGradient !== "none"),
      ),
    );
    return tapWeights ? tf.mul(sum, tapWeights[index]) : sum;
  });
  return tf.addN(terms) as tf.Scalar;
}

const DISTANCES = { absolute: meanAbsoluteDifference, squared: meanSquaredDifference } as const;

function pixelTarget<T extends tf.Tensor>(
  parts: PixelParts<T>,
  settings: PixelSettings,
  isStopped: boolean,
): T {
  if (settings.pixelTarget === "clean") return parts.clean;
  if (settings.pixelTarget === "intermediate") {
    return isStopped ? stopGradient(parts.restoredClean) : parts.restoredClean;
  }
  if (!parts.adversarial) {
    throw new TypeError(
      'Cannot compute a pixel loss as `adversarial` is missing: pixelTarget is "adversarial"',
    );
  }
  return parts.adversarial;
}
