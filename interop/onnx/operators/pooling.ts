/**
 * Poolings over rows and columns.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import type { Attributes } from "../attributes.ts";
import { Value } from "../value.ts";
import type { Call, OperatorTable } from "./operator.ts";
import {
  fitted,
  isPaddedByBackends,
  lacksWindows,
  type Pair,
  type Windows,
  windowsOf,
} from "./windows.ts";

/** Below every number that a network gives; infinity would give NaN where it is multiplied by 0. */
const LOWEST = -3.4e38;

function lacksPooling(attributes: Attributes): string | undefined {
  if (attributes.ints("dilations", []).some((step) => step !== 1)) return "dilations";
  return lacksWindows(attributes);
}

function poolingOf(call: Call) {
  const images = call.input(0).last;
  const [, height, width] = images.shape;
  const windows = windowsOf(
    call.attributes,
    [height, width],
    call.attributes.ints("kernel_shape", []),
  );
  const kernel = windows.map(({ kernel }) => kernel) as Pair;
  const strides = windows.map(({ stride }) => stride) as Pair;
  return { images, windows, kernel, strides };
}

function maxPool(call: Call): Value {
  const { images, windows, kernel, strides } = poolingOf(call);
  if (isPaddedByBackends(call.attributes)) {
    return Value.last(tf.maxPool(images, kernel, strides, "same"));
  }
  return Value.last(tf.maxPool(fitted(images, windows, LOWEST), kernel, strides, "valid"));
}

/** The size of each window along an axis, divided by how many of its pixels count. */
function shares(
  { kernel, stride, before, after, count }: Windows,
  size: number,
  isPadCounted: boolean,
): number[] {
  const [first, end] = isPadCounted ? [-before, size + after] : [0, size];
  return Array.from({ length: count }, (_, index) => {
    const start = index * stride - before;
    return kernel / (Math.min(start + kernel, end) - Math.max(start, first));
  });
}

function averagePool(call: Call): Value {
  const { images, windows, kernel, strides } = poolingOf(call);
  const [, height, width] = images.shape;
  const mean = tf.avgPool(fitted(images, windows, 0), kernel, strides, "valid");
  const isPadCounted = call.attributes.int("count_include_pad", 0) === 1;
  const [rows, columns] = [height, width].map((size, axis) =>
    shares(windows[axis], size, isPadCounted)
  );
  if ([...rows, ...columns].every((share) => share === 1)) return Value.last(mean);
  const share = rows.flatMap((row) => columns.map((column) => row * column));
  return Value.last(tf.mul(mean, tf.tensor(share, [1, rows.length, columns.length, 1])));
}

/** Of all places of a channel, in as many dimensions as there are. */
function overall(
  reduce: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor,
): (call: Call) => Value {
  return (call) => {
    const value = call.input(0);
    const axes = value.dims.map((_, axis) => axis).slice(2);
    return value.mapAxes((x, place) => reduce(x, axes.map(place), true));
  };
}

/** Pooling operators. */
export const poolingOperators: OperatorTable = {
  MaxPool: { run: maxPool, lacks: lacksPooling },
  AveragePool: { run: averagePool, lacks: lacksPooling },
  GlobalAveragePool: { run: overall(tf.mean) },
  GlobalMaxPool: { run: overall(tf.max) },
};
