/**
 * Doubling by bicubic interpolation: the control beside a network that doubles images.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import { cubic } from "../bicubic.ts";
import type { Images } from "../dataset.ts";
import { oneOf, option } from "../options.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";

/** Whether O sees the doubled image, or the mean of each four of its pixels. */
export type DoubledOutput = "double" | "same";

/** Weights of two pixels on either side, three quarters of the way to the second: Keys's cubic with a = -1/2. */
const TAPS = [1.75, 0.75, 0.25, 1.25].map(cubic);

/**
 * Doubles images by bicubic interpolation, borders mirrored, and gives O the double, or each four of its pixels as their
 * mean. What is told of super-resolution as a defense (Mustafa et al. 2019) must be more than this.
 *
 * @param output "double" needs an O that takes images of any size (`unresized`)
 * @returns The defense; dispose it. Its gradient is exact
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { bicubicDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = bicubicDefense("double");
 * const restored = await defense.restore(tf.fill([1, 3, 5, 3], 0.25), createRandom(1));
 * assert.deepEqual(restored.shape, [1, 6, 10, 3]);
 * for (const value of restored.dataSync()) assert.ok(Math.abs(value - 0.25) < 1e-6);
 * ```
 */
export function bicubicDefense(output: DoubledOutput): Defense & Disposable {
  const isDouble = output === "double";
  const apply = (images: Images) => {
    const doubled = tf.clipByValue(doubledAlong(doubledAlong(images, 1), 2), 0, 1) as Images;
    return isDouble ? doubled : meanOfFour(doubled);
  };
  const step = record(({ images }: { images: Images }) => apply(images), { name: "double" });
  return {
    name: "bicubic",
    variables: [],
    ...(isDouble && { changesSize: true }),
    gradient: { exact: true, apply, ...(isDouble && { shapeOf: twice }) },
    restore: (images) => Promise.try(() => step({ images })),
    [Symbol.dispose]: () => step[Symbol.dispose](),
  };
}

const twice = ([batch, height, width, channels]: Images["shape"]): Images["shape"] => [
  batch,
  2 * height,
  2 * width,
  channels,
];

/** Doubles an axis: two pixels in the place of one, a quarter of it to either side of its middle. */
function doubledAlong(images: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const side = images.shape[axis];
  const [before, after] = [[Math.min(1, side - 1), 0], [side - 1, Math.max(side - 2, 0)]]
    .map((places) => places.map((place) => part(images, axis, place, 1)));
  const mirrored = tf.concat([...before, images, ...after], axis);
  const turns = [(tap: number) => tap, (tap: number) => TAPS.length - tap];
  const sums = turns.map((begin) =>
    TAPS.map((weight, tap) => tf.mul(part(mirrored, axis, begin(tap), side), weight))
      .reduce((sum, next) => tf.add(sum, next))
  );
  const shape: [number, number, number, number] = [...images.shape];
  shape[axis] *= 2;
  return tf.reshape(tf.stack(sums, axis + 1), shape);
}

/** The mean of each two by two pixels. */
function meanOfFour(images: Images): Images {
  const [batch, height, width, channels] = images.shape;
  const pairs = tf.reshape(images, [batch * height / 2, 2, width / 2, 2, channels]);
  return tf.reshape(tf.mean(pairs, [1, 3]), [batch, height / 2, width / 2, channels]);
}

function part(images: tf.Tensor4D, axis: 1 | 2, begin: number, size: number): tf.Tensor4D {
  const [begins, sizes] = [[0, 0, 0, 0], [-1, -1, -1, -1]];
  [begins[axis], sizes[axis]] = [begin, size];
  return tf.slice(images, begins, sizes);
}

/** Doubles images by bicubic interpolation: the control beside super-resolution (Mustafa et al. 2019), with its exact gradient. */
export const bicubic = defineDefense({
  title: "Bicubic doubling",
  role: "transformation",
  version: 1,
  options: {
    output: option(
      "same",
      oneOf<DoubledOutput>("same", "double"),
      "what O sees: the mean of each four pixels, or the double itself, for a classifier that takes any size",
    ),
  },
  create: ({ output }) => Promise.resolve(bicubicDefense(output)),
});
