/**
 * Random resizing and padding as a defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { between, flag, option } from "../options.ts";
import type { Random } from "../random.ts";
import { drawPlacement, place, type Placement } from "../shrink_and_pad.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";

/** Settings of {@linkcode randomResizePadDefense}. */
export interface RandomResizePadSettings {
  /** Smallest size after resizing, as a fraction of the image's. */
  readonly smallest: number;
  /** Whether size and position are drawn per image or per batch. */
  readonly perImage: boolean;
}

/**
 * Shrinks images to a random size by nearest neighbour and pads them with grey at a random position
 * (Xie et al. 2018), back to their original size: the authors enlarge them instead, for an O that takes
 * images of any size.
 *
 * @param settings Range of sizes; one draw per image or per batch
 * @returns The defense; dispose it. Its gradient is exact given the noise
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { randomResizePadDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = randomResizePadDefense({ smallest: 0.5, perImage: true });
 * const white = tf.ones<tf.Rank.R4>([1, 8, 8, 3]);
 * const values = (await defense.restore(white, createRandom(2))).dataSync();
 * assert.deepEqual(new Set(values), new Set([0.5, 1]));
 * ```
 */
export function randomResizePadDefense(settings: RandomResizePadSettings): Defense & Disposable {
  const draw = (shape: Images["shape"], random: Random) => drawPlacement(shape, settings, random);
  const apply = (images: Images, noise: tf.TensorContainerObject) =>
    place(images, noise as Placement);
  const step = record(
    ({ images, ...noise }: Placement & { images: Images }) => place(images, noise),
    {
      name: "resize and pad",
    },
  );
  return {
    name: "random-resize-pad",
    variables: [],
    gradient: { exact: true, draw, apply },
    restore: (images, random) =>
      Promise.try(() => {
        const noise = draw(images.shape, random);
        try {
          return step({ images, ...noise });
        } finally {
          tf.dispose(noise);
        }
      }),
    [Symbol.dispose]: () => step[Symbol.dispose](),
  };
}

/** Shrinks images to a random size and pads them with grey at a random place (Xie et al. 2018). */
export const randomResizePad = defineDefense({
  title: "Random resizing and padding",
  role: "transformation",
  version: 1,
  options: {
    smallest: option(
      0.9,
      between(0.1, 0.99),
      "smallest size after resizing, as a fraction of the image's",
    ),
    perImage: option(true, flag, "draw size and position per image instead of per batch"),
  },
  create: (settings) => Promise.resolve(randomResizePadDefense(settings)),
});
