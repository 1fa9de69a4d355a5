/**
 * The Square attack's candidates in an L-infinity ball: vertical stripes, then squares of one colour.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { type Ball, linf } from "./ball.ts";
import {
  drawSigns,
  drawWindow,
  type Mask,
  maskOf,
  sideOf,
  type Windows,
} from "./square_windows.ts";

/** What a query draws: one window and one colour for all images. */
interface Square extends Mask {
  /** `[1, 1, 1, C]` -1 or 1 */
  readonly signs: tf.Tensor4D;
}

/**
 * Candidates in an L-infinity ball. The first adds epsilon or subtracts it, by image, column and channel; each
 * further one adds or subtracts 2 epsilon, by channel, in a square, and is then projected.
 *
 * @param epsilon The ball's radius
 * @returns The candidates
 */
export function linfWindows(epsilon: number): Windows<Ball> {
  return {
    around: linf.around,
    drawStart: ([batch, , width, channels], random) =>
      drawSigns([batch, 1, width, channels], random),
    start: (clean, ball, signs) => linf.project(tf.add(clean, tf.mul(signs, epsilon)), ball),
    draw: (shape, share, random): Square => ({
      ...maskOf(shape, drawWindow(shape, sideOf(shape, share, 1), random)),
      signs: drawSigns([1, 1, 1, shape[3]], random),
    }),
    propose(best, ball, drawn) {
      const { rows, columns, signs } = drawn as Square;
      const change = tf.mul(tf.mul(rows, columns), tf.mul(signs, 2 * epsilon));
      return linf.project(tf.add(best, change), ball);
    },
  };
}
