/**
 * Algorithm 1 of the paper, lines 2 to 8: how G is trained. The file to read first.
 *
 * G restores clean and adversarial images; D and the frozen O see the restored images; the losses of
 * Eq. 1 to 10 follow; G and D are updated. The loop around it is trainer.ts (lines 1 and 9); generator.ts records
 * the step and keeps its state; each loss has its file in losses/.
 *
 * @module
 */
import type { AdversarialSource } from "../adversaries/source.ts";
import type { Batch, Images } from "../dataset.ts";
import {
  discriminatorLosses,
  extractorOf,
  featureLosses,
  generatorLoss,
  mapOf,
  pixelLosses,
} from "../losses/mod.ts";
import { Turns } from "../backend/recompute.ts";
import type * as tf from "../tf.ts";
import { gathered } from "../workers/exchange.ts";
import { type Gradients, gradientsOf } from "./gradients.ts";
import type { Rates } from "./method.ts";
import type { Frozen, Moving } from "./parts.ts";
import { recomputedTerms } from "./recomputed_terms.ts";
import { conditioned, referenceOf, restoreBoth, seenImages } from "./restore_both.ts";

/** D_b, A_b and Y_b: the inputs of a step. */
export interface TrainBatch<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  /** x^c `[B, H, W, 3]`. */
  clean: Images;
  /** x^a `[B, H, W, 3]`. */
  adversarial: Images;
  /** y^c. */
  labels: L;
  /** z^c `[N, D]` if known. */
  cleanFeatures: tf.Tensor2D | undefined;
}

/** Rates of a step, scalars. */
export interface StepRates extends Rates {
  discriminatorLearningRate: tf.Scalar;
  /** Fraction of the old average that is kept. */
  averaging: tf.Scalar;
}

/**
 * Lines 2 and 3: a batch of clean images, and their adversarial images.
 *
 * @param batch x^c and y^c
 * @param source Source of x^a: generated now, or cached
 * @param step The step's number
 * @returns Both; the batch's tensors are passed on
 */
export async function readBatch<L extends tf.TensorContainer>(
  batch: Batch<L>,
  source: AdversarialSource<L>,
  step: number,
): Promise<TrainBatch<L>> {
  const { images: clean, labels } = batch;
  const { adversarial, cleanFeatures } = await source.next(batch, step);
  return { clean, adversarial, labels, cleanFeatures };
}

/** Weights that move at once, where not all do. */
export interface MovedPart {
  readonly isFirst: boolean;
  /** By the number of a weight, G's and then D's. */
  readonly isOwn: (index: number) => boolean;
}

/** Optimizers of G and D. */
export interface StepGradients {
  readonly generator: Gradients;
  /** Absent if no loss needs D. */
  readonly discriminator: Gradients | undefined;
}

/**
 * Lines 4 to 8: the losses of a batch and their gradients, for G and D at the same weights. Updates
 * nothing.
 *
 * @param frozen O, its task, Φ, which losses
 * @param moving G and D
 * @param batch From {@linkcode readBatch}
 * @returns Every loss term, unweighted, with L_g as "total" and L_GANd as "discriminator"; the gradients
 */
