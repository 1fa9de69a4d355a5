/**
 * How TensorFlow's operations are written in PyTorch: a table by TensorFlow's names.
 *
 * @module
 */
import { convolutions } from "./torch_convolutions.ts";
import { elementwise } from "./torch_elementwise.ts";
import { reductions } from "./torch_reductions.ts";
import type { TorchRule } from "./torch_rule.ts";
import { shapes } from "./torch_shapes.ts";

/** A rule for each operation that can be written. */
export const torchRules: Readonly<Record<string, TorchRule>> = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...convolutions,
};
