/**
 * Learning rates of O's heads, which are trained faster than a backbone that is trained already.
 *
 * @module
 */
import type { TargetModel } from "../target_model.ts";
import type * as tf from "../tf.ts";

/**
 * What the learning rate of a weight is multiplied by in O's training. All but the backbone counts as a head: weights
 * that a loss puts on O too.
 *
 * @param target O
 * @param headRate Of the heads; the backbone's is 1
 * @param path Where a preset has the settings, for errors
 * @returns The factor by weight
 * @throws {RangeError} If the heads have a rate of their own and O does not tell which of its weights they are
 *
 * @example Usage
 * ```ts
 * import { headRates } from "./head_rates.ts";
 * import { createRandom } from "../random.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using target = createToyTask().createTarget("toy-net", createRandom(1));
 * const { names, variables } = target.parameters;
 * const factorOf = headRates({ ...target, isHead: (name) => name === names[0] }, 10, "target.train");
 * assert.deepEqual(variables.slice(0, 2).map(factorOf), [10, 1]);
 * assert.throws(() => headRates(target, 10, "target.train"), /does not tell/);
 * ```
 */
export function headRates<O>(
  { name, parameters, isHead }: Pick<TargetModel<O>, "name" | "parameters" | "isHead">,
  headRate = 1,
  path: string,
): (weight: tf.Variable) => number {
  if (headRate === 1) return () => 1;
  if (!isHead) {
    throw new RangeError(
      `Cannot train "${name}" with another rate for its heads as it does not tell which of its weights they are (isHead): set ${path}.headRate to 1, current value is ${headRate}`,
    );
  }
  const { names, variables } = parameters;
  const backbone = new Set(variables.filter((_, index) => !isHead(names[index])));
  return (weight) => backbone.has(weight) ? 1 : headRate;
}
