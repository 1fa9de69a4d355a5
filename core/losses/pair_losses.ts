/**
 * The losses that an adversarial training of O can name.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import type * as tf from "../tf.ts";
import type { PairLoss } from "./pair_loss.ts";
import { createTrades } from "./trades.ts";

/**
 * Finds the loss of pairs that an adversarial training names.
 *
 * @param name Of `target.train.adversarial.loss`
 * @param task Which may have losses of its own
 * @returns The loss; undefined for "task", which is L_o of one batch
 * @throws {RangeError} If there is none
 *
 * @example Usage
 * ```ts
 * import { pairLossOf } from "./pair_losses.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(pairLossOf("task", createToyTask()), undefined);
 * assert.throws(() => pairLossOf("trade", createToyTask()), /did you mean "trades"/);
 * ```
 */
export function pairLossOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  name: string,
  { trainingLosses }: { readonly trainingLosses?: Readonly<Record<string, PairLoss<O, L>>> },
): PairLoss<O, L> | undefined {
  const known: Readonly<Record<string, PairLoss<O, L> | undefined>> = {
    task: undefined,
    trades: { create: createTrades },
    ...trainingLosses,
  };
  return lookUp(known, name, "train O adversarially", "target.train.adversarial.loss");
}
