/**
 * How TensorFlow's windows move over pictures, for formats that say it in another way.
 *
 * @module
 */
import type { Constant } from "../graph/constant.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { flagOf, integersOf, textOf } from "./attributes.ts";
import type { GraphInputs } from "./graph_inputs.ts";

/** Rows and columns. */
export type Pair = readonly [number, number];

/** The middle two of four numbers `[B, H, W, C]`. */
export const inner = ([, rows, columns]: readonly number[]): Pair => [rows, columns];

/** How a window moves over a picture. */
export interface Geometry {
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Pixels before and behind, of rows and of columns. */
  readonly padding: readonly [Pair, Pair];
}

/** Strides, dilations and padding in pixels, which TensorFlow may leave to be computed from the sizes. */
export function geometryOf(node: NodeDef, size: Pair, kernel: Pair): Geometry {
  const strides = inner(integersOf(node, "strides"));
  const given = integersOf(node, "dilations");
  const dilations: Pair = given.length > 0 ? inner(given) : [1, 1];
  const explicit = integersOf(node, "explicit_paddings");
  const kind = textOf(node, "padding");
  const pad = (axis: 0 | 1): Pair => {
    if (kind === "VALID") return [0, 0];
    if (kind === "EXPLICIT") return [explicit[2 + 2 * axis], explicit[3 + 2 * axis]];
    const reach = (Math.ceil(size[axis] / strides[axis]) - 1) * strides[axis] +
      (kernel[axis] - 1) * dilations[axis] + 1;
    const all = Math.max(reach - size[axis], 0);
    return [Math.floor(all / 2), Math.ceil(all / 2)];
  };
  return { strides, dilations, padding: [pad(0), pad(1)] };
}

/** Which pixels a resized picture takes its own from, in ONNX's words. */
export type Grid = "align_corners" | "half_pixel" | "asymmetric";

/** The grid of a resizing. */
export function gridOf(node: NodeDef): Grid {
  if (flagOf(node, "align_corners")) return "align_corners";
  return flagOf(node, "half_pixel_centers") ? "half_pixel" : "asymmetric";
}

/** The weights of a convolution, which must be a constant. */
export function weightsOf(node: NodeDef, graph: GraphInputs): Constant {
  const weights = graph.constant(node.input[1]);
  if (weights) return weights;
  throw graph.unlike(node, "its weights must be a constant");
}

/** Reorders the axes of a constant `[H, W, C, N]`. */
export function turned({ shape, values, dtype }: Constant, order: readonly number[]): Constant {
  const strides = shape.map((_, k) => shape.slice(k + 1).reduce((product, n) => product * n, 1));
  const [sizes, steps] = [shape, strides].map((list) => order.map((axis) => list[axis]));
  const result = new Float32Array(values.length);
  let at = 0;
  for (let a = 0; a < sizes[0]; a++) {
    for (let b = 0; b < sizes[1]; b++) {
      for (let c = 0; c < sizes[2]; c++) {
        const from = a * steps[0] + b * steps[1] + c * steps[2];
        for (let d = 0; d < sizes[3]; d++) result[at++] = values[from + d * steps[3]];
      }
    }
  }
  return { shape: sizes, dtype, values: result };
}
