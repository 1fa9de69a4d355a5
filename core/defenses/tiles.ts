/**
 * Images cut into overlapping tiles, and put together of them without seams.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { windowStarts } from "../windows.ts";

/** How images are cut into tiles. */
export interface TileSettings {
  /** `[height, width]` of a tile. */
  readonly size: readonly [number, number];
  /** Least pixels that neighbours share, below both sides of a tile. @default a quarter of the shorter side */
  readonly overlap?: number;
}

/** The tiles of images of one size. */
export interface TileGrid {
  /** `[height, width]` of a tile. */
  readonly size: readonly [number, number];
  /** `[height, width]` that tiles cover: the images', or a tile's where that is longer. */
  readonly whole: readonly [number, number];
  /** First row of each row of tiles. */
  readonly tops: readonly number[];
  /** First column of each column of tiles. */
  readonly lefts: readonly number[];
}

/**
 * Lays tiles over images.
 *
 * @param images `[height, width]` of the images
 * @param settings Size and overlap of tiles
 * @returns The tiles, the last ones at the border
 * @throws {RangeError} If the overlap is no whole number from 0, or not below a tile's sides
 *
 * @example Usage
 * ```ts
 * import { tileGrid } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * const grid = tileGrid([1024, 2048], { size: [512, 512] });
 * assert.deepEqual(grid.tops, [0, 384, 512]);
 * assert.deepEqual(grid.lefts, [0, 384, 768, 1152, 1536]);
 * ```
 */
export function tileGrid(
  images: readonly [number, number],
  { size, overlap = Math.floor(Math.min(...size) / 4) }: TileSettings,
): TileGrid {
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= Math.min(...size)) {
    throw new RangeError(
      `Cannot cut tiles of ${
        size.join("x")
      } as their overlap must be a whole number from 0 to below both sides: current value is ${overlap}`,
    );
  }
  const [tops, lefts] = [0, 1].map((axis) =>
    windowStarts(images[axis], size[axis], size[axis] - overlap)
  );
  const whole = [Math.max(images[0], size[0]), Math.max(images[1], size[1])] as const;
  return { size, whole, tops, lefts };
}

/**
 * Cuts images into tiles; differentiable. Images smaller than a tile go on as their mirror image.
 *
 * @param images `[B, H, W, C]`
 * @param grid From {@linkcode tileGrid} for `[H, W]`
 * @returns Tiles `[B, h, w, C]`, row by row
 *
 * @example Usage
 * ```ts
 * import { cutTiles, tileGrid } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const grid = tileGrid([1, 3], { size: [1, 2], overlap: 0 });
 * const tiles = cutTiles(tf.tensor4d([1, 2, 3], [1, 1, 3, 1]), grid);
 * assert.deepEqual(tiles.map((tile) => [...tile.dataSync()]), [[1, 2], [2, 3]]);
 * ```
 */
export function cutTiles(images: tf.Tensor4D, { size, whole, tops, lefts }: TileGrid): Images[] {
  const [batch, , , channels] = images.shape;
  const covered = mirroredTo(mirroredTo(images, whole[0], 1), whole[1], 2);
  const shape: [number, number, number, number] = [batch, ...size, channels];
  return tops.flatMap((top) => lefts.map((left) => tf.slice(covered, [0, top, left, 0], shape)));
}

/**
 * Puts tiles together; differentiable. Where two overlap, one fades into the other by a raised cosine over the middle
 * half of what they share: the outer quarters, where a network sees the end of a tile, are taken from the neighbour
 * alone. Tiles that differ by d meet in steps of at most π d / overlap from pixel to pixel. Equal tiles stay as they are,
 * bit for bit.
 *
 * @param tiles `[B, h, w, C]`, row by row
 * @param grid Where they lie
 * @param size `[H, W]` of the images
 * @returns `[B, H, W, C]`
 *
 * @example Usage
 * ```ts
 * import { cutTiles, joinTiles, tileGrid } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = tf.randomUniform<tf.Rank.R4>([1, 9, 13, 3]);
 * const grid = tileGrid([9, 13], { size: [6, 6], overlap: 2 });
 * const joined = joinTiles(cutTiles(images, grid), grid, [9, 13]);
 * assert.deepEqual(joined.dataSync(), images.dataSync());
 * ```
 */
export function joinTiles(
  tiles: readonly tf.Tensor4D[],
  { tops, lefts, size: [rows, columns] }: TileGrid,
  [height, width]: readonly [number, number],
): Images {
  const count = lefts.length;
  const strips = tops.map((_, row) =>
    join(tiles.slice(row * count, (row + 1) * count), lefts, columns, 2)
  );
  const joined = join(strips, tops, rows, 1);
  const [batch, , , channels] = joined.shape;
  return tf.slice(joined, [0, 0, 0, 0], [batch, height, width, channels]);
}

/** Joins parts along an axis. What no later part reaches is set aside, so that each part is copied once. */
function join(
  parts: readonly tf.Tensor4D[],
  starts: readonly number[],
  size: number,
  axis: 1 | 2,
): tf.Tensor4D {
  const done: tf.Tensor4D[] = [];
  let last = parts[0];
  for (let index = 1; index < parts.length; index++) {
    const shared = starts[index - 1] + size - starts[index];
    const own = size - shared;
    if (shared === 0) {
      done.push(last);
      last = parts[index];
      continue;
    }
    const [before, from] = tf.split<tf.Tensor4D>(last, [own, shared], axis);
    const [to, after] = tf.split<tf.Tensor4D>(parts[index], [shared, own], axis);
    done.push(before);
    const faded: tf.Tensor4D = tf.add(from, tf.mul(tf.sub(to, from), fade(shared, axis)));
    last = tf.concat([faded, after], axis);
  }
  return done.length === 0 ? last : tf.concat([...done, last], axis);
}

/** Weights of the later of two parts where both are: 0 in the first quarter, 1 in the last one. */
function fade(shared: number, axis: 1 | 2): tf.Tensor {
  const margin = Math.floor(shared / 4);
  const weights = Array.from({ length: shared }, (_, place) => {
    const share = (place - margin + 0.5) / (shared - 2 * margin);
    return (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, share)))) / 2;
  });
  return tf.tensor(weights, axis === 1 ? [1, shared, 1, 1] : [1, 1, shared, 1]);
}

/** Continues images along an axis, there and back, up to a length. */
function mirroredTo(images: tf.Tensor4D, length: number, axis: 1 | 2): tf.Tensor4D {
  const side = images.shape[axis];
  if (side >= length) return images;
  const period = Math.max(1, 2 * side - 2);
  const places = Array.from({ length }, (_, place) => {
    const within = place % period;
    return within < side ? within : period - within;
  });
  return tf.gather(images, tf.tensor1d(places, "int32"), axis);
}
