/**
 * Freezing: a function is written down as a graph that needs nothing beside its inputs, to leave Realign.
 *
 * @module
 */
import * as tf from "../tf.ts";
import type { FrozenGraph } from "./graph_form.ts";
import { activeRecorder } from "./record.ts";

/**
 * Writes a function down as a frozen graph. What {@linkcode record} can record can be frozen; every tensor that is no
 * input becomes a constant with its present value, and shapes are those of the inputs.
 *
 * @param compute A pure function of tensors that assigns no variables
 * @param inputs Tensors by name; only types and shapes matter
 * @param options `name`, for errors. Default: "function"
 * @returns The graph
 * @throws {Error} If the active backend is not tensorflow, or the function does what a recorded one must not
 *
 * @example Usage
 * ```ts
 * import { freezeGraph, selectBackend } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("auto");
 * const double = ({ x }: tf.NamedTensorMap) => ({ y: tf.mul(x, 2) });
 * const inputs = { x: tf.zeros([2, 3]) };
 * if (name === "tensorflow") {
 *   const { outputs: [{ name, shape }] } = freezeGraph(double, inputs);
 *   assert.deepEqual([name, shape], ["y", [2, 3]]);
 * } else {
 *   assert.throws(() => freezeGraph(double, inputs), /needs the tensorflow backend/);
 * }
 * ```
 */
export function freezeGraph(
  compute: (inputs: tf.NamedTensorMap) => tf.TensorContainer,
  inputs: tf.NamedTensorMap,
  { name = "function" }: { readonly name?: string } = {},
): FrozenGraph {
  const recorder = activeRecorder();
  if (recorder) return recorder.freeze(compute, inputs, name);
  throw new Error(
    `Cannot write "${name}" as a graph as that needs the tensorflow backend: current backend is ${tf.getBackend()}`,
  );
}
