/**
 * JPEG compression as a defense.
 *
 * @module
 */
import { imagesOf, picturesOf } from "../images.ts";
import { oneOf, option, wholeFrom } from "../options.ts";
import type { Defense } from "./defense.ts";
import { defineDefense, type JpegRoundTrip } from "./definition.ts";
import { softJpeg } from "./soft_jpeg.ts";

/** What stands in for the codec when a gradient is taken: {@linkcode softJpeg}, or nothing at all. */
export type JpegStandIn = "soft" | "identity";

/**
 * Compresses images as JPEG and decompresses them (section 4.5, Guo et al. 2017). A codec has no gradient of
 * its own; attacks take that of a stand-in (BPDA, Athalye et al. 2018).
 *
 * @param roundTrip The codec
 * @param quality 1 to 100
 * @param standIn JPEG with a soft rounding, or the identity, which is far weaker
 * @returns The defense
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { jpegDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const lossless = jpegDefense((picture) => Promise.resolve(picture), 75);
 * const restored = await lossless.restore(tf.fill([1, 2, 2, 3], 0.5), createRandom(1));
 * assert.ok(Math.abs(restored.dataSync()[0] - 0.5) <= 1 / 255);
 * ```
 */
export function jpegDefense(
  roundTrip: JpegRoundTrip,
  quality: number,
  standIn: JpegStandIn = "soft",
): Defense {
  return {
    name: "jpeg",
    variables: [],
    gradient: {
      exact: false,
      apply: (images) => standIn === "soft" ? softJpeg(images, quality) : images,
    },
    async restore(images) {
      const pictures = await picturesOf(images);
      return imagesOf(await Promise.all(pictures.map((picture) => roundTrip(picture, quality))));
    },
  };
}

/** Compresses images as JPEG (Guo et al. 2017); attacked with the gradient of a soft JPEG (BPDA). */
export const jpeg = defineDefense({
  title: "JPEG",
  role: "transformation",
  version: 2,
  options: {
    quality: option(75, wholeFrom(1, 100), "compression quality"),
    gradient: option(
      "soft",
      oneOf<JpegStandIn>("soft", "identity"),
      "what attacks differentiate: JPEG with a soft rounding, or the identity",
    ),
  },
  create({ quality, gradient }, { jpegRoundTrip }) {
    if (!jpegRoundTrip) throw new RangeError('Cannot set up "jpeg" as there is no JPEG codec');
    const defense = jpegDefense(jpegRoundTrip, quality, gradient);
    return Promise.resolve({ ...defense, [Symbol.dispose]() {} });
  },
});
