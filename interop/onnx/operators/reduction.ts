/**
 * Reductions over axes.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { type HostArray, hostArray, sizeOf, stridesOf, walk } from "../host_array.ts";
import { Value } from "../value.ts";
import { axesOf, axisOf, type Call, type Operator, type OperatorTable } from "./operator.ts";

type Reduce = (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor;

/** A reduction; `onHost` is the same for numbers known before any image is. */
function reduction(reduce: Reduce, onHost?: (numbers: readonly number[]) => number): Operator {
  return {
    host: [1],
    run: (call) => {
      const value = call.input(0);
      const named = axesOf(call, 1, value.rank);
      if (!named?.length && call.attributes.int("noop_with_empty_axes", 0) === 1) return value;
      const axes = named?.length ? named : value.dims.map((_, axis) => axis);
      const keep = call.attributes.int("keepdims", 1) === 1;
      if (onHost && value.known) return Value.host(reduceHost(value.known, axes, keep, onHost));
      if (keep) return value.mapAxes((x, place) => reduce(x, axes.map(place), true));
      // Of rows and columns: what is left has ONNX's order by itself.
      const isOfPixels = value.isLast && axes.toSorted().join() === "2,3";
      return Value.plain(
        isOfPixels ? reduce(value.last, [1, 2], false) : reduce(value.plain, axes, false),
      );
    },
  };
}

/** The Euclidean length. Where that is 0 its gradient is 0, as PyTorch has it; the root's alone would be NaN. */
function lengthOf(input: tf.Tensor, axes: number[], keep: boolean): tf.Tensor {
  const length = (x: tf.Tensor, keep: boolean) => tf.sqrt(tf.sum(tf.square(x), axes, keep));
  return tf.customGrad((given, save) => {
    const x = given as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    return {
      value: length(x, keep),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const lengths = length(saved, true);
        return tf.mul(tf.reshape(dy, lengths.shape), tf.divNoNan(saved, lengths));
      },
    };
  })(input);
}

function reduceHost(
  array: HostArray,
  axes: readonly number[],
  keep: boolean,
  reduce: (numbers: readonly number[]) => number,
): HostArray {
  const { dims, kind } = array;
  const rest = dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const strides = stridesOf(dims);
  const order = [...rest, ...axes];
  // What is reduced comes last.
  const turned =
    walk(array, order.map((axis) => dims[axis]), order.map((axis) => strides[axis])).data;
  const width = sizeOf(axes.map((axis) => dims[axis]));
  const kept = keep
    ? dims.map((size, axis) => axes.includes(axis) ? 1 : size)
    : rest.map((axis) => dims[axis]);
  return hostArray(
    kept,
    kind,
    (place) => reduce(Array.from(turned.subarray(place * width, (place + 1) * width))),
  );
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** An index per example has no gradient: it is what a label map is made of, at the end. */
function argMax(call: Call): Value {
  const value = call.input(0);
  const axis = axisOf(call.attributes.int("axis", 0), value.rank);
  const found = tf.argMax(value.plain, axis);
  return Value.plain(call.attributes.int("keepdims", 1) === 1 ? tf.expandDims(found, axis) : found);
}

/** Reduction operators. */
export const reductionOperators: OperatorTable = {
  ReduceMean: reduction(tf.mean, (numbers) => sum(numbers) / numbers.length),
  ReduceSum: reduction(tf.sum, sum),
  ReduceMax: reduction(tf.max, (numbers) => numbers.reduce((a, b) => Math.max(a, b))),
  ReduceMin: reduction(tf.min, (numbers) => numbers.reduce((a, b) => Math.min(a, b))),
  ReduceProd: reduction(
    tf.prod,
    (numbers) => numbers.reduce((product, number) => product * number, 1),
  ),
  ReduceL1: reduction((x, axes, keep) => tf.sum(tf.abs(x), axes, keep)),
  ReduceL2: reduction(lengthOf),
  ReduceSumSquare: reduction((x, axes, keep) => tf.sum(tf.square(x), axes, keep)),
  ArgMax: {
    run: argMax,
    lacks: (attributes) =>
      attributes.int("select_last_index", 0) === 1 ? "select_last_index" : undefined,
  },
};
