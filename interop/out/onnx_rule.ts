/**
 * The interface of a rule: one of TensorFlow's operations in ONNX.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";
import type { OnnxBuilder } from "./onnx_builder.ts";

/**
 * Writes an operation down; its first result gets the operation's name. Throws an Error that names the operation where
 * ONNX has nothing like it.
 */
export type OnnxRule = (node: NodeDef, onnx: OnnxBuilder) => void;
