/**
 * Adversarial training of O by a loss that looks at each batch clean and attacked: Zhang et al. 2019 (TRADES), Xu et al.
 * 2021 (DDC-AT).
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { ImagePair, PairLoss } from "../losses/pair_loss.ts";
import type { AdversarialTraining } from "../preset.ts";
import { createRandom } from "../random.ts";
import type * as tf from "../tf.ts";
import { gradientsOf } from "./gradients.ts";
import type { AttackedParts, PerturbRows, TargetBatch, TargetPlan } from "./target_plan.ts";

/**
 * The plan of such a training. The whole batch is attacked; what share of it is trained on is up to the loss. Weights of
 * the loss are drawn from (seed, "target loss") and are the state "loss".
 *
 * @param parts O, its task, the seed
 * @param settings Of the training
 * @param pairs The loss
 * @param perturb Attacks the O of each step
 * @returns The plan; it owns the loss's weights
 * @throws {RangeError} If O or its task lacks what the loss needs
 */
export function pairedPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target, seed, finetuned = false, precision }: AttackedParts<O, L>,
  settings: AdversarialTraining,
  pairs: PairLoss<O, L>,
  perturb: PerturbRows<L>,
): TargetPlan<L> {
  const random = createRandom(seed, "target loss");
  const loss = pairs.create({ task, target, settings, random, finetuned });
  const { parameters } = loss;
  const trainable = [...target.parameters.trainable, ...parameters?.trainable ?? []];
  const observe = loss.observe &&
    record((pair: ImagePair & tf.TensorContainerObject) => loss.observe!(pair), {
      name: "look at a batch before a target step",
      variables: [...target.parameters.variables, ...parameters?.variables ?? []],
      precision,
    });
  return {
    trainable,
    state: { ...(parameters && { loss: parameters }) },
    async prepare(batch, step) {
      const { images, labels } = batch;
      const adversarial = await perturb(batch, step, images.shape[0]);
      if (!observe) return { images, labels, adversarial };
      try {
        const observed = observe({ clean: images, adversarial });
        return { images, labels, adversarial, observed };
      } catch (error) {
        adversarial.dispose();
        throw error;
      }
    },
    compute({ images: clean, adversarial, labels, observed }: TargetBatch<L>) {
      const { kept, gradients } = gradientsOf(trainable, () => {
        const terms = loss.terms({ clean, adversarial: adversarial! }, labels, observed);
        return { loss: terms.total, kept: terms };
      });
      return { terms: kept, gradients };
    },
    [Symbol.dispose]() {
      observe?.[Symbol.dispose]();
      loss[Symbol.dispose]();
    },
  };
}
