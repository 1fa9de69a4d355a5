/**
 * Gaussian noise within a ball, as a defense.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { above, option } from "../options.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";
import { drawnDefense } from "./drawn.ts";

/** Settings of {@linkcode boundedNoiseDefense}. */
export interface BoundedNoiseSettings {
  /** Deviation of the noise. */
  readonly deviation: number;
  /** Most that a pixel changes. */
  readonly radius: number;
}

/** The noise of a pass. */
interface Noise extends tf.TensorContainerObject {
  noise: tf.Tensor4D;
}

/**
 * Adds Gaussian noise to images, of which no pixel's is larger than a radius: x + clip(n, -r, r), clipped to [0, 1].
 * Before NRP's purifier it makes NRP's "dynamic" inference (Naseer et al. 2020).
 *
 * @param settings Deviation and radius
 * @returns The defense; dispose it. Its gradient is exact given the noise
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { boundedNoiseDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = boundedNoiseDefense({ deviation: 10, radius: 0.25 });
 * const grey = tf.fill([1, 8, 8, 3], 0.5) as tf.Tensor4D;
 * const values = (await defense.restore(grey, createRandom(2))).dataSync();
 * assert.ok(values.every((value) => value >= 0.25 && value <= 0.75));
 * ```
 */
export function boundedNoiseDefense(
  { deviation, radius }: BoundedNoiseSettings,
): Defense & Disposable {
  return drawnDefense<Noise>({
    name: "bounded-noise",
    draw(shape, random) {
      const count = tf.util.sizeFromShape(shape);
      return { noise: tf.tensor4d(random.normals(count, deviation), shape) };
    },
    apply: (images, { noise }) =>
      tf.clipByValue(tf.add(images, tf.clipByValue(noise, -radius, radius)), 0, 1) as Images,
  });
}

/** Adds Gaussian noise that no pixel has more of than a radius: what NRP's "dynamic" inference puts before its purifier. */
export const boundedNoise = defineDefense({
  title: "Bounded noise",
  role: "transformation",
  version: 1,
  options: {
    deviation: option(0.05, above(0), "deviation of the noise"),
    radius: option(16 / 255, above(0), "most that a pixel changes"),
  },
  create: (settings) => Promise.resolve(boundedNoiseDefense(settings)),
});
