/**
 * What a step of O's training computes: on clean images here; on attacked ones in attacked_target.ts and
 * replayed_target.ts. The method around it is target.ts.
 *
 * @module
 */
import type { Precision } from "../backend/precision.ts";
import type { Batch, Images } from "../dataset.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import { gathered } from "../workers/exchange.ts";
import { type Gradients, gradientsOf } from "./gradients.ts";
import type { Stateful } from "./method.ts";

/** Inputs of a step of O's training. */
export interface TargetBatch<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  /** `[B, H, W, 3]`, clean, attacked, or some of both. */
  images: Images;
  labels: L;
  /** x^a, of a loss that looks at both. */
  adversarial?: Images;
  /** What such a loss was told of O before the step. */
  observed?: tf.Tensor;
}

/** O, and its task. */
export interface TargetParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: TaskAdapter<O, L>;
  readonly target: TargetModel<O>;
  /** Of the recorded steps. @default {"float32"} */
  readonly precision?: Precision;
}

/** Inputs of an adversarial training of O. */
export interface AttackedParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends TargetParts<O, L> {
  /** Random starts come from the stream (seed, "target attack", step). */
  readonly seed: number;
  /** Of the training, whose share a ramp is. @default {0} */
  readonly totalSteps?: number;
  /** Whether O starts from trained weights. @default {false} */
  readonly finetuned?: boolean;
  /** Ends attacks within a step. */
  readonly signal?: AbortSignal;
}

/** Attacks the last `rows` examples of a batch; the caller owns the images. */
export type PerturbRows<L> = (batch: Batch<L>, step: number, rows: number) => Promise<Images>;

/** Loss terms of a step, and the gradients of O's weights. */
export interface TargetStep {
  readonly terms: Record<string, tf.Tensor>;
  readonly gradients: Gradients;
}

/** What a step of O's training computes. Dispose it. */
export interface TargetPlan<L extends tf.TensorContainer> extends Disposable {
  /** The weights that gradients move, in the order of the gradients: O's, and those of a loss that has some. */
  readonly trainable: readonly tf.Variable[];
  /** State that steps change, besides O's weights and the optimizer's. */
  readonly state: Readonly<Record<string, Stateful>>;
  /** From a batch to the step's inputs. Takes ownership of the batch's tensors unless it throws. */
  prepare(batch: Batch<L>, step: number): Promise<TargetBatch<L>>;
  /** Part of a recorded step. */
  compute(batch: TargetBatch<L>): TargetStep;
}

/**
 * The plan of plain training: L_o of each batch as it comes, O in training mode.
 *
 * @param parts O and its task
 * @returns The plan
 */
export function plainPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target }: TargetParts<O, L>,
): TargetPlan<L> {
  const { trainable } = target.parameters;
  return {
    trainable,
    state: {},
    prepare: ({ images, labels }) => Promise.resolve({ images, labels }),
    compute({ images, labels }) {
      const { loss, gradients } = gradientsOf(trainable, () => ({
        loss: task.taskLoss(gathered(target.forward(images, "training")), gathered(labels)),
      }));
      return { terms: { task: loss }, gradients };
    },
    [Symbol.dispose]() {},
  };
}
