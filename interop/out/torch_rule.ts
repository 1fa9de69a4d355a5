/**
 * The interface of a rule: one of TensorFlow's operations in PyTorch.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";
import type { TorchBuilder } from "./torch_builder.ts";

/**
 * Writes an operation down as a line of Python. Throws an Error that names the operation where PyTorch has nothing like
 * it.
 */
export type TorchRule = (node: NodeDef, torch: TorchBuilder) => void;
