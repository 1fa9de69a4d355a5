/**
 * The loss of TRADES: Zhang et al. 2019, "Theoretically Principled Trade-off between Robustness and Accuracy".
 *
 * @module
 */
import { objectiveValue, type ReferencedObjective } from "../attacks/objective.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { gathered } from "../workers/exchange.ts";
import type { PairLossParts, PairLossTask, StartedPairLoss } from "./pair_loss.ts";

/** Weight of the divergence in the original, on CIFAR-10. */
const TRADES_BETA = 6;

/** The parts of a task that the loss needs. */
type TradesTask<O, L> = Omit<PairLossTask<O, L>, "classCount">;

/**
 * A task's objective "kl", which compares an output with that on clean images.
 *
 * @param task Its objectives
 * @returns The objective
 * @throws {RangeError} If the task has none
 *
 * @example Usage
 * ```ts
 * import { divergenceOf } from "./trades.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(divergenceOf(createToyTask()).reference, true);
 * assert.throws(() => divergenceOf({ name: "boxes", objectives: {} }), /as boxes has no objective "kl"/);
 * ```
 */
export function divergenceOf<O, L>(
  { name, objectives }: Pick<TradesTask<O, L>, "name" | "objectives">,
): ReferencedObjective<O, L> {
  const objective = Object.hasOwn(objectives, "kl") ? objectives.kl : undefined;
  if (typeof objective === "object") return objective as ReferencedObjective<O, L>;
  throw new RangeError(
    `Cannot train with the loss "trades" as ${name} has no objective "kl", which compares two outputs: set target.train.adversarial.loss to "task"`,
  );
}

/**
 * L_o(f(x^c)) + beta * mean KL(p(x^c) || p(x^a)), whose gradient goes through both p, and into x^c's and x^a's weights
 * alike: p(x^c) is no constant.
 *
 * O runs three times, on x^c, x^a and x^c again, as in the original: in training mode each has batch statistics of its
 * own, and moves the running ones.
 *
 * @param task Its loss and its objective "kl"
 * @param forward O in training mode
 * @param batch x^c and x^a `[B, H, W, 3]`, y^c
 * @param beta Weight of the divergence
 * @returns Scalars: L_o as "task", the mean divergence as "divergence", and their weighted sum as "total"
 * @throws {RangeError} If the task has no "kl"
 *
 * @example Usage
 * ```ts
 * import { crossEntropy, logitObjectives } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import { tradesLoss } from "@realign/core/losses";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const task = {
 *   name: "is it bright",
 *   taskLoss: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.mean(crossEntropy(logits, labels)) as tf.Scalar,
 *   objectives: logitObjectives((logits: tf.Tensor2D) => logits),
 * };
 * const forward = (images: tf.Tensor4D) => tf.mul(tf.reshape(images, [-1, 2]), 4) as tf.Tensor2D;
 * const [clean, adversarial] = [0.5, 0.469].map((pixel) => tf.tensor4d([pixel, 0], [1, 1, 1, 2]));
 * const labels = tf.tensor1d([0], "int32");
 * const { total } = tradesLoss(task, forward, { clean, adversarial, labels }, 6);
 * assert.equal(total.dataSync()[0].toFixed(5), "0.13193");
 * ```
 */
export function tradesLoss<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TradesTask<O, L>,
  forward: (images: Images) => O,
  { clean, adversarial, labels }: {
    readonly clean: Images;
    readonly adversarial: Images;
    readonly labels: L;
  },
  beta: number,
): Record<"task" | "divergence" | "total", tf.Scalar> {
  // Rows that count differ from worker to worker; the divergence is a mean over images.
  const natural = task.taskLoss(gathered(forward(clean)), gathered(labels));
  const [attacked, reference] = [forward(adversarial), forward(clean)];
  const each = objectiveValue(divergenceOf<O, L>(task), attacked, labels, reference);
  const divergence = tf.mean(each) as tf.Scalar;
  return { task: natural, divergence, total: tf.add(natural, tf.mul(divergence, beta)) };
}

/**
 * {@linkcode tradesLoss} as the loss of a training, with its weight from the settings.
 *
 * @param parts O, its task, the settings
 * @returns The loss
 */
export function createTrades<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target, settings: { beta = TRADES_BETA } }: PairLossParts<O, L>,
): StartedPairLoss<L> {
  const forward = (images: Images) => target.forward(images, "training");
  return {
    terms: (pair, labels) => tradesLoss(task, forward, { ...pair, labels }, beta),
    [Symbol.dispose]() {},
  };
}
