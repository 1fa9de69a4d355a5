/**
 * Adversarial training of O on images that are attacked before each step: Madry et al. 2018 (PGD), Wong et al. 2020
 * (fast), Zhang et al. 2019 (TRADES), Xu et al. 2021 (SAT: half of each batch).
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import { createAttack, exactVictim, stoppableVictim } from "../attacks/mod.ts";
import type { Batch } from "../dataset.ts";
import { TRADES_BETA, tradesLoss } from "../losses/trades.ts";
import type { AdversarialTraining, AttackSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";
import { gradientsOf } from "./gradients.ts";
import { plainPlan, type TargetBatch, type TargetParts, type TargetPlan } from "./target_plan.ts";

/** Inputs of an adversarial training of O. */
export interface AttackedParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends TargetParts<O, L> {
  /** Random starts come from the stream (seed, "target attack", step). */
  readonly seed: number;
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
  { task, target, seed, signal }: AttackedParts<O, L>,
  { loss = "task", share = 1, beta = TRADES_BETA }: AdversarialTraining,
  attacked: AttackSettings,
): TargetPlan<L> {
  const attack = createAttack(
    attacked,
    stoppableVictim(exactVictim({ task, target }), signal),
    task.attacks,
  );
  const perturb = async ({ images, labels }: Batch<L>, step: number, rows: number) => {
    const last = (tensor: tf.Tensor) => lastRows(tensor, rows);
    const part = { images: last(images) as typeof images, labels: copied(labels, last) };
    try {
      return await attack.perturb(
        part.images,
        part.labels,
        createRandom(seed, "target attack", step),
      );
    } finally {
      tf.dispose([part.images, part.labels]);
    }
  };
  const plain = plainPlan({ task, target });
  const owned = { ...plain, [Symbol.dispose]: () => attack[Symbol.dispose]() };
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
