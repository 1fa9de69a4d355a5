/**
 * Adversarial trainings of O that cannot work.
 *
 * @module
 */
import { attackedRows } from "../losses/mixed_batch.ts";
import { pairLossOf } from "../losses/pair_losses.ts";
import { divergenceOf } from "../losses/trades.ts";
import type { TargetTraining } from "../preset.ts";
import type { TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";

/**
 * Fails where the settings of an adversarial training exclude each other, or the task lacks what they need.
 *
 * @param training Of O
 * @param task Whose O is trained
 * @throws {RangeError} With the setting
 *
 * @example Usage
 * ```ts
 * import { checkAdversarial } from "./adversarial.ts";
 * import { createToyTask, toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const attack = { name: "pgd", epsilon: 0.1 };
 * const training = { ...toyPreset.target.train, adversarial: { attack, replays: 4 } };
 * assert.throws(() => checkAdversarial(training, createToyTask()), /replays must be left out with an attack/);
 * ```
 */
export function checkAdversarial<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { adversarial, batchSize }: Pick<TargetTraining, "adversarial" | "batchSize">,
  task: Pick<TaskAdapter<O, L>, "name" | "objectives" | "trainingLosses">,
): void {
  if (!adversarial) return;
  const { attack, replays = 0, epsilon, share = 1, ramp = 0, loss = "task", beta } = adversarial;
  const refuse = (setting: string, wanted: string, value: unknown): never => {
    throw new RangeError(
      `Cannot train O adversarially as target.train.adversarial.${setting} must be ${wanted}: current value is ${value}`,
    );
  };
  if (attack && replays > 0) refuse("replays", "left out with an attack", replays);
  if (!attack && replays === 0) {
    throw new RangeError(
      "Cannot train O adversarially as target.train.adversarial must have an attack or replays: set it to a bundle, e.g. trades, pgd, fast or free",
    );
  }
  if (attack && epsilon !== undefined) {
    refuse("epsilon", "left out with an attack, which has its own", epsilon);
  }
  if (!attack && epsilon === undefined) refuse("epsilon", "set with replays", epsilon);
  attackedRows(batchSize, share);
  pairLossOf(loss, task);
  const whole = !attack ? "replays" : loss === "trades" ? 'the loss "trades"' : undefined;
  if (whole && share !== 1) refuse("share", `1 with ${whole}`, share);
  if (!attack && ramp > 0) refuse("ramp", "left out with replays", ramp);
  if (!attack && loss !== "task") refuse("loss", '"task" with replays', loss);
  if (loss !== "trades") {
    return beta === undefined
      ? undefined
      : refuse("beta", `left out with the loss "${loss}"`, beta);
  }
  divergenceOf(task);
}
