/**
 * The Square attack's candidates in an L2 ball: tiles of a pattern, then one window's share moved to another.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { l2, type Sphere } from "./ball.ts";
import {
  drawSigns,
  drawWindow,
  type Mask,
  maskOf,
  sideOf,
  type Window,
  type Windows,
} from "./square_windows.ts";

/** Keeps divisions by a length finite. */
const LENGTH_GUARD = 1e-12;
/** Tiles of the start along a side. */
const TILES = 5;
/** The least side of a window. */
const LEAST_SIDE = 3;

/** Nested rectangles around the middle: the k-th, from within, adds 1 / k^2. Not of length 1 yet. */
function pyramid(height: number, width: number): number[][] {
  const [middle, across] = [Math.floor(height / 2), Math.floor(width / 2)];
  const layers = Math.max(middle, across) + 1;
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const ring = Math.max(Math.abs(row - middle), Math.abs(column - across));
      let sum = 0;
      for (let layer = ring; layer < layers; layer++) sum += 1 / (layer + 1) ** 2;
      return sum;
    }));
}

const lengthOf = (rows: number[][]) => Math.hypot(...rows.flat());

/**
 * The pattern that fills a window: a pyramid above, its negative below, each of the same length.
 *
 * @param side Of the window
 * @param turned Whether it is left and right instead
 * @returns Its rows; of length 1
 */
export function pattern(side: number, turned: boolean): number[][] {
  const above = Math.floor(side / 2);
  const halves = [above, side - above].filter((height) => height > 0).map((height) => {
    const rows = pyramid(height, side);
    const length = lengthOf(rows);
    return rows.map((row) => row.map((value) => value / length));
  });
  const [upper, lower] = halves.length === 2 ? halves : [[], halves[0]];
  const rows = [...upper, ...lower.map((row) => row.map((value) => -value))];
  const length = lengthOf(rows);
  return rows.map((row, y) => row.map((value, x) => (turned ? rows[x][y] : value) / length));
}

/** A pattern in its window of an image of one channel, `[1, H, W, 1]`. */
function placed(
  rows: number[][],
  [, height, width]: Images["shape"],
  { top, left }: Window,
): tf.Tensor4D {
  const image = tf.buffer<tf.Rank.R4>([1, height, width, 1]);
  for (const [row, values] of rows.entries()) {
    for (const [column, value] of values.entries()) {
      image.set(value, 0, top + row, left + column, 0);
    }
  }
  return image.toTensor();
}

const drawPattern = (side: number, random: Random) => pattern(side, random.next() > 0.5);

/** What a query draws: two windows for all images, and a sign for each image and channel. */
interface Move extends tf.TensorContainerObject {
  /** `[1, H, W, 1]` the pattern in the window that is filled, 0 elsewhere. */
  readonly pattern: tf.Tensor4D;
  /** `[B, 1, 1, C]` -1 or 1 */
  readonly signs: tf.Tensor4D;
  readonly filled: Mask;
  readonly emptied: Mask;
}

/** Tiles of the pattern, each with a sign of its own for every image and channel; their length is not 1. */
function drawTiles(shape: Images["shape"], random: Random): tf.Tensor4D {
  const [batch, height, width, channels] = shape;
  const side = Math.max(1, Math.floor(Math.min(height, width) / TILES));
  const [down, across] = [height, width].map((size) => Math.floor(size / side));
  const [top, left] = [height - down * side, width - across * side].map((rest) =>
    Math.floor(rest / 2)
  );
  const change = tf.buffer<tf.Rank.R4>(shape);
  for (let tile = 0; tile < down * across; tile++) {
    const [y, x] = [top + Math.floor(tile / across) * side, left + tile % across * side];
    const rows = drawPattern(side, random);
    for (let image = 0; image < batch; image++) {
      for (let channel = 0; channel < channels; channel++) {
        const sign = random.next() < 0.5 ? -1 : 1;
        for (const [row, values] of rows.entries()) {
          for (const [column, value] of values.entries()) {
            change.set(sign * value, image, y + row, x + column, channel);
          }
        }
      }
    }
  }
  return change.toTensor();
}

/** A change of length epsilon, added. */
function added({ clean, radius }: Sphere, change: tf.Tensor): Images {
  return tf.clipByValue(
    tf.add(clean, tf.mul(l2.direction(change as Images), radius)),
    0,
    1,
  ) as Images;
}

/** Lengths by image and channel, `[B, 1, 1, C]`. */
const lengths = (change: tf.Tensor) => tf.sqrt(tf.sum(tf.square(change), [1, 2], true));

/**
 * Candidates in an L2 ball. The first are tiles of a pattern. Each further one empties one window and fills
 * another with its content plus the pattern, by as much as both held and as was left of epsilon.
 *
 * @returns The candidates
 */
export function l2Windows(): Windows<Sphere> {
  return {
    around: l2.around,
    drawStart: drawTiles,
    start: (_, sphere, tiles) => added(sphere, tiles),
    draw(shape, share, random): Move {
      const [batch, height, width, channels] = shape;
      const wanted = sideOf(shape, share, LEAST_SIDE);
      // Odd, and within the image.
      const odd = wanted % 2 === 1 ? wanted : wanted + 1;
      const side = odd > Math.min(height, width) ? wanted : odd;
      const filled = drawWindow(shape, side, random);
      const emptied = drawWindow(shape, side, random);
      return {
        pattern: placed(drawPattern(side, random), shape, filled),
        signs: drawSigns([batch, 1, 1, channels], random),
        filled: maskOf(shape, filled),
        emptied: maskOf(shape, emptied),
      };
    },
    propose(best, sphere, drawn) {
      const { pattern, signs, filled, emptied } = drawn as Move;
      const { clean, radius } = sphere;
      const change = tf.sub(best, clean);
      const [inside, other] = [filled, emptied].map(({ rows, columns }) => tf.mul(rows, columns));
      const kept = tf.mul(change, inside);
      const either = tf.maximum(inside, other);
      const left = tf.sub(tf.square(radius), tf.sum(tf.square(change), [1, 2, 3], true));
      const budget = tf.sqrt(tf.add(
        tf.div(tf.relu(left), change.shape[3]!),
        tf.square(lengths(tf.mul(change, either))),
      ));
      const content = tf.add(
        tf.mul(pattern, signs),
        tf.div(kept, tf.add(lengths(kept), LENGTH_GUARD)),
      );
      const fill = tf.mul(tf.div(content, tf.add(lengths(content), LENGTH_GUARD)), budget);
      return added(sphere, tf.add(tf.mul(change, tf.sub(1, either)), fill));
    },
  };
}
