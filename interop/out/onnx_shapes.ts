/**
 * Operations that move, repeat or leave out elements.
 *
 * @module
 */
import { listWithBatch } from "../graph/runtime_batch.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { integersOf, textOf } from "./attributes.ts";
import { mirroredPlaces } from "./mirrored_places.ts";
import type { OnnxBuilder } from "./onnx_builder.ts";
import type { OnnxRule } from "./onnx_rule.ts";

/** As ONNX writes no end. */
const END = 2 ** 31 - 1;

/** ONNX writes all beginnings, then all ends. */
function pads(node: NodeDef, onnx: OnnxBuilder): string {
  const pairs = onnx.integers(node, 1);
  const at = (side: number) => pairs.filter((_, k) => k % 2 === side);
  return onnx.list([...at(0), ...at(1)]);
}

/** Mirrors with the border itself, which ONNX's Pad does not: takes rows and columns by their numbers. */
function symmetricPad(node: NodeDef, onnx: OnnxBuilder): void {
  const pairs = onnx.integers(node, 1);
  if (2 * onnx.shape(node.input[0]).length !== pairs.length) {
    throw onnx.unlike(node, "its sides are not known");
  }
  const padded = onnx.shape(node.input[0]).reduce((value, size, axis) => {
    const [before, behind] = pairs.slice(2 * axis, 2 * axis + 2);
    if (before === 0 && behind === 0) return value;
    const indices = mirroredPlaces(size, before, behind, true);
    return onnx.add("Gather", [value, onnx.list(indices)], { axis });
  }, onnx.value(node.input[0]));
  onnx.add("Identity", [padded], {}, [node.name]);
}

/** By TensorFlow's names. */
export const shapes: Readonly<Record<string, OnnxRule>> = {
  ConcatV2(node, onnx) {
    const last = node.input.length - 1;
    const [axis] = onnx.integers(node, last);
    const parts = node.input.slice(0, last).map((input) => onnx.value(input));
    onnx.add("Concat", parts, { axis }, [node.name]);
  },
  ExpandDims(node, onnx) {
    const axes = onnx.list(onnx.integers(node, 1));
    onnx.add("Unsqueeze", [onnx.value(node.input[0]), axes], {}, [node.name]);
  },
  GatherV2(node, onnx) {
    if (node.attr.batch_dims?.i) throw onnx.unlike(node, "it gathers example by example");
    const [axis] = onnx.integers(node, 2);
    const [from, indices] = node.input.slice(0, 2).map((input) => onnx.value(input));
    onnx.add("Gather", [from, indices], { axis }, [node.name]);
  },
  MirrorPad(node, onnx) {
    if (textOf(node, "mode") === "SYMMETRIC") return symmetricPad(node, onnx);
    const mode = "reflect";
    onnx.add("Pad", [onnx.value(node.input[0]), pads(node, onnx)], { mode }, [node.name]);
  },
  Pack(node, onnx) {
    const axis = node.attr.axis?.i ?? 0;
    const axes = onnx.list([axis]);
    const parts = node.input.map((input) => onnx.add("Unsqueeze", [onnx.value(input), axes]));
    onnx.add("Concat", parts, { axis }, [node.name]);
  },
  Pad(node, onnx) {
    onnx.add("Pad", [onnx.value(node.input[0]), pads(node, onnx)], {}, [node.name]);
  },
  PadV2(node, onnx) {
    const [value, , fill] = node.input;
    onnx.add("Pad", [onnx.value(value), pads(node, onnx), onnx.value(fill)], {}, [node.name]);
  },
  Reshape(node, onnx) {
    onnx.add("Reshape", [onnx.value(node.input[0]), onnx.int64(node, 1)], {}, [node.name]);
  },
  Slice(node, onnx) {
    const [starts, sizes] = [1, 2].map((k) => onnx.integers(node, k));
    const ends = starts.map((start, axis) => sizes[axis] < 0 ? END : start + sizes[axis]);
    const axes = starts.map((_, axis) => axis);
    const lists = [starts, ends, axes].map((list) => onnx.list(list));
    onnx.add("Slice", [onnx.value(node.input[0]), ...lists], {}, [node.name]);
  },
  SplitV(node, onnx) {
    const sizes = onnx.integers(node, 1);
    const [axis] = onnx.integers(node, 2);
    const results = sizes.map((_, k) => k === 0 ? node.name : `${node.name}:${k}`);
    onnx.add("Split", [onnx.value(node.input[0]), onnx.list(sizes)], { axis }, results);
  },
  Squeeze(node, onnx) {
    const axes = integersOf(node, "squeeze_dims");
    const lists = axes.length > 0 ? [onnx.list(axes)] : [];
    onnx.add("Squeeze", [onnx.value(node.input[0]), ...lists], {}, [node.name]);
  },
  Tile(node, onnx) {
    const list = listWithBatch(onnx.graph, node);
    const repeats = list ? onnx.sizes(list) : onnx.int64(node, 1);
    onnx.add("Tile", [onnx.value(node.input[0]), repeats], {}, [node.name]);
  },
  Transpose(node, onnx) {
    const perm = onnx.integers(node, 1);
    onnx.add("Transpose", [onnx.value(node.input[0])], { perm }, [node.name]);
  },
};
