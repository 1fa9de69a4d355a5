/**
 * How operations that converters write into graphs are run in ONNX's operators, besides those that Realign writes
 * itself: a table by TensorFlow's names.
 *
 * @module
 */
import { DataType, type NodeDef } from "../graph/graph_def.ts";
import { OnnxType } from "../onnx/schema.ts";
import { integersOf } from "../out/attributes.ts";
import type { OnnxBuilder } from "../out/onnx_builder.ts";
import type { OnnxRule } from "../out/onnx_rule.ts";
import { onnxRules } from "../out/onnx_rules.ts";
import { stridedSlice } from "./strided_slice.ts";

const values = ({ input }: NodeDef, onnx: OnnxBuilder) => input.map((one) => onnx.value(one));

/** ONNX has the same, under this name. */
const same = (op: string): OnnxRule => (node, onnx) =>
  onnx.add(op, values(node, onnx), {}, [node.name]);

const scalar = (value: number, onnx: OnnxBuilder) =>
  onnx.initializer({ shape: [], dtype: "float32", values: Float32Array.of(value) });

/** ONNX's kinds of TensorFlow's numbers of types: halves and doubles are computed as floats, all integers alike. */
const KINDS: Readonly<Record<number, number>> = {
  [DataType.float]: OnnxType.float32,
  2: OnnxType.float32,
  19: OnnxType.float32,
  [DataType.int32]: OnnxType.int32,
  4: OnnxType.int32,
  9: OnnxType.int32,
  [DataType.bool]: OnnxType.bool,
};

/** Names of an operation's results. */
const resultsOf = ({ name }: NodeDef, count: number) =>
  Array.from({ length: count }, (_, k) => k === 0 ? name : `${name}:${k}`);

const inferenceRules: Readonly<Record<string, OnnxRule>> = {
  BiasAdd: same("Add"),
  BroadcastTo: (node, onnx) => expand(node, node.input[0], 1, onnx),
  ClipByValue: same("Clip"),
  Div: same("Div"),
  Inv: same("Reciprocal"),
  Reciprocal: same("Reciprocal"),
  FloorMod: same("Mod"),
  PlaceholderWithDefault: same("Identity"),
  Prelu: same("PRelu"),
  Range: same("Range"),
  Snapshot: same("Identity"),
  StridedSlice: stridedSlice,
  ArgMax(node, onnx) {
    const [axis] = onnx.integers(node, 1);
    onnx.add("ArgMax", [onnx.value(node.input[0])], { axis, keepdims: 0 }, [node.name]);
  },
  Cast(node, onnx) {
    const to = KINDS[node.attr.DstT?.type ?? 0];
    if (to === undefined) throw onnx.unlike(node, `it casts to type ${node.attr.DstT?.type}`);
    onnx.add("Cast", values(node, onnx), { to }, [node.name]);
  },
  /** As ConcatV2, with the axis in front. */
  Concat(node, onnx) {
    const [axis, ...parts] = node.input;
    onnxRules.ConcatV2({ ...node, input: [...parts, axis] }, onnx);
  },
  DepthToSpace(node, onnx) {
    const blocksize = node.attr.block_size?.i ?? 1;
    const images = onnx.channelsFirst(node.input[0]);
    onnx.channelsLast(onnx.add("DepthToSpace", [images], { blocksize }), node);
  },
  Fill: (node, onnx) => expand(node, node.input[1], 0, onnx),
  FloorDiv(node, onnx) {
    const [a, b] = values(node, onnx);
    const whole = onnx.add("Sub", [a, onnx.add("Mod", [a, b])]);
    onnx.add("Div", [whole, b], {}, [node.name]);
  },
  LogSoftmax(node, onnx) {
    onnx.add("LogSoftmax", values(node, onnx), { axis: -1 }, [node.name]);
  },
  NotEqual(node, onnx) {
    onnx.add("Not", [onnx.add("Equal", values(node, onnx))], {}, [node.name]);
  },
  ReverseV2(node, onnx) {
    const axes = onnx.integers(node, 1);
    const lists = [-1, -(2 ** 31)].map((end) => onnx.list(axes.map(() => end)));
    const steps = onnx.list(axes.map(() => -1));
    const inputs = [onnx.value(node.input[0]), ...lists, onnx.list(axes), steps];
    onnx.add("Slice", inputs, {}, [node.name]);
  },
  Selu(node, onnx) {
    const alpha = { real: 1.6732632423543772 };
    const elu = onnx.add("Elu", values(node, onnx), { alpha });
    onnx.add("Mul", [elu, scalar(1.0507009873554805, onnx)], {}, [node.name]);
  },
  Shape(node, onnx) {
    const { int32: to } = OnnxType;
    onnx.add("Cast", [onnx.add("Shape", values(node, onnx))], { to }, [node.name]);
  },
  /** Into equal parts; the axis stands in front. */
  Split(node, onnx) {
    const [axis] = onnx.integers(node, 0);
    const results = resultsOf(node, node.attr.num_split?.i ?? 1);
    onnx.add("Split", [onnx.value(node.input[1])], { axis }, results);
  },
  Squeeze(node, onnx) {
    const axes = integersOf(node, node.attr.squeeze_dims ? "squeeze_dims" : "axis");
    const lists = axes.length > 0 ? [onnx.list(axes)] : [];
    onnx.add("Squeeze", [onnx.value(node.input[0]), ...lists], {}, [node.name]);
  },
  Unpack(node, onnx) {
    const axis = node.attr.axis?.i ?? 0;
    const results = resultsOf(node, node.attr.num?.i ?? 1);
    const parts = results.map((name) => `${name}/part`);
    onnx.add("Split", [onnx.value(node.input[0])], { axis }, parts);
    parts.forEach((part, k) => onnx.add("Squeeze", [part, onnx.list([axis])], {}, [results[k]]));
  },
};

function expand(node: NodeDef, input: string, sizes: number, onnx: OnnxBuilder): void {
  onnx.add("Expand", [onnx.value(input), onnx.int64(node, sizes)], {}, [node.name]);
}

/** A rule for each operation that can be run. */
export const readRules: Readonly<Record<string, OnnxRule>> = { ...onnxRules, ...inferenceRules };
