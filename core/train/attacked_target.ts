/**
 * Adversarial training of O on images that are attacked before each step: Madry et al. 2018 (PGD), Wong et al. 2020
 * (fast), Zhang et al. 2019 (TRADES), Xu et al. 2021 (SAT: half of each batch).
 *
 * @module
 */
import { atShare, rampedSource } from "../adversaries/ramped.ts";
import { copied } from "../backend/containers.ts";
import { createAttack, exactVictim, stoppableVictim } from "../attacks/mod.ts";
import type { Batch } from "../dataset.ts";
import { TRADES_BETA, tradesLoss } from "../losses/trades.ts";
import type { AdversarialTraining, AttackSettings } from "../preset.ts";
import * as tf from "../tf.ts";
import { gradientsOf } from "./gradients.ts";
import { plainPlan, type TargetBatch, type TargetParts, type TargetPlan } from "./target_plan.ts";

/** Inputs of an adversarial training of O. */
export interface AttackedParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends TargetParts<O, L> {
  /** Random starts come from the stream (seed, "target attack", step). */
  readonly seed: number;
  /** Of the training, whose share a ramp is. @default {0} */
  readonly totalSteps?: number;
  /** Ends attacks within a step. */
  readonly signal?: AbortSignal;
}

/**
 * How many examples of a batch are attacked.
 *
 * @param batchSize All of them
 * @param share In (0, 1]
 * @returns At least 1
 * @throws {RangeError} If the share is out of range, or of no example
 *
 * @example Usage
 * ```ts
 * import { attackedRows } from "./attacked_target.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(attackedRows(16, 0.5), 8);
 * assert.throws(() => attackedRows(16, 0), /share must be above 0 and at most 1/);
 * ```
 */
export function attackedRows(batchSize: number, share: number): number {
  const rows = Math.round(batchSize * share);
  if (share > 0 && share <= 1 && rows > 0) return rows;
  throw new RangeError(
    `Cannot train O as target.train.adversarial.share must be above 0 and at most 1, and of at least one of ${batchSize} examples: current value is ${share}`,
  );
}

/**
 * The plan of a training on attacked images. The attack is on the O of each step, in inference mode: it moves no
 * statistics. The loss sees O in training mode.
 *
 * @param parts O, its task, the seed
 * @param settings Which loss, which share of a batch
 * @param attacked The attack's settings
 * @returns The plan; it owns the attack
 */
export function attackedPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target, seed, totalSteps = 0, signal }: AttackedParts<O, L>,
  { loss = "task", share = 1, ramp = 0, beta = TRADES_BETA }: AdversarialTraining,
  attacked: AttackSettings,
): TargetPlan<L> {
  const victim = stoppableVictim(exactVictim({ task, target }), signal);
  const create = (share: number) => createAttack(atShare(attacked, share), victim, task.attacks);
  const source = rampedSource(create, seed, Math.round(ramp * totalSteps), "target attack");
  const perturb = async (batch: Batch<L>, step: number, rows: number) => {
    const last = (tensor: tf.Tensor) => lastRows(tensor, rows);
    const images = last(batch.images) as typeof batch.images;
    const labels = copied(batch.labels, last);
    try {
      return (await source.next({ ...batch, images, labels }, step)).adversarial;
    } finally {
      tf.dispose([images, labels]);
    }
  };
  const plain = plainPlan({ task, target });
  const owned = { ...plain, [Symbol.dispose]: () => source[Symbol.dispose]() };
  if (loss === "trades") {
    return {
      ...owned,
      async prepare(batch, step) {
        const adversarial = await perturb(batch, step, batch.images.shape[0]);
        return { images: batch.images, labels: batch.labels, adversarial };
      },
      compute({ images: clean, adversarial, labels }: TargetBatch<L>) {
        const { kept, gradients } = gradientsOf(target.parameters.trainable, () => {
          const forward = (images: typeof clean) => target.forward(images, "training");
          const inputs = { clean, adversarial: adversarial!, labels };
          const terms = tradesLoss(task, forward, inputs, beta);
          return { loss: terms.total, kept: terms };
        });
        return { terms: kept, gradients };
      },
    };
  }
  return {
    ...owned,
    async prepare(batch, step) {
      const [count] = batch.images.shape;
      const rows = attackedRows(count, share);
      const adversarial = await perturb(batch, step, rows);
      if (rows === count) {
        batch.images.dispose();
        return { images: adversarial, labels: batch.labels };
      }
      const images = tf.tidy(() => {
        const clean = tf.slice(batch.images, 0, count - rows);
        return tf.concat([clean, adversarial]);
      });
      tf.dispose([batch.images, adversarial]);
      return { images, labels: batch.labels };
    },
  };
}

/** The last rows of a tensor, along the axis of the examples. */
function lastRows(tensor: tf.Tensor, rows: number): tf.Tensor {
  return tf.slice(tensor, tensor.shape[0] - rows);
}
