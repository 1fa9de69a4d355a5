/**
 * How TensorFlow's operations are written in ONNX, opset 18: a table by TensorFlow's names.
 *
 * @module
 */
import { convolutions } from "./onnx_convolutions.ts";
import { elementwise } from "./onnx_elementwise.ts";
import type { OnnxRule } from "./onnx_rule.ts";
import { reductions } from "./onnx_reductions.ts";
import { shapes } from "./onnx_shapes.ts";

/** A rule for each operation that can be written. */
export const onnxRules: Readonly<Record<string, OnnxRule>> = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...convolutions,
};
