/**
 * TensorFlow's slices, as indexing in Python writes them: `x[..., 0, tf.newaxis, ::2]`.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";
import type { OnnxBuilder } from "../out/onnx_builder.ts";

/** As ONNX writes no end. */
const END = 2 ** 31 - 1;

/** One place between the brackets. */
interface Spec {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
  readonly kind: "part" | "one" | "new" | "rest";
}

function specsOf(node: NodeDef, onnx: OnnxBuilder): Spec[] {
  const [begins, ends, steps] = [1, 2, 3].map((input) => onnx.integers(node, input));
  return begins.map((begin, k): Spec => {
    const isSet = (name: string) => ((node.attr[`${name}_mask`]?.i ?? 0) >> k & 1) === 1;
    const step = steps[k];
    if (isSet("ellipsis")) return { begin, end: begin, step, kind: "rest" };
    if (isSet("new_axis")) return { begin, end: begin, step, kind: "new" };
    if (isSet("shrink_axis")) {
      return { begin, end: begin === -1 ? END : begin + 1, step: 1, kind: "one" };
    }
    return {
      begin: isSet("begin") ? step > 0 ? 0 : END : begin,
      end: isSet("end") ? step > 0 ? END : -END : ends[k],
      step,
      kind: "part",
    };
  });
}

/** Writes such a slice as a Slice, a Squeeze and an Unsqueeze. Axes behind "..." are counted from the back. */
export function stridedSlice(node: NodeDef, onnx: OnnxBuilder): void {
  const specs = specsOf(node, onnx);
  const rest = specs.findIndex(({ kind }) => kind === "rest");
  /** The axis that a place has among those of some kinds. */
  const axisOf = (at: number, kinds: readonly Spec["kind"][]) => {
    const count = (list: readonly Spec[]) => list.filter(({ kind }) => kinds.includes(kind)).length;
    return rest < 0 || at < rest ? count(specs.slice(0, at)) : -count(specs.slice(at));
  };
  const places = (...kinds: Spec["kind"][]) =>
    specs.flatMap(({ kind }, at) => kinds.includes(kind) ? [at] : []);
  const cuts = places("part", "one");
  const list = (compute: (at: number) => number) => onnx.list(cuts.map(compute));
  let value = onnx.value(node.input[0]);
  if (cuts.length > 0) {
    value = onnx.add("Slice", [
      value,
      list((at) => specs[at].begin),
      list((at) => specs[at].end),
      list((at) => axisOf(at, ["part", "one"])),
      list((at) => specs[at].step),
    ]);
  }
  const gone = places("one").map((at) => axisOf(at, ["part", "one"]));
  if (gone.length > 0) value = onnx.add("Squeeze", [value, onnx.list(gone)]);
  const made = places("new").map((at) => axisOf(at, ["part", "new"]));
  if (made.length > 0) value = onnx.add("Unsqueeze", [value, onnx.list(made)]);
  onnx.add("Identity", [value], {}, [node.name]);
}
