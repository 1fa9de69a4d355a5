/**
 * Shrinks images to a random size by nearest neighbour, or enlarges them, and pads them with grey at a random place.
 *
 * @module
 */
import type { Images } from "./dataset.ts";
import type { Random } from "./random.ts";
import * as tf from "./tf.ts";

/** Colour of the padding: middle grey, which is 0 in the authors' range [-1, 1]. */
const GREY = 0.5;

/** What is drawn. */
export interface PlacementSettings {
  /** Smallest size, as a fraction of the image's. */
  readonly smallest: number;
  /** Whether size and place are drawn per image or per batch. */
  readonly perImage: boolean;
  /**
   * Whether images are enlarged instead, in the proportions of Xie et al. (2018): 299 pixels to 310 to 330, on a canvas of
   * 331. @default {false}
   */
  readonly enlarged?: boolean;
  /** Share of draws that move anything; the others leave the image as it is. @default {1} */
  readonly probability?: number;
}

/** Source index of each pixel among all pixels of the batch; the number of pixels for padding. */
export interface Placement extends tf.TensorContainerObject {
  /** Of each pixel of the canvas, all images' in order; int32. */
  readonly source: tf.Tensor1D;
}

/**
 * Draws where the pixels of a batch come from.
 *
 * @param shape Of the images
 * @param settings What is drawn
 * @param random Source of sizes and places
 * @returns The placement, an input of recorded steps; the caller disposes it
 */
export function drawPlacement(
  shape: Images["shape"],
  settings: PlacementSettings,
  random: Random,
): Placement {
  return { source: tf.tensor1d(drawSources(shape, settings, random), "int32") };
}

/**
 * The size that placed images have: their own, or that of the canvas they are enlarged on.
 *
 * @param shape Of the images
 * @param settings Whether they are enlarged
 * @returns `[height, width]`
 *
 * @example Usage
 * ```ts
 * import { canvasOf } from "./shrink_and_pad.ts";
 * import assert from "node:assert/strict";
 *
 * const settings = { smallest: 0.9, perImage: true, enlarged: true };
 * assert.deepEqual(canvasOf([1, 299, 32, 3], settings), [331, 36]);
 * ```
 */
export function canvasOf(
  [, height, width]: Images["shape"],
  settings: PlacementSettings,
): [number, number] {
  return [sizesOf(height, settings).canvas, sizesOf(width, settings).canvas];
}

/** The sizes that a side is resized to, and the side of the canvas. */
function sizesOf(
  side: number,
  { smallest, enlarged = false }: PlacementSettings,
): { readonly least: number; readonly most: number; readonly canvas: number } {
  if (!enlarged) return { least: Math.ceil(smallest * side), most: side, canvas: side };
  const [least, most, canvas] = [310, 330, 331].map((size) => side * size / 299);
  return { least: Math.floor(least), most: Math.floor(most), canvas: Math.ceil(canvas) };
}

/**
 * Moves the pixels of images to where a placement puts them.
 *
 * @param images `[B, H, W, C]`
 * @param placement Drawn for their shape
 * @param size Of the canvas. Default: the images' own
 * @returns `[B, ...size, C]`; recordable, with its exact gradient
 *
 * @example Usage
 * ```ts
 * import { drawPlacement, place } from "./shrink_and_pad.ts";
 * import { createRandom } from "./random.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const white = tf.ones<tf.Rank.R4>([1, 8, 8, 3]);
 * const drawn = drawPlacement(white.shape, { smallest: 0.5, perImage: true }, createRandom(2));
 * assert.deepEqual(new Set(place(white, drawn).dataSync()), new Set([0.5, 1]));
 * ```
 */
export function place(
  images: Images,
  placement: Placement,
  size: readonly [number, number] = [images.shape[1], images.shape[2]],
): Images {
  const [count, height, width, channels] = images.shape;
  const moved = tf.customGrad((value) => {
    const pixels = tf.concat([
      tf.reshape(value as Images, [-1, channels]),
      tf.fill([1, channels], GREY),
    ]);
    return {
      // `tf.gather` reads indices, which recorded steps must not.
      value: tf.reshape(tf.gatherND(pixels, indicesOf(placement)), [count, ...size, channels]),
      gradFunc: (gradient: tf.Tensor) => pullBack(gradient as Images, placement, [height, width]),
    };
  });
  return moved(images) as Images;
}

/**
 * Pulls a gradient at placed images back to the images themselves.
 *
 * @param gradient `[B, ...canvas, C]`
 * @param placement Where the images were put
 * @param size `[H, W]` of the images. Default: the canvas's
 * @returns `[B, H, W, C]`, 0 for pixels that were left out
 *
 * @example Usage
 * ```ts
 * import { drawPlacement, pullBack } from "./shrink_and_pad.ts";
 * import { createRandom } from "./random.ts";
 * import * as tf from "./tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const ones = tf.ones<tf.Rank.R4>([1, 4, 4, 3]);
 * const drawn = drawPlacement(ones.shape, { smallest: 0.5, perImage: true }, createRandom(2));
 * const back = tf.sum(pullBack(ones, drawn)).dataSync()[0];
 * const inside = drawn.source.dataSync().filter((source) => source < 16).length;
 * assert.equal(back, 3 * inside);
 * ```
 */
export function pullBack(
  gradient: Images,
  placement: Placement,
  size: readonly [number, number] = [gradient.shape[1], gradient.shape[2]],
): Images {
  const [batch, , , channels] = gradient.shape;
  const count = batch * size[0] * size[1];
  const rows = tf.reshape(gradient, [-1, channels]);
  const sums = tf.scatterND(indicesOf(placement), rows, [count + 1, channels]);
  return tf.reshape(tf.slice(sums, [0, 0], [count, channels]), [batch, ...size, channels]);
}

const indicesOf = ({ source }: Placement) => tf.reshape(source, [-1, 1]);

/** The source of every pixel of a batch, images in order, rows from the top. */
function drawSources(
  shape: Images["shape"],
  settings: PlacementSettings,
  random: Random,
): Int32Array {
  const [count, height, width] = shape;
  const { perImage, probability = 1 } = settings;
  const padding = count * height * width;
  const canvas = canvasOf(shape, settings);
  const sources = new Int32Array(count * canvas[0] * canvas[1]);
  const drawPlace = () => {
    if (probability < 1 && random.next() >= probability) {
      return [height, width].map((size) => ({ size, offset: 0 }));
    }
    const share = random.next();
    return [height, width].map((side) => {
      const { least, most, canvas } = sizesOf(side, settings);
      const size = least + Math.floor(share * (most - least + 1));
      return { size, offset: random.integer(canvas - size + 1) };
    });
  };
  let drawn = drawPlace();
  let at = 0;
  for (let image = 0; image < count; image++) {
    if (perImage && image > 0) drawn = drawPlace();
    const [rows, columns] = drawn;
    for (let y = 0; y < canvas[0]; y++) {
      const row = sourceOf(y, height, rows);
      for (let x = 0; x < canvas[1]; x++) {
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
