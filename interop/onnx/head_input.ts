/**
 * Where a detector's heads begin.
 *
 * @module
 */
import type { OnnxModel, OnnxNode } from "./model.ts";

/**
 * Finds the map that a head begins with: back from a value along first inputs, so of values put together along the
 * first, to a convolution, and on through those before it as long as several maps share their weights, as the heads of
 * RetinaNet do.
 *
 * @param model The model
 * @param name What the head gives, e.g. scores
 * @returns The name of what its first convolution takes; undefined if no convolution comes before
 *
 * @example Usage
 * ```ts
 * import { headInput, ONNX, readOnnx } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import assert from "node:assert/strict";
 *
 * const conv = (input: string, weight: string, output: string) =>
 *   ({ operator: "Conv", inputs: [input, weight], outputs: [output] });
 * const weight = (name: string) => ({ name, dims: [3, 3, 1, 1], type: 1, floats: Array(9).fill(1) });
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [
 *       conv("x", "backbone", "fine"),
 *       conv("fine", "head", "fineScores"),
 *       conv("x", "head", "coarseScores"),
 *       { operator: "Concat", inputs: ["fineScores", "coarseScores"], outputs: ["scores"] },
 *     ],
 *     initializers: [weight("backbone"), weight("head")],
 *     inputs: [{ name: "x" }],
 *     outputs: [{ name: "scores" }],
 *   },
 * });
 * assert.equal(headInput(await readOnnx(bytes), "scores"), "fine");
 * ```
 */
export function headInput(model: OnnxModel, name: string): string | undefined {
  const makers = new Map(
    model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const convolutionBefore = (value: string): OnnxNode | undefined => {
    let node = makers.get(value);
    while (node && node.operator !== "Conv") node = makers.get(node.inputs[0] ?? "");
    return node;
  };
  /** Exporters pass shared weights on by Identity. */
  const weightOf = ({ inputs }: OnnxNode): string => {
    let weight = inputs[1] ?? "";
    while (makers.get(weight)?.operator === "Identity") weight = makers.get(weight)!.inputs[0];
    return weight;
  };
  const uses = new Map<string, number>();
  for (const node of model.nodes) {
    if (node.operator !== "Conv") continue;
    const weight = weightOf(node);
    uses.set(weight, (uses.get(weight) ?? 0) + 1);
  }
  let first = convolutionBefore(name);
  while (first && uses.get(weightOf(first))! > 1) {
    const before = convolutionBefore(first.inputs[0]);
    if (!before || uses.get(weightOf(before)) === 1) break;
    first = before;
  }
  return first?.inputs[0];
}
