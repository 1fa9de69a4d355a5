/**
 * JPEG compression as a defense.
 *
 * @module
 */
import type { Images, Picture } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";

/** Compresses a picture and decompresses it. Core has no codec of its own. */
export type JpegRoundTrip = (picture: Picture, quality: number) => Promise<Picture>;

/**
 * Compresses images as JPEG and decompresses them (section 4.5, Guo et al. 2017). It has no gradient,
 * which stops an attacker only until he goes around it (BPDA, Athalye et al. 2018).
 *
 * @param roundTrip The codec
 * @param quality 1 to 100
 * @returns The defense
 *
 * @example Usage
 * ```ts
 * import { jpegDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const lossless = jpegDefense((picture) => Promise.resolve(picture), 75);
 * const restored = await lossless.restore(tf.fill([1, 2, 2, 3], 0.5));
 * assert.ok(Math.abs(restored.dataSync()[0] - 0.5) <= 1 / 255);
 * ```
 */
export function jpegDefense(roundTrip: JpegRoundTrip, quality: number): Defense {
  return {
    name: "jpeg",
    variables: [],
    async restore(images) {
      const pictures = await picturesOf(images);
      return imagesOf(await Promise.all(pictures.map((picture) => roundTrip(picture, quality))));
    },
  };
}

/** Rounds images to 8 bits. */
export async function picturesOf(images: Images): Promise<Picture[]> {
  const [count, height, width] = images.shape;
  const values = await images.data<"float32">();
  const size = height * width * 3;
  return Array.from({ length: count }, (_, row) => ({
    height,
    width,
    // Clamped arrays round to the nearest.
    pixels: new Uint8Array(
      Uint8ClampedArray.from(values.subarray(row * size, (row + 1) * size), (value) => value * 255)
        .buffer,
    ),
  }));
}

/**
 * Pictures of one size as images in [0, 1].
 *
 * @throws {TypeError} If they are of different sizes
 */
export function imagesOf(pictures: readonly Picture[]): Images {
  const [{ height, width }] = pictures;
  const values = new Float32Array(pictures.length * height * width * 3);
  pictures.forEach(({ pixels, ...size }, row) => {
    if (size.height !== height || size.width !== width) {
      throw new TypeError(
        `Cannot make images of pictures as all must be ${height}x${width}: current size is ${size.height}x${size.width}`,
      );
    }
    for (let index = 0; index < pixels.length; index++) {
      values[row * pixels.length + index] = pixels[index] / 255;
    }
  });
  return tf.tensor4d(values, [pictures.length, height, width, 3]);
}
