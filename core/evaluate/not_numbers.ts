/**
 * Outputs that are not numbers: counted, so that no metric calls them merely wrong.
 *
 * @module
 */
import { tensorsIn } from "../backend/containers.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";
import type { EvaluationRow } from "./rows.ts";
import { isWorstCase } from "./worst_cases.ts";

/**
 * Counts the examples for which a network gives a NaN anywhere in what it returns.
 *
 * @param output What it returns, `[B, ...]` each; tensors of another first dimension and integers are passed over
 * @param size B
 * @param count Rows from here on are padding
 * @returns At most `count`
 *
 * @example Usage
 * ```ts
 * import { countNotNumbers } from "./not_numbers.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const logits = tf.tensor2d([[0, 1], [NaN, 1], [NaN, NaN]]);
 * assert.equal(await countNotNumbers({ logits }, 3, 2), 1);
 * ```
 */
export async function countNotNumbers(
  output: tf.TensorContainer,
  size: number,
  count: number,
): Promise<number> {
  const tensors = tensorsIn(output).filter((tensor) =>
    tensor.dtype === "float32" && tensor.shape[0] === size && tensor.size > 0
  );
  if (tensors.length === 0) return 0;
  using held = new HeldTensors();
  const total = held.keep(tf.tidy(() => {
    const broken = tensors
      .map((tensor) => tf.any(tf.isNaN(tf.reshape(tensor, [size, -1])), 1))
      .reduce((one, other) => tf.logicalOr(one, other));
    return tf.sum(tf.cast(tf.slice(broken, 0, count), "int32"));
  }));
  return (await total.data())[0];
}

/**
 * What a reader must know of figures that count outputs which are not numbers.
 *
 * @param rows Of all columns
 * @returns A sentence for each system that gave any
 *
 * @example Usage
 * ```ts
 * import { notNumberAlarms } from "@realign/core/alarms";
 * import assert from "node:assert/strict";
 *
 * const row = {
 *   threatModel: "none",
 *   attack: "clean",
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value: 0.5, count: 4 },
 *   maxPerturbation: 0,
 *   seconds: 1,
 * };
 * assert.deepEqual(notNumberAlarms([row]), []);
 * assert.match(
 *   notNumberAlarms([{ ...row, notANumber: 2 }])[0],
 *   /^2 of 4 outputs of "generator" are not numbers on clean images/,
 * );
 * ```
 */
export function notNumberAlarms(rows: readonly EvaluationRow[]): string[] {
  // an attack that made what is not a number has an alarm of its own.
  const broken = rows.filter((row) => row.notANumber && !row.attackNotANumber && !isWorstCase(row));
  return [...Map.groupBy(broken, ({ system }) => system)].map(([system, rows]) => {
    const parts = rows.map(({ threatModel, attack, notANumber, metric: { count } }, index) => {
      const share = `${notANumber} of ${count}`;
      const what = index === 0 ? `${share} outputs of "${system}" are not numbers` : share;
      return `${what} ${
        threatModel === "none" ? "on clean images" : `under ${threatModel} ${attack}`
      }`;
    });
    return `${parts.join(", ")}: its figures there are of a network that does not work`;
  });
}