export function stepGradients<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target, perceptual, losses, condition, recompute = false }: Frozen<O, L>,
  { generator, discriminator: network }: Moving,
  { clean, adversarial, labels, cleanFeatures }: TrainBatch<L>,
): { terms: Record<string, tf.Tensor>; gradients: StepGradients } {
  const discriminator = condition ? conditioned(network, condition, labels) : network;
  const [, height, width] = clean.shape;
  const images = seenImages(generator, { clean, adversarial }, losses);
  const turns = new Turns();
  type Compute = (restored: Images) => Record<string, tf.Scalar>;
  const termsOf = (restored: Images, compute: Compute) =>
    recompute ? recomputedTerms(restored, compute, turns) : compute(restored);
  const ofGenerator = gradientsOf(generator.parameters.trainable, () => {
    // G restores both halves in one pass: x̂^c = G(x^c), x̂^a = G(x^a).
    const { restored, seen } = restoreBoth(generator, images, [height, width], losses);

    // Line 4: D and Φ see them. L_r, L_p, L_GANg, L_m (Eq. 1 to 4).
    const pixelTerms = termsOf(
      seen,
      (restored) => pixelLosses({ ...images, restored, discriminator, perceptual }, losses),
    );

    // Line 5: O sees them, ẑ^c = O(x̂^c) and ẑ^a = O(x̂^a), and x^c if z^c is not cached.
    const ofClean = () => target.forward(referenceOf(generator, clean, losses));
    const vectors = () => cleanFeatures ?? extractorOf(task, losses)(ofClean(), labels).vectors;

    // Lines 6 and 7: class centres. L_Feat, L_Frec, L_Falign, L_Finter, L_Fintra (Eq. 5 to 8).
    // Of several workers all give their rows: the centres are those of the whole batch.
    const all = gathered(labels);
    const featureTerms = termsOf(restored, (images) => {
      const output = () => gathered(target.forward(images), 2);
      return featureLosses({
        task,
        labels: all,
        output,
        cleanFeatures: () => gathered(vectors()),
        cleanMap: () => gathered(mapOf(task)(ofClean())),
      }, losses);
    });

    // Line 8: L_g, the weighted sum of all terms (Eq. 9 and 10).
    const terms = { ...pixelTerms, ...featureTerms };
    return { loss: generatorLoss(terms, losses), kept: { seen, terms } };
  });
  const { seen: restored, terms } = ofGenerator.kept;

  // Line 8: L_GANd (Eq. 3) on the same x̂, as a constant. D's pass over it also occurs above,
  // with the same operations; a recording runs it once.
  const ofDiscriminator = losses.usesDiscriminator
    ? gradientsOf(network.parameters.trainable, () => ({
      loss: discriminatorLosses({ ...images, restored, discriminator }, losses).discriminator,
    }))
    : undefined;

  return {
    terms: {
      ...terms,
      ...(ofDiscriminator && { discriminator: ofDiscriminator.loss }),
      total: ofGenerator.loss,
    },
    gradients: { generator: ofGenerator.gradients, discriminator: ofDiscriminator?.gradients },
  };
}

/**
 * Line 8: updates G and D, and the average of G's weights that evaluation uses.
 *
 * @param moving G and D
 * @param gradients From {@linkcode stepGradients}
 * @param rates Learning rates
 * @param part Of weights that do not all move at once: whether it is the step's first, and which weights, G's and then
 * D's, are its own; gradients of others must be absent
 */
export function moveNetworks(
  { generatorOptimizer, discriminatorOptimizer, average }: Moving,
  gradients: StepGradients,
  { learningRate, discriminatorLearningRate, averaging }: StepRates,
  { isFirst, isOwn }: MovedPart = { isFirst: true, isOwn: () => true },
): void {
  generatorOptimizer.apply(gradients.generator, learningRate, isFirst);
  if (gradients.discriminator) {
    discriminatorOptimizer.apply(gradients.discriminator, discriminatorLearningRate, isFirst);
  }
  average.move(averaging, isOwn);
}

/**
 * Lines 4 to 8 at once: the step of a batch.
 *
 * @param frozen O, its task, Φ, which losses
 * @param moving G and D
 * @param inputs A batch, rates
 * @returns Every loss term, unweighted, with L_g as "total" and L_GANd as "discriminator"
 */
export function trainStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  frozen: Frozen<O, L>,
  moving: Moving,
  inputs: TrainBatch<L> & StepRates,
): Record<string, tf.Tensor> {
  const { terms, gradients } = stepGradients(frozen, moving, inputs);
  moveNetworks(moving, gradients, inputs);
  return terms;
}
