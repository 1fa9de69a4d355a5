/**
 * Split Bregman iterations for images of least total variation.
 *
 * @module
 */
import { record, type RecordedStep } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** Sweeps over the pixels in a step. */
const SWEEPS = 10;

/** What is minimised, and when it is done. */
export interface BregmanSettings {
  /** λ, the weight of total variation. */
  readonly weight: number;
  /** Root mean square change of an image in a step, at which it is done. */
  readonly tolerance: number;
}

/** Where the iterations stand. */
export interface BregmanState extends tf.TensorContainerObject {
  /** u, `[B, H, W, C]`. */
  readonly restored: Images;
  /** b, the multipliers of the differences downwards and to the right. */
  readonly down: Images;
  readonly right: Images;
  /** d - b: the split differences less their multipliers. */
  readonly downRest: Images;
  readonly rightRest: Images;
  /** `[B, 1, 1, 1]`: 1 while an image changes, 0 once it is done. */
  readonly running: Images;
}

/** What a step is given. */
type BregmanInputs = BregmanState & {
  /** x, `[B, H, W, C]`. */
  readonly images: Images;
  /** w, 1 or 0 for each value. */
  readonly keep: Images;
};

/** The state before the first step: what is kept of the images. */
export function startOf(images: Images, keep: Images): BregmanState {
  return tf.tidy(() => ({
    restored: tf.mul(images, keep),
    down: tf.zerosLike(images),
    right: tf.zerosLike(images),
    downRest: tf.zerosLike(images),
    rightRest: tf.zerosLike(images),
    running: tf.ones([images.shape[0], 1, 1, 1]),
  }));
}

/**
 * Makes a step of min ½ Σ w (u - x)^2 + λ TV(u), isotropic, with differences between neighbours inside the image
 * (Goldstein and Osher 2009): ten Gauss-Seidel sweeps, the two colours of a chessboard in turn; then the differences
 * shrink by length. With μ = 1 / λ the data term weighs μ and the split 2 μ, as in Guo et al. (2017).
 *
 * @param settings λ, tolerance
 * @returns The step, which leaves images alone that are done; dispose it
 *
 * @example Usage
 * ```ts
 * import { createBregmanStep, startOf } from "./split_bregman.ts";
 * import * as tf from "../tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const [images, keep] = [tf.fill<tf.Rank.R4>([1, 3, 3, 3], 0.7), tf.ones<tf.Rank.R4>([1, 3, 3, 3])];
 * using step = createBregmanStep({ weight: 0.03, tolerance: 0.01 });
 * const { restored, running } = step({ images, keep, ...startOf(images, keep) });
 * for (const value of restored.dataSync()) assert.ok(Math.abs(value - 0.7) < 1e-5);
 * assert.equal(running.dataSync()[0], 0);
 * ```
 */
