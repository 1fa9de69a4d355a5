/**
 * Losses of an adversarial training of O that look at a batch clean and attacked.
 *
 * @module
 */
import type { AdversarialTraining } from "../adversarial_settings.ts";
import type { Images } from "../dataset.ts";
import { lookUp } from "../names.ts";
import type { Random } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import type { Parameters } from "../weights/parameters.ts";
import { createTrades } from "./trades.ts";

/** A batch, clean and attacked. */
export interface ImagePair {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x^a `[B, H, W, 3]`, of the same examples. */
  readonly adversarial: Images;
}

/** What a loss of pairs is made for. */
export interface PairLossParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: TaskAdapter<O, L>;
  /** O, whose weights move. */
  readonly target: TargetModel<O>;
  readonly settings: AdversarialTraining;
  /** Where first values of its own weights are drawn from. */
  readonly random: Random;
  /** Whether O starts from trained weights. */
  readonly finetuned: boolean;
}

/** A loss of pairs in use. Dispose it: its weights are its own. */
export interface StartedPairLoss<L extends tf.TensorContainer> extends Disposable {
  /** Weights that are trained along with O's, kept in checkpoints, and left behind when the training ends. */
  readonly parameters?: Parameters;
  /** What a step needs to know of O before it moves, O in inference mode; pure. */
  observe?(pair: ImagePair): tf.Tensor;
  /**
   * The terms of a step, O in training mode; `total` is what is minimised. Part of a recorded step.
   *
   * @param pair The batch
   * @param labels Its labels
   * @param observed What `observe` gave
   */
  terms(
    pair: ImagePair,
    labels: L,
    observed: tf.Tensor | undefined,
  ): Record<string, tf.Scalar> & { readonly total: tf.Scalar };
}

/** A loss of an adversarial training that looks at each batch clean and attacked. */
export interface PairLoss<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  /** Makes it for a training. Throws RangeError if O or its task lacks what it needs. */
  create(parts: PairLossParts<O, L>): StartedPairLoss<L>;
}

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
 * import { pairLossOf } from "./pair_loss.ts";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(pairLossOf("task", createToyTask()), undefined);
 * assert.throws(() => pairLossOf("trade", createToyTask()), /did you mean "trades"/);
 * ```
 */
export function pairLossOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  name: string,
  { trainingLosses }: Pick<TaskAdapter<O, L>, "trainingLosses">,
): PairLoss<O, L> | undefined {
  const known: Readonly<Record<string, PairLoss<O, L> | undefined>> = {
    task: undefined,
    trades: { create: createTrades },
    ...trainingLosses,
  };
  return lookUp(known, name, "train O adversarially", "target.train.adversarial.loss");
}
