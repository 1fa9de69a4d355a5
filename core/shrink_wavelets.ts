/**
 * Wavelet denoising: differences that are no larger than noise of a known size go.
 *
 * @module
 */
import type { Images } from "./dataset.ts";
import * as tf from "./tf.ts";
import { mergeHaar, splitHaar } from "./wavelets.ts";

/** Least signal variance of a band: a double's resolution, as in the published code. */
const LEAST_VARIANCE = 2 ** -52;
/** Least range that a plane is stretched from. */
const LEAST_RANGE = 1e-6;

/**
 * Levels of a wavelet transform: three fewer than would lead to a single pixel, and at least one.
 *
 * @param size `[H, W]`
 * @returns E.g. 2 for 32 x 32, 5 for 256 x 256
 *
 * @example Usage
 * ```ts
 * import { waveletLevels } from "./shrink_wavelets.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([8, 32, 64, 256, 299].map((side) => waveletLevels([side, 512])), [1, 2, 3, 5, 5]);
 * ```
 */
export function waveletLevels(size: readonly [number, number]): number {
  return Math.max(1, Math.floor(Math.log2(Math.min(...size))) - 3);
}

/**
 * Shrinks the wavelet coefficients of planes by BayesShrink's soft thresholds (Chang et al. 2000): those of a band with
 * mean square m lose σ² / sqrt(max(m - σ², 0)), those of a band with no more than noise all they have. Differentiable.
 *
 * @param planes `[B, H, W, C]`; every channel of every image has its own thresholds
 * @param sigma σ, the deviation of the noise, at least 0
 * @param levels Levels of the transform, at least 1
 * @returns `[B, H, W, C]`
 *
 * @example Usage
 * ```ts
 * import { shrinkWavelets } from "./shrink_wavelets.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const planes = tf.tensor4d([0.5, 0.51, 0.5, 0.51], [1, 2, 2, 1]);
 * const [pixel] = shrinkWavelets(planes, 0.1, 1).dataSync();
 * assert.ok(Math.abs(pixel - 0.505) < 1e-6);
 * ```
 */
export function shrinkWavelets(planes: tf.Tensor4D, sigma: number, levels: number): tf.Tensor4D {
  const [, height, width] = planes.shape;
  const { approximation, details } = splitHaar(planes);
  return mergeHaar({
    approximation: levels > 1 ? shrinkWavelets(approximation, sigma, levels - 1) : approximation,
    details: details.map((band) => shrinkBand(band, sigma ** 2)),
  }, [height, width]);
}

function shrinkBand(band: tf.Tensor4D, noise: number): tf.Tensor4D {
  const energy = tf.mean(tf.square(band), [1, 2], true);
  const signal = tf.maximum(tf.sub(energy, noise), LEAST_VARIANCE);
  const threshold = tf.mul(tf.rsqrt(signal), noise);
  return tf.sub(tf.relu(tf.sub(band, threshold)), tf.relu(tf.sub(tf.neg(band), threshold)));
}

/**
 * Denoises images as Mustafa et al. 2019 do: brightness and the two differences of colour (BT.601), each stretched to
 * [0, 1], by {@linkcode shrinkWavelets}. σ is that of stretched planes, as in scikit-image before 0.16, which later
 * converts it. Differentiable almost everywhere.
 *
 * @param images `[B, H, W, 3]` in `[0, 1]`
 * @param sigma σ, at least 0; 0 changes nothing
 * @returns Images of the same shape in `[0, 1]`
 *
 * @example Usage
 * ```ts
 * import { denoiseImages } from "./shrink_wavelets.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const grey = denoiseImages(tf.fill([1, 8, 8, 3], 0.5), 0.01);
 * assert.ok(grey.dataSync().every((value) => Math.abs(value - 0.5) < 1e-6));
 * ```
 */
export function denoiseImages(images: Images, sigma: number): Images {
  const { shape } = images;
  const planes = toPlanes(images);
  const least = tf.min(planes, [1, 2], true);
  const range = tf.maximum(tf.sub(tf.max(planes, [1, 2], true), least), LEAST_RANGE);
  const stretched = tf.div(tf.sub(planes, least), range) as tf.Tensor4D;
  const shrunk = shrinkWavelets(stretched, sigma, waveletLevels([shape[1], shape[2]]));
  return tf.clipByValue(toImages(tf.add(tf.mul(shrunk, range), least)), 0, 1);
}

/** Shares of red, green and blue in brightness (BT.601). */
const SHARES = [0.299, 0.587, 0.114];

/** Y, B - Y, R - Y: Cb and Cr are multiples of the last two, which stretching takes away. */
function toPlanes(images: Images): tf.Tensor4D {
  const [red, green, blue] = tf.split(images, 3, 3);
  const [r, g, b] = SHARES;
  const luma = tf.addN([tf.mul(red, r), tf.mul(green, g), tf.mul(blue, b)]);
  return tf.concat([luma, tf.sub(blue, luma), tf.sub(red, luma)], 3) as tf.Tensor4D;
}

function toImages(planes: tf.Tensor4D): Images {
  const [luma, toBlue, toRed] = tf.split(planes, 3, 3);
  const [r, g, b] = SHARES;
  // Y = r (Y + toRed) + g green + b (Y + toBlue), and shares add up to 1.
  const green = tf.sub(luma, tf.add(tf.mul(toRed, r / g), tf.mul(toBlue, b / g)));
  return tf.concat([tf.add(luma, toRed), green, tf.add(luma, toBlue)], 3) as Images;
}
