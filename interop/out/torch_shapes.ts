/**
 * Operations that move, repeat or leave out elements.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";
import { listWithBatch } from "../graph/runtime_batch.ts";
import { integersOf, textOf } from "./attributes.ts";
import { mirroredPlaces } from "./mirrored_places.ts";
import { pythonTuple } from "./python_text.ts";
import type { TorchBuilder } from "./torch_builder.ts";
import type { TorchRule } from "./torch_rule.ts";

/** PyTorch writes the last axis first, and leaves out what comes before the last one that grows. */
function pads(node: NodeDef, torch: TorchBuilder): string {
  const list = torch.integers(node, 1);
  const pairs = Array.from({ length: list.length / 2 }, (_, k) => list.slice(2 * k, 2 * k + 2));
  const first = pairs.findIndex(([before, behind]) => before !== 0 || behind !== 0);
  return pythonTuple(pairs.slice(first < 0 ? pairs.length - 1 : first).reverse().flat());
}

const pad: TorchRule = (node, torch) => {
  const fill = node.input[2];
  if (fill !== undefined && !torch.isNumber(fill)) {
    throw torch.unlike(node, "what it pads with must be a constant");
  }
  const value = fill === undefined ? "" : `, value=${torch.value(fill)}`;
  torch.assign(node, `F.pad(${torch.tensor(node.input[0])}, ${pads(node, torch)}${value})`);
};

/** A function of a list of tensors, along an axis. */
const joined = (
  name: string,
  parts: (node: NodeDef) => readonly string[],
  axis: (node: NodeDef, torch: TorchBuilder) => number,
): TorchRule =>
(node, torch) => {
  const list = pythonTuple(parts(node).map((input) => torch.tensor(input)));
  torch.assign(node, `${name}(${list}, dim=${axis(node, torch)})`);
};

/** An axis counted from the first. */
const counted = (axis: number, rank: number) => axis < 0 ? axis + rank : axis;

/** By TensorFlow's names. */
export const shapes: Readonly<Record<string, TorchRule>> = {
  ConcatV2: joined(
    "torch.cat",
    ({ input }) => input.slice(0, -1),
    (node, torch) => torch.integers(node, node.input.length - 1)[0],
  ),
  Pack: joined("torch.stack", ({ input }) => input, ({ attr }) => attr.axis?.i ?? 0),
  ExpandDims(node, torch) {
    const [axis] = torch.integers(node, 1);
    torch.assign(node, `${torch.tensor(node.input[0])}.unsqueeze(${axis})`);
  },
  GatherV2(node, torch) {
    if (node.attr.batch_dims?.i) throw torch.unlike(node, "it gathers example by example");
    const axis = counted(torch.integers(node, 2)[0], torch.shape(node.input[0]).length);
    const [from, indices] = node.input.slice(0, 2).map((input) => torch.tensor(input));
    torch.assign(node, `${torch.helper("gather")}(${from}, ${indices}, ${axis})`);
  },
  MirrorPad(node, torch) {
    const pairs = torch.integers(node, 1);
    const ofBorder = textOf(node, "mode") === "SYMMETRIC";
    const parts = torch.shape(node.input[0]).flatMap((size, axis) => {
      const [before, behind] = pairs.slice(2 * axis, 2 * axis + 2);
      if (before === 0 && behind === 0) return [];
      const values = Int32Array.from(mirroredPlaces(size, before, behind, ofBorder));
      const table = torch.weight({ shape: [values.length], dtype: "int32", values }, "table");
      return [`.index_select(${axis}, ${table})`];
    });
    torch.assign(node, `${torch.tensor(node.input[0])}${parts.join("")}`);
  },
  Pad: pad,
  PadV2: pad,
  Reshape(node, torch) {
    const shape = pythonTuple(torch.integers(node, 1));
    torch.assign(node, `${torch.tensor(node.input[0])}.reshape(${shape})`);
  },
  ReverseV2(node, torch) {
    const axes = pythonTuple(torch.integers(node, 1));
    torch.assign(node, `${torch.tensor(node.input[0])}.flip(${axes})`);
  },
  Slice(node, torch) {
    const shape = torch.shape(node.input[0]);
    const [starts, sizes] = [1, 2].map((k) => torch.integers(node, k));
    const ranges = starts.map((start, axis) => {
      const size = sizes[axis];
      const isToEnd = size < 0 || start + size === shape[axis];
      return `${start || ""}:${isToEnd ? "" : start + size}`;
    });
    torch.assign(node, `${torch.tensor(node.input[0])}[${ranges.join(", ")}]`);
  },
  SplitV(node, torch) {
    const sizes = torch.integers(node, 1);
    const [axis] = torch.integers(node, 2);
    const from = torch.tensor(node.input[0]);
    torch.assign(node, `${from}.split(${pythonTuple(sizes)}, dim=${axis})`, sizes.length);
  },
  Squeeze(node, torch) {
    const shape = torch.shape(node.input[0]);
    const named = integersOf(node, "squeeze_dims").map((axis) => counted(axis, shape.length));
    const axes = named.length > 0 ? named : shape.flatMap((size, axis) => size === 1 ? [axis] : []);
    const calls = axes.toSorted((a, b) => b - a).map((axis) => `.squeeze(${axis})`);
    torch.assign(node, `${torch.tensor(node.input[0])}${calls.join("")}`);
  },
  Tile(node, torch) {
    const repeats = listWithBatch(torch.graph, node) ?? torch.integers(node, 1);
    const list = repeats.map((count) => count === -1 ? `${torch.images}.shape[0]` : count);
    torch.assign(node, `${torch.tensor(node.input[0])}.repeat(${pythonTuple(list)})`);
  },
  Transpose(node, torch) {
    const order = pythonTuple(torch.integers(node, 1));
    torch.assign(node, `${torch.tensor(node.input[0])}.permute(${order})`);
  },
  Unpack(node, torch) {
    const from = torch.tensor(node.input[0]);
    torch.assign(node, `${from}.unbind(dim=${node.attr.axis?.i ?? 0})`, node.attr.num?.i ?? 0);
  },
};
