/**
 * The adversarial losses of G and D: Eq. 3 and 4.
 *
 * They take the output of `Discriminator.features`: per scale, a list of maps, the last of which is
 * the score. Real and fake batches may differ in size.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { meanAbsoluteDifference, stopGradient } from "./distance.ts";

/** D's maps of a batch, per scale and layer; the last of each scale is its score. */
export type DiscriminatorMaps = readonly (readonly tf.Tensor4D[])[];

/**
 * L_GANd = Σ_scales E((D(real) - 1)²) + E(D(fake)²) (Eq. 3, LSGAN), where real is x̂^c and fake x̂^a.
 *
 * pix2pixHD halves it; Adam is invariant to a factor, so it stays as printed.
 *
 * @param real D's maps of real images
 * @param fake D's maps of fake images
 * @returns A scalar
 * @throws {TypeError} If the numbers of scales differ
 *
 * @example Usage
 * ```ts
 * import { discriminatorLoss } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const score = (value: number) => [[tf.fill([1, 3, 3, 1], value) as tf.Tensor4D]];
 * assert.equal(discriminatorLoss(score(0.5), score(2)).dataSync()[0], 0.25 + 4);
 * ```
 */
export function discriminatorLoss(real: DiscriminatorMaps, fake: DiscriminatorMaps): tf.Scalar {
  assertSameScales("compute the discriminator loss", real, fake);
  return tf.addN([...real.map(scoreIsOne), ...fake.map(scoreIsZero)]) as tf.Scalar;
}

/**
 * L_GANg = Σ_scales E((D(fake) - 1)²) (Eq. 3, LSGAN), where fake is x̂^a.
 *
 * @param fake D's maps of fake images
 * @returns A scalar
 *
 * @example Usage
 * ```ts
 * import { adversarialLoss } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const fake = [[tf.zeros([1, 4, 4, 8]) as tf.Tensor4D, tf.fill([1, 3, 3, 1], 3) as tf.Tensor4D]];
 * assert.equal(adversarialLoss(fake).dataSync()[0], 4);
 * ```
 */
export function adversarialLoss(fake: DiscriminatorMaps): tf.Scalar {
  return tf.addN(fake.map(scoreIsOne)) as tf.Scalar;
}

/**
 * L_m = E‖F(real) - F(fake)‖ (Eq. 4) over all maps of D except the scores, with pix2pixHD's weights: 4
 * times the mean over layers, averaged over scales. No gradient flows into the real side.
 *
 * @param real D's maps of real images, x̂^c in the paper
 * @param fake D's maps of fake images, x̂^a; same number
 * @returns A scalar
 * @throws {TypeError} If the number or shapes of maps differ
 *
 * @example Usage
 * ```ts
 * import { featureMatchingLoss } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const maps = (value: number) => [[
 *   tf.fill([1, 4, 4, 8], value) as tf.Tensor4D,
 *   tf.zeros([1, 3, 3, 1]) as tf.Tensor4D,
 * ]];
 * assert.equal(featureMatchingLoss(maps(1), maps(3)).dataSync()[0], 4 * 2);
 * ```
 */
export function featureMatchingLoss(real: DiscriminatorMaps, fake: DiscriminatorMaps): tf.Scalar {
  assertSameScales("compute the feature matching loss", real, fake);
  const distances = fake.flatMap((maps, scale) => {
    const layers = maps.length - 1;
    return maps.slice(0, layers).map((map, layer) => {
      const distance = meanAbsoluteDifference(map, stopGradient(real[scale][layer]));
      return tf.mul(distance, 4 / (layers * fake.length));
    });
  });
  return tf.addN(distances) as tf.Scalar;
}

function scoreIsOne(maps: readonly tf.Tensor4D[]): tf.Scalar {
  return tf.mean(tf.square(tf.sub(maps[maps.length - 1], 1)));
}

function scoreIsZero(maps: readonly tf.Tensor4D[]): tf.Scalar {
  return tf.mean(tf.square(maps[maps.length - 1]));
}

function assertSameScales(doing: string, real: DiscriminatorMaps, fake: DiscriminatorMaps): void {
  const [wanted, current] = [real, fake].map((scales) => scales.map(({ length }) => length));
  if (wanted.join() !== current.join()) {
    throw new TypeError(
      `Cannot ${doing} as \`fake\` must have as many maps per scale as \`real\`, [${
        wanted.join(", ")
      }]: current numbers are [${current.join(", ")}]`,
    );
  }
}
