/**
 * Losses of an adversarial training of O that look at a batch clean and attacked.
 *
 * @module
 */
import type { AdversarialTraining } from "../adversarial_settings.ts";
import type { Objective } from "../attacks/objective.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import type { TargetModel } from "../target_model.ts";
import type * as tf from "../tf.ts";
import type { Parameters } from "../weights/parameters.ts";

/** A batch, clean and attacked. */
export interface ImagePair {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x^a `[B, H, W, 3]`, of the same examples. */
  readonly adversarial: Images;
}

/** What such a loss asks of a task. */
export interface PairLossTask<O, L> {
  readonly name: string;
  readonly classCount: number;
  /** L_o. */
  taskLoss(output: O, labels: L): tf.Scalar;
  readonly objectives: Readonly<Record<string, Objective<O, L>>>;
}

/** What a loss of pairs is made for. */
export interface PairLossParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: PairLossTask<O, L>;
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
