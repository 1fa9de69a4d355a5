/**
 * The terms of G and D computed from images: Eq. 1 to 4.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Discriminator } from "../networks/discriminator.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import { assertShapes } from "../shapes.ts";
import * as tf from "../tf.ts";
import {
  adversarialLoss,
  discriminatorLoss,
  type DiscriminatorMaps,
  featureMatchingLoss,
} from "./adversarial.ts";
import { needsAdversarial, perceptualLoss, reconstructionLoss } from "./pixel.ts";
import { half } from "./portions.ts";
import type { ResolvedLosses } from "./setting.ts";
import { computeTerms, type LossTerms, once, type PixelTerm } from "./total.ts";

/** Inputs of the pixel terms. */
export interface PixelLossInputs {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x^a `[B, H, W, 3]`. */
  readonly adversarial: Images;
  /** x̂^c, then x̂^a: `[2B, H, W, 3]`. */
  readonly restored: Images;
  readonly discriminator: Pick<Discriminator, "features">;
  readonly perceptual: Pick<PerceptualNetwork, "features" | "tapWeights">;
}

/** Inputs of D's loss. */
export interface DiscriminatorLossInputs {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x̂^c, then x̂^a: `[2B, H, W, 3]`, computed outside the differentiation. */
  readonly restored: Images;
  readonly discriminator: Pick<Discriminator, "features">;
}

/**
 * L_r (Eq. 1), L_p (Eq. 2), L_GANg (Eq. 3) and L_m (Eq. 4).
 *
 * D and Φ run once on all restored images, and only if a term with weight above 0 needs them.
 *
 * @param inputs Images, D, Φ
 * @param settings From {@linkcode resolveLosses}
 * @returns The terms
 * @throws {TypeError} If shapes do not fit together
 *
 * @example Usage
 * ```ts
 * import { pixelLosses, resolveLosses } from "@realign/core/losses";
 * import { paperLosses } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = (count: number, value: number) => tf.fill([count, 4, 4, 3], value) as tf.Tensor4D;
 * const settings = resolveLosses({ ...paperLosses, pixelDistance: "absolute" });
 * const { reconstruction } = pixelLosses({
 *   clean: images(1, 0.25),
 *   adversarial: images(1, 0.5),
 *   restored: tf.concat([images(1, 0.5), images(1, 0.75)]),
 *   discriminator: { features: (batch) => [[batch, batch]] },
 *   perceptual: { features: (batch) => [batch] },
 * }, settings);
 * assert.equal(reconstruction!.dataSync()[0], 0.25 + 0.25);
 * ```
 */
export function pixelLosses(
  { clean, adversarial, restored, discriminator, perceptual }: PixelLossInputs,
  settings: ResolvedLosses,
): LossTerms<PixelTerm> {
  assertImages("compute the losses of the generator", { clean, adversarial }, restored);
  const maps = once(() => discriminator.features(restored));
  const traditional = settings.real === "clean";
  const fake = () => traditional ? maps() : half(maps(), 1);
  const real = () => {
    if (!traditional) return half(maps(), 0);
    return mapAll(discriminator.features(clean), (map) => tf.concat([map, map]));
  };
  return computeTerms({
    reconstruction: () => {
      const [restoredClean, restoredAdversarial] = [half(restored, 0), half(restored, 1)];
      return reconstructionLoss(
        { clean, adversarial, restoredClean, restoredAdversarial },
        settings,
      );
    },
    perceptual: () => {
      const features = perceptual.features(restored);
      const both = needsAdversarial(settings);
      const references = perceptual.features(both ? tf.concat([clean, adversarial]) : clean);
      return perceptualLoss(
        {
          clean: both ? half(references, 0) : references,
          adversarial: both ? half(references, 1) : undefined,
          restoredClean: half(features, 0),
          restoredAdversarial: half(features, 1),
        },
        settings,
        perceptual.tapWeights,
      );
    },
    adversarial: () => adversarialLoss(fake()),
    featureMatching: () => featureMatchingLoss(real(), fake()),
  }, settings);
}

/**
 * L_GANd (Eq. 3) with real and fake images as set; D runs once.
 *
 * @param inputs Images and D
 * @param settings From {@linkcode resolveLosses}
 * @returns The one term "discriminator"
 * @throws {TypeError} If shapes do not fit together
 *
 * @example Usage
 * ```ts
 * import { discriminatorLosses } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const clean = tf.ones([1, 4, 4, 3]) as tf.Tensor4D;
 * const restored = tf.concat([tf.mul(clean, 0.5) as tf.Tensor4D, clean]);
 * const discriminator = { features: (images: tf.Tensor4D) => [[images]] };
 * const { discriminator: loss } = discriminatorLosses({ clean, restored, discriminator }, { real: "restored" });
 * assert.equal(loss.dataSync()[0], 0.5 ** 2 + 1 ** 2);
 * ```
 */
export function discriminatorLosses(
  { clean, restored, discriminator }: DiscriminatorLossInputs,
  { real }: Pick<ResolvedLosses, "real">,
): { discriminator: tf.Scalar } {
  assertImages("compute the loss of the discriminator", { clean }, restored);
  // In the traditional setting all restored images are fake: one run over [x^c, x̂^c, x̂^a].
  const images = real === "clean" ? tf.concat([clean, restored]) : restored;
  const maps = discriminator.features(images);
  const count = clean.shape[0];
  return {
    discriminator: discriminatorLoss(
      mapAll(maps, (map) => rows(map, 0, count)),
      mapAll(maps, (map) => rows(map, count, images.shape[0] - count)),
    ),
  };
}

function mapAll(
  maps: DiscriminatorMaps,
  change: (map: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D[][] {
  return maps.map((scale) => scale.map(change));
}

function rows(map: tf.Tensor4D, begin: number, count: number): tf.Tensor4D {
  return tf.slice(map, [begin, 0, 0, 0], [count, ...map.shape.slice(1)] as typeof map.shape);
}

function assertImages(
  doing: string,
  images: Readonly<Record<string, Images>>,
  restored: Images,
): void {
  const shapes = Object.fromEntries(Object.keys(images).map((name) => [name, ["B", "H", "W", 3]]));
  const { B, H, W } = assertShapes(doing, images, shapes);
  assertShapes(doing, { restored }, { restored: [2 * B, H, W, 3] });
}
