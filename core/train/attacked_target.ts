/**
 * Adversarial training of O on images that are attacked before each step: Madry et al. 2018 (PGD), Wong et al. 2020
 * (fast), Zhang and Wang 2019 (detectors), Xu et al. 2021 (SAT: half of each batch). Losses that look at images clean
 * and attacked are in paired_target.ts.
 *
 * @module
 */
import { atShare, rampedSource } from "../adversaries/ramped.ts";
import { copied } from "../backend/containers.ts";
import { createAttack, exactVictim, stoppableVictim } from "../attacks/mod.ts";
import { attackedRows, lastRows, withLastAttacked } from "../losses/mixed_batch.ts";
import { pairLossOf } from "../losses/pair_losses.ts";
import type { AdversarialTraining, AttackSettings } from "../preset.ts";
import * as tf from "../tf.ts";
import { pairedPlan } from "./paired_target.ts";
import {
  type AttackedParts,
  type PerturbRows,
  plainPlan,
  type TargetParts,
  type TargetPlan,
} from "./target_plan.ts";

/**
 * The plan of a training on attacked images. The attack is on the O of each step, in inference mode: it moves no
 * statistics. The loss sees O in training mode.
 *
 * @param parts O, its task, the seed
 * @param settings Which loss, which share of a batch
 * @param attacked The attack's settings
 * @returns The plan; it owns the attack
 * @throws {RangeError} If there is no such loss, or O or its task lacks what it needs
 */
export function attackedPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: AttackedParts<O, L>,
  settings: AdversarialTraining,
  attacked: AttackSettings,
): TargetPlan<L> {
  const { task, target, seed, totalSteps = 0, signal, precision } = parts;
  const { loss = "task", share = 1, ramp = 0 } = settings;
  const victim = stoppableVictim(exactVictim({ task, target, precision }), signal);
  const create = (share: number) => createAttack(atShare(attacked, share), victim, task.attacks);
  const source = rampedSource(create, seed, Math.round(ramp * totalSteps), "target attack");
  const perturb: PerturbRows<L> = async (batch, step, rows) => {
    const images = lastRows(batch.images, rows);
    const labels = copied(batch.labels, (tensor) => lastRows(tensor, rows));
    try {
      return (await source.next({ ...batch, images, labels }, step)).adversarial;
    } finally {
      tf.dispose([images, labels]);
    }
  };
  const pairs = pairLossOf(loss, task);
  const plan = pairs
    ? pairedPlan(parts, settings, pairs, perturb)
    : mixedPlan({ task, target }, share, perturb);
  return {
    ...plan,
    [Symbol.dispose]() {
      plan[Symbol.dispose]();
      source[Symbol.dispose]();
    },
  };
}

/** L_o of batches of which a share is attacked. */
function mixedPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: TargetParts<O, L>,
  share: number,
  perturb: PerturbRows<L>,
): TargetPlan<L> {
  return {
    ...plainPlan(parts),
    async prepare(batch, step) {
      const { images: clean, labels } = batch;
      const adversarial = await perturb(batch, step, attackedRows(clean.shape[0], share));
      const images = tf.tidy(() => withLastAttacked(clean, adversarial));
      tf.dispose([clean, adversarial]);
      return { images, labels };
    },
  };
}
