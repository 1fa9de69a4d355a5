/**
 * Random resizing and padding as a defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { between, flag, option } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";

/** Colour of the padding: middle grey, which is 0 in the authors' range [-1, 1]. */
const GREY = 0.5;

/** Settings of {@linkcode randomResizePadDefense}. */
export interface RandomResizePadSettings {
  /** Smallest size after resizing, as a fraction of the image's. */
  readonly smallest: number;
  /** Whether size and position are drawn per image or per batch. */
  readonly perImage: boolean;
}

/** Source index of each pixel among all pixels of the batch; the number of pixels for padding. */
interface Noise extends tf.TensorContainerObject {
  /** `[B * H * W]`, int32. */
  readonly source: tf.Tensor1D;
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
  const draw = (shape: Images["shape"], random: Random): Noise => ({
    source: tf.tensor1d(drawSources(shape, settings, random), "int32"),
  });
  const apply = (images: Images, { source }: tf.TensorContainerObject): Images => {
    const pixels = tf.concat([tf.reshape(images, [-1, 3]), tf.fill([1, 3], GREY)]);
    return tf.reshape(takePixels(pixels as tf.Tensor2D, source as tf.Tensor1D), images.shape);
  };
  const step = record(({ images, ...noise }: Noise & { images: Images }) => apply(images, noise), {
    name: "resize and pad",
  });
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

/** Rows of `pixels` by index, with a gradient. `tf.gather` reads indices, which recorded steps must not. */
function takePixels(pixels: tf.Tensor2D, source: tf.Tensor1D): tf.Tensor2D {
  const indices = () => tf.reshape(source, [-1, 1]);
  const take = tf.customGrad((x) => ({
    value: tf.gatherND(x as tf.Tensor, indices()),
    gradFunc: (gradient: tf.Tensor) => tf.scatterND(indices(), gradient, pixels.shape),
  }));
  return take(pixels) as tf.Tensor2D;
}

/** The source of every pixel of a batch, images in order, rows from the top. */
function drawSources(
  [count, height, width]: Images["shape"],
  { smallest, perImage }: RandomResizePadSettings,
  random: Random,
): Int32Array {
  const padding = count * height * width;
  const sources = new Int32Array(padding);
  const drawPlace = () => {
    const share = random.next();
    return [height, width].map((side) => {
      const least = Math.ceil(smallest * side);
      const size = least + Math.floor(share * (side - least + 1));
      return { size, offset: random.integer(side - size + 1) };
    });
  };
  let place = drawPlace();
  let at = 0;
  for (let image = 0; image < count; image++) {
    if (perImage && image > 0) place = drawPlace();
    const [rows, columns] = place;
    for (let y = 0; y < height; y++) {
      const row = sourceOf(y, height, rows);
      for (let x = 0; x < width; x++) {
        const column = sourceOf(x, width, columns);
        const inside = row >= 0 && column >= 0;
        sources[at++] = inside ? (image * height + row) * width + column : padding;
      }
    }
  }
  return sources;
}

/** Nearest neighbour as TensorFlow rounds it: floor(i * side / size); -1 in the padding. */
function sourceOf(
  index: number,
  side: number,
  { size, offset }: { readonly size: number; readonly offset: number },
): number {
  const inside = index - offset;
  return inside >= 0 && inside < size ? Math.floor(inside * side / size) : -1;
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
