/**
 * Shapes, constants, and what only changes shapes.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import {
  broadcastDims,
  hostArray,
  hostInts,
  type NumberKind,
  sizeOf,
  stretch,
  stridesOf,
  walk,
} from "../host_array.ts";
import { kindOf } from "../tensor.ts";
import { hostNumber, TO_LAST, TO_ONNX, Value } from "../value.ts";
import { axesOf, axisOf, type Call, type OperatorTable } from "./operator.ts";

function reshape(call: Call): Value {
  const value = call.input(0);
  const keepsZeros = call.attributes.int("allowzero", 0) === 1;
  const dims = call.input(1).numbers.map((size, axis) =>
    size === 0 && !keepsZeros ? value.dims[axis] : size
  );
  const total = sizeOf(value.dims);
  const rest = total / sizeOf(dims.filter((size) => size !== -1));
  const whole = dims.map((size) => size === -1 ? rest : size);
  if (sizeOf(whole) !== total || !whole.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new RangeError(`[${value.dims.join(", ")}] cannot become [${dims.join(", ")}]`);
  }
  return value.reshaped(whole);
}

function flatten(call: Call): Value {
  const value = call.input(0);
  const axis = call.attributes.int("axis", 1);
  const at = axis < 0 ? axis + value.rank : axis;
  return value.reshaped([sizeOf(value.dims.slice(0, at)), sizeOf(value.dims.slice(at))]);
}

function squeeze(call: Call): Value {
  const value = call.input(0);
  const axes = axesOf(call, 1, value.rank) ??
    value.dims.flatMap((size, axis) => size === 1 ? [axis] : []);
  return value.reshaped(value.dims.filter((_, axis) => !axes.includes(axis)));
}

function unsqueeze(call: Call): Value {
  const value = call.input(0);
  const axes = call.optional(1)?.numbers ?? call.attributes.ints("axes", []);
  const rank = value.rank + axes.length;
  const dims = [...value.dims];
  for (const axis of axes.map((axis) => axisOf(axis, rank)).sort((a, b) => a - b)) {
    dims.splice(axis, 0, 1);
  }
  return value.reshaped(dims);
}

function transpose(call: Call): Value {
  const value = call.input(0);
  const order = [...call.attributes.ints("perm", value.dims.map((_, axis) => axis).reverse())];
  if (value.known) {
    const strides = stridesOf(value.dims);
    const dims = order.map((axis) => value.dims[axis]);
    return Value.host(walk(value.known, dims, order.map((axis) => strides[axis])));
  }
  // What exporters write around a norm of channels costs nothing.
  if (value.isLast && order.join() === TO_ONNX.join()) return Value.plain(value.last);
  if (!value.isLast && order.join() === TO_LAST.join()) return Value.last(value.plain);
  return Value.plain(tf.transpose(value.plain, order));
}

function shape(call: Call): Value {
  const { dims } = call.input(0);
  const [start, end] = [call.attributes.int("start", 0), call.attributes.int("end", dims.length)];
  return Value.host(hostInts(dims.slice(start, end)));
}

function constant({ attributes }: Call): Value {
  const array = attributes.array("value");
  if (array) return Value.host(array);
  if (attributes.has("value_int")) return hostNumber(attributes.int("value_int", 0), "int");
  if (attributes.has("value_float")) return hostNumber(attributes.float("value_float", 0), "float");
  const ints = attributes.optionalInts("value_ints");
  if (ints) return Value.host(hostInts(ints));
  const floats = attributes.floats("value_floats");
  return Value.host(hostArray([floats.length], "float", (place) => floats[place]));
}

function constantOfShape(call: Call): Value {
  const { data, kind } = call.attributes.array("value") ?? { data: [0], kind: "float" as const };
  return Value.host(hostArray(call.input(0).numbers, kind, () => data[0]));
}

function cast(call: Call): Value {
  return castTo(kindOf(call.attributes.int("to", 1))!, call.input(0));
}

function castTo(kind: NumberKind, value: Value): Value {
  const round =
    { float: (x: number) => x, int: Math.trunc, bool: (x: number) => Number(x !== 0) }[kind];
  if (value.known) {
    const { data, dims } = value.known;
    return Value.host(hostArray(dims, kind, (place) => round(data[place])));
  }
  if (value.kind === kind) return value;
  const dtype = ({ float: "float32", int: "int32", bool: "bool" } as const)[kind];
  return value.map((x) => tf.cast(x, dtype));
}

function expand(call: Call): Value {
  const value = call.input(0);
  const dims = broadcastDims(value.dims, call.input(1).numbers);
  if (value.known) return Value.host(stretch(value.known, dims));
  return Value.plain(tf.broadcastTo(value.plain, dims));
}

function tile(call: Call): Value {
  return Value.plain(tf.tile(call.input(0).plain, call.input(1).numbers));
}

function range(call: Call): Value {
  const [from, to, by] = [0, 1, 2].map((index) => call.input(index).number);
  const count = Math.max(0, Math.ceil((to - from) / by));
  return Value.host(hostArray([count], call.input(0).kind, (place) => from + place * by));
}

/** Pixels of channels, or channels of pixels: blocks of `size` x `size`. */
function depthToSpace(call: Call): Value {
  const size = call.attributes.int("blocksize", 1);
  const [batch, channels, height, width] = call.input(0).dims;
  const outputs = channels / size ** 2;
  const isColumnRowDepth = call.attributes.text("mode", "DCR") === "CRD";
  const parts = isColumnRowDepth ? [outputs, size, size] : [size, size, outputs];
  const blocks = tf.reshape(call.input(0).last, [batch, height, width, ...parts]);
  const order = isColumnRowDepth ? [0, 1, 4, 2, 5, 3] : [0, 1, 3, 2, 4, 5];
  return Value.last(
    tf.reshape(tf.transpose(blocks, order), [batch, height * size, width * size, outputs]),
  );
}

/** Operators of shapes. */
export const shapeOperators: OperatorTable = {
  Reshape: { run: reshape, host: [1] },
  Flatten: { run: flatten },
  Squeeze: { run: squeeze, host: [1] },
  Unsqueeze: { run: unsqueeze, host: [1] },
  Transpose: { run: transpose },
  Shape: { run: shape },
  Size: { run: (call) => hostNumber(sizeOf(call.input(0).dims), "int") },
  Constant: {
    run: constant,
    lacks: (attributes) =>
      ["sparse_value", "value_string", "value_strings"].find((name) => attributes.has(name)),
  },
  ConstantOfShape: { run: constantOfShape, host: [0] },
  Cast: {
    run: cast,
    lacks: (attributes) => {
      const type = attributes.int("to", 1);
      return kindOf(type) ? undefined : `numbers of type ${type}`;
    },
  },
  CastLike: { run: (call) => castTo(call.input(1).kind, call.input(0)) },
  Expand: { run: expand, host: [1] },
  Tile: { run: tile, host: [1] },
  Range: { run: range, host: [0, 1, 2] },
  DepthToSpace: { run: depthToSpace },
};