export function createBregmanStep(
  { weight, tolerance }: BregmanSettings,
): RecordedStep<BregmanInputs, BregmanState> {
  const data = 1 / weight;
  const split = 2 * data;
  return record(
    ({ images, keep, ...before }: BregmanInputs): BregmanState => {
      const { restored, down, right, downRest, rightRest, running } = before;
      const [, height, width, channels] = images.shape;
      const neighbours = neighbourCounts(height, width);
      const norm = tf.add(tf.mul(keep, data), tf.mul(neighbours, split));
      const spread = tf.add(backward(downRest, 1), backward(rightRest, 2));
      const pull = tf.add(tf.mul(tf.mul(images, keep), data), tf.mul(spread, split));
      const [fixed, share] = [tf.div(pull, norm), tf.div(split, norm)];
      const board = chessboard(height, width);
      const turns = [board, tf.sub(1, board)];
      let swept: tf.Tensor4D = restored;
      for (let sweep = 0; sweep < 2 * SWEEPS; sweep++) {
        const turn = turns[sweep % 2];
        const own = tf.add(fixed, tf.mul(share, neighbourSums(swept, channels)));
        swept = tf.add(tf.mul(own, turn), tf.mul(swept, tf.sub(1, turn)));
      }
      const [towardsDown, towardsRight] = [
        tf.add(forward(swept, 1), down),
        tf.add(forward(swept, 2), right),
      ];
      const length = tf.sqrt(tf.add(tf.square(towardsDown), tf.square(towardsRight)));
      const shrunk = tf.divNoNan(tf.relu(tf.sub(length, 1 / split)), length);
      const after = [towardsDown, towardsRight].map((towards) => {
        const kept = tf.mul(towards, shrunk);
        const multiplier = tf.sub(towards, kept);
        return { multiplier, rest: tf.sub(kept, multiplier) };
      });
      const change = tf.sqrt(
        tf.mean(tf.squaredDifference(swept, restored), [1, 2, 3], true),
      );
      const advance = (next: tf.Tensor, last: tf.Tensor) =>
        tf.add(tf.mul(next, running), tf.mul(last, tf.sub(1, running))) as Images;
      return {
        restored: advance(swept, restored),
        down: advance(after[0].multiplier, down),
        right: advance(after[1].multiplier, right),
        downRest: advance(after[0].rest, downRest),
        rightRest: advance(after[1].rest, rightRest),
        running: tf.mul(running, tf.cast(tf.greater(change, tolerance), "float32")),
      };
    },
    { name: "total variation" },
  );
}

/** Each value's successor along an axis less itself; 0 at the end. */
function forward(images: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const end = images.shape[axis] - 1;
  const steps = tf.sub(part(images, axis, 1, end), part(images, axis, 0, end)) as tf.Tensor4D;
  return padded(steps, axis, [0, 1]);
}

/** Each value's predecessor along an axis less itself; what is before the first is 0. */
function backward(images: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const end = images.shape[axis] - 1;
  return tf.sub(padded(part(images, axis, 0, end), axis, [1, 0]), images);
}

/** The sum of the neighbours above, below, left and right that there are. */
function neighbourSums(images: tf.Tensor4D, channels: number): tf.Tensor4D {
  // A convolution is one operation, each channel of it its own neighbours' sum.
  const cross = [0, 1, 0, 1, 0, 1, 0, 1, 0];
  const kernel = cross.flatMap((weight) =>
    Array.from({ length: channels ** 2 }, (_, at) => at % (channels + 1) === 0 ? weight : 0)
  );
  return tf.conv2d(images, tf.tensor4d(kernel, [3, 3, channels, channels]), 1, "same");
}

/** How many neighbours each pixel has: fewer at the border. `[1, H, W, 1]`. */
function neighbourCounts(height: number, width: number): tf.Tensor4D {
  const inside = (at: number, side: number) => Number(at > 0) + Number(at < side - 1);
  return ofPixels(height, width, (y, x) => inside(y, height) + inside(x, width));
}

/** 1 and 0 in turns. `[1, H, W, 1]`. */
function chessboard(height: number, width: number): tf.Tensor4D {
  return ofPixels(height, width, (y, x) => (y + x) % 2);
}

function ofPixels(
  height: number,
  width: number,
  value: (y: number, x: number) => number,
): tf.Tensor4D {
  const values = Float32Array.from(
    { length: height * width },
    (_, at) => value(Math.floor(at / width), at % width),
  );
  return tf.tensor4d(values, [1, height, width, 1]);
}

function part(images: tf.Tensor4D, axis: 1 | 2, begin: number, size: number): tf.Tensor4D {
  const [begins, sizes] = [[0, 0, 0, 0], [-1, -1, -1, -1]];
  [begins[axis], sizes[axis]] = [begin, size];
  return tf.slice(images, begins, sizes);
}

function padded(images: tf.Tensor4D, axis: 1 | 2, by: [number, number]): tf.Tensor4D {
  const pads: [number, number][] = [[0, 0], [0, 0], [0, 0], [0, 0]];
  pads[axis] = by;
  return tf.pad(images, pads);
}
