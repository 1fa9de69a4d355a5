/**
 * Which part of a graph is run, and whether all of it can be.
 *
 * @module
 */
import type { OnnxModel, OnnxNode } from "./model.ts";
import { operatorOf } from "./operators/table.ts";

/** The attribute that says why an operation of another program could not become one of ONNX's. */
export const REASON = "realign_reason";

/** A node that cannot be run. */
export interface UnsupportedNode {
  /** E.g. "NonMaxSuppression". */
  readonly operator: string;
  /** The node's name in the file. */
  readonly node: string;
  readonly opset: number;
  /** What of the operator is not here, e.g. `mode "cubic"`; absent if none of it is. */
  readonly lacks?: string;
  /** Why another program's operation is in a form that is not here; absent if none of it is. */
  readonly reason?: string;
}

/** The names of the model's outputs. */
export function outputNames(model: OnnxModel): string[] {
  return model.outputs.map(({ name }) => name);
}

/**
 * The nodes that some values depend on, in order.
 *
 * @param model The model
 * @param names Of values: outputs, or inner ones
 * @returns Those nodes alone
 * @throws {RangeError} If no node makes such a value
 */
export function nodesFor(model: OnnxModel, names: readonly string[]): OnnxNode[] {
  const makers = new Set(model.nodes.flatMap(({ outputs }) => outputs));
  for (const name of names) {
    const isGiven = model.constants.has(name) || model.inputs.some((input) => input.name === name);
    if (isGiven || makers.has(name)) continue;
    throw new RangeError(
      `Cannot run ${model.origin} up to "${name}" as no node of it makes such a value`,
    );
  }
  const wanted = new Set(names);
  return model.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => name !== "" && wanted.has(name))) return false;
    for (const name of node.inputs) wanted.add(name);
    return true;
  }).reverse();
}

/**
 * The nodes that cannot be run.
 *
 * @param model The model
 * @param names Of the values that are wanted: what only others depend on does not matter. Default: the outputs
 * @returns All of them, in the graph's order
 * @throws {RangeError} If no node makes such a value
 *
 * @example Usage
 * ```ts
 * import { ONNX, readOnnx, unsupportedNodes } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import assert from "node:assert/strict";
 *
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [{ operator: "NonZero", name: "where", inputs: ["x"], outputs: ["y"] }],
 *     inputs: [{ name: "x" }],
 *     outputs: [{ name: "y" }],
 *   },
 * });
 * const model = await readOnnx(bytes);
 * assert.deepEqual(unsupportedNodes(model), [{ operator: "NonZero", node: "where", opset: 17 }]);
 * ```
 */
export function unsupportedNodes(
  model: OnnxModel,
  names: readonly string[] = outputNames(model),
): UnsupportedNode[] {
  const { opset } = model;
  return nodesFor(model, names).flatMap(({ operator, name, attributes }) => {
    const found = operatorOf(operator);
    if (!found) {
      const reason = attributes.text(REASON, "");
      return [{ operator, node: name, opset, ...(reason && { reason }) }];
    }
    const lacks = found.lacks?.(attributes);
    return lacks === undefined ? [] : [{ operator, node: name, opset, lacks }];
  });
}

/**
 * A line about a node that cannot be run.
 *
 * @param node One of {@linkcode unsupportedNodes}
 * @returns E.g. `NonZero "where" (opset 17) is not here`
 *
 * @example Usage
 * ```ts
 * import { describeUnsupported } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * const node = { operator: "Resize", node: "up", opset: 17, lacks: 'mode "cubic"' };
 * assert.equal(describeUnsupported(node), 'Resize "up" (opset 17) is not here with mode "cubic"');
 * ```
 */
export function describeUnsupported(
  { operator, node, opset, lacks, reason }: UnsupportedNode,
): string {
  const what = `${operator} "${node}" (opset ${opset}) is not here`;
  return `${what}${lacks ? ` with ${lacks}` : ""}${reason ? ` as ${reason}` : ""}`;
}
