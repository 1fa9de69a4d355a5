/**
 * The windows of the Square attack: how large they are, where they lie, and what fills them.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";

/** How candidates of the Square attack are made in one norm. */
export interface Windows<Bounds extends tf.TensorContainerObject> {
  /** The ball's bounds, computed once for all queries. */
  around(clean: Images, epsilon: number): Bounds;
  /** Draws the first candidate, a change of the clean images; the caller disposes it. */
  drawStart(shape: Images["shape"], random: Random): tf.Tensor4D;
  /** The first candidate. Pure. */
  start(clean: Images, bounds: Bounds, change: tf.Tensor4D): Images;
  /** Draws what a query's windows are filled with, as small tensors; the caller disposes them. */
  draw(shape: Images["shape"], share: number, random: Random): tf.TensorContainerObject;
  /** The next candidate from the best images. Pure. */
  propose(best: Images, bounds: Bounds, drawn: tf.TensorContainerObject): Images;
}

/** Queries out of 10,000 after which the windows' area is halved (Andriushchenko et al. 2020). */
const HALVED_AFTER = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/**
 * The share of an image that a query's window covers.
 *
 * @param query From 0
 * @param initial The share of the first queries
 * @param queries The number of all, if the schedule is stretched to it; else it is that of 10,000 queries
 * @returns The share
 *
 * @example Usage
 * ```ts
 * import { shareOf } from "./square_windows.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([10, 11, 50, 51].map((query) => shareOf(query, 0.8)), [0.8, 0.4, 0.4, 0.2]);
 * assert.equal(shareOf(11, 0.8, 100), 0.8 / 2 ** 5);
 * ```
 */
export function shareOf(query: number, initial: number, queries = 10000): number {
  const index = Math.floor(query / queries * 10000);
  return initial / 2 ** HALVED_AFTER.filter((bound) => index > bound).length;
}

/** A square of an image. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/** The side of a window of a share, at least `least`, within the image. */
export function sideOf([, height, width]: Images["shape"], share: number, least: number): number {
  return Math.min(Math.max(Math.round(Math.sqrt(share * height * width)), least), height, width);
}

/**
 * Draws a window's place. As in the original the last row and column are never those of a window that is
 * smaller than the image.
 *
 * @param shape Of the images
 * @param side Of the window
 * @param random The stream
 * @returns The window
 */
export function drawWindow(
  [, height, width]: Images["shape"],
  side: number,
  random: Random,
): Window {
  const corner = (size: number) => random.integer(Math.max(size - side, 1));
  return { top: corner(height), left: corner(width), side };
}

/** 1 in a window's rows, `[1, H, 1, 1]`, and columns, `[1, 1, W, 1]`; their product is its mask. */
export interface Mask extends tf.TensorContainerObject {
  readonly rows: tf.Tensor4D;
  readonly columns: tf.Tensor4D;
}

/** The mask of a window: numbers of a side each, so that one recording serves all sides. */
export function maskOf([, height, width]: Images["shape"], { top, left, side }: Window): Mask {
  const ones = (size: number, from: number) =>
    Float32Array.from({ length: size }, (_, at) => at >= from && at < from + side ? 1 : 0);
  return {
    rows: tf.tensor4d(ones(height, top), [1, height, 1, 1]),
    columns: tf.tensor4d(ones(width, left), [1, 1, width, 1]),
  };
}

/** Draws -1 or 1, as often as a shape says. */
export function drawSigns(
  shape: [number, number, number, number],
  random: Random,
): tf.Tensor4D {
  const count = shape.reduce((product, side) => product * side, 1);
  return tf.tensor4d(
    Float32Array.from({ length: count }, () => random.next() < 0.5 ? -1 : 1),
    shape,
  );
}
