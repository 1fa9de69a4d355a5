/**
 * One step of Algorithm 1: a half-step of G and one of D, from the same restored images.
 *
 * @module
 */
import { record, type RecordedStep } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { discriminatorLosses, generatorLosses } from "../losses/mod.ts";
import type { StepParts } from "./parts.ts";
import * as tf from "../tf.ts";

/** Examples that a step is given. */
export interface StepBatch<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  /** x^c `[B, H, W, 3]`. */
  clean: Images;
  /** x^a `[B, H, W, 3]`. */
  adversarial: Images;
  /** y^c. */
  labels: L;
  /** z^c `[N, D]` where it is known. */
  cleanFeatures: tf.Tensor2D | undefined;
}

/** How far a step goes. */
export interface StepRates extends tf.TensorContainerObject {
  learningRate: tf.Scalar;
  discriminatorLearningRate: tf.Scalar;
  /** Share of the old average that is kept. */
  averaging: tf.Scalar;
}

/** What a step is given. */
export interface StepInputs<L extends tf.TensorContainer> extends StepBatch<L>, StepRates {}

/**
 * Makes the step, as one recorded function.
 *
 * @param parts What it works on
 * @returns The step, from a batch to its loss terms, each unweighted, and their weighted "total"
 */
export function createTrainStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: StepParts<O, L>,
): RecordedStep<StepInputs<L>, Record<string, tf.Tensor>> {
  return record((inputs: StepInputs<L>) => trainStep(parts, inputs), {
    name: "train step",
    variables: movedBy(parts),
  });
}

/**
 * Reads a step's loss terms, and disposes them.
 *
 * @param terms What a step returned, a number each
 * @returns The numbers by name
 *
 * @example Usage
 * ```ts
 * import { readTerms } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * assert.deepEqual(await readTerms({ task: tf.scalar(0.5) }), { task: 0.5 });
 * ```
 */
export async function readTerms(
  terms: Record<string, tf.Tensor>,
): Promise<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const [name, term] of Object.entries(terms)) {
    [numbers[name]] = await term.data();
    term.dispose();
  }
  return numbers;
}

/** Every variable that a step moves. */
export function movedBy<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: StepParts<O, L>,
): tf.Variable[] {
  const { generator, discriminator, generatorOptimizer, discriminatorOptimizer, averages } = parts;
  return [
    ...generator.parameters.variables,
    ...discriminator.parameters.variables,
    ...generatorOptimizer.state,
    ...discriminatorOptimizer.state,
    ...averages,
  ];
}

/**
 * The step as it is, unrecorded: G's and D's gradients at the same weights, then the moves of G, of D and
 * of the average.
 *
 * @param parts What it works on
 * @param inputs A batch, rates
 * @returns The loss terms, each unweighted, and their weighted "total"
 */
export function trainStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: StepParts<O, L>,
  inputs: StepInputs<L>,
): Record<string, tf.Tensor> {
  const { terms, gradients } = stepGradients(parts, inputs);
  moveNetworks(parts, gradients, inputs);
  return terms;
}

/** What a step moves G and D by, a gradient a trainable weight; undefined for one that no loss reaches. */
export interface StepGradients {
  readonly generator: readonly (tf.Tensor | undefined)[];
  /** Absent where no loss asks for D. */
  readonly discriminator?: readonly (tf.Tensor | undefined)[];
}

/**
 * The losses of a batch, and their gradients in the weights of G and D; moves nothing.
 *
 * @param parts What the step works on
 * @param inputs A batch
 * @returns The loss terms, each unweighted, with their weighted "total", and the gradients
 */
export function stepGradients<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: StepParts<O, L>,
  inputs: StepBatch<L>,
): { terms: Record<string, tf.Tensor>; gradients: StepGradients } {
  const ofGenerator = generatorGradients(parts, inputs);
  // D is moved by the gradient at the same weights that G's was taken at, so D's pass over the restored
  // images stands twice in the recording, operation for operation, and is run once.
  const ofDiscriminator = parts.losses.usesDiscriminator
    ? discriminatorGradients(parts, inputs.clean, ofGenerator.restored)
    : undefined;
  ofGenerator.restored.dispose();
  return {
    terms: { ...ofGenerator.terms, ...ofDiscriminator?.terms, total: ofGenerator.total },
    gradients: {
      generator: ofGenerator.gradients,
      discriminator: ofDiscriminator?.gradients,
    },
  };
}

/**
 * Moves G, D and the average.
 *
 * @param parts What the step works on
 * @param gradients By which G and D are moved
 * @param rates How far
 */
export function moveNetworks<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: StepParts<O, L>,
  gradients: StepGradients,
  rates: StepRates,
): void {
  const { generator, generatorOptimizer, discriminatorOptimizer, averages } = parts;
  generatorOptimizer.apply(gradients.generator, rates.learningRate);
  if (gradients.discriminator) {
    discriminatorOptimizer.apply(gradients.discriminator, rates.discriminatorLearningRate);
  }
  averages.forEach((average, index) => {
    const weight = generator.parameters.trainable[index];
    average.assign(tf.add(weight, tf.mul(tf.sub(average, weight), rates.averaging)));
  });
}

/** G's half: x̂ = G(x) on both kinds at once, L_g (Eq. 10), its gradient in G's weights. */
function generatorGradients<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target, generator, discriminator, perceptual, losses }: StepParts<O, L>,
  { clean, adversarial, labels, cleanFeatures }: StepBatch<L>,
): {
  restored: Images;
  total: tf.Scalar;
  terms: Record<string, tf.Tensor>;
  gradients: tf.Tensor[];
} {
  const { trainable } = generator.parameters;
  const kept: { restored?: Images; terms: Record<string, tf.Tensor> } = { terms: {} };
  const { value, grads } = tf.variableGrads(() => {
    const restored = generator.restore(tf.concat([clean, adversarial]));
    const known = cleanFeatures && { vectors: cleanFeatures, classes: tf.tensor1d([], "int32") };
    const { total, terms } = generatorLosses(
      {
        clean,
        adversarial,
        restored,
        labels,
        discriminator,
        perceptual,
        target,
        task,
        cleanFeatures: known,
      },
      losses,
    );
    // What leaves the closure besides the loss must be kept past the end of its scope.
    kept.restored = tf.keep(restored);
    for (const [name, term] of Object.entries(terms)) kept.terms[name] = tf.keep(term);
    return total;
  }, trainable);
  const terms = Object.fromEntries(
    Object.entries(kept.terms).map(([name, term]) => [name, release(term)]),
  );
  return {
    restored: kept.restored!,
    total: value,
    terms,
    gradients: trainable.map(({ name }) => grads[name]),
  };
}

/** D's half: L_GANd (Eq. 3) on what G restored, its gradient in D's weights. */
function discriminatorGradients(
  { discriminator, losses }: Pick<
    StepParts<tf.TensorContainer, tf.TensorContainer>,
    "discriminator" | "losses"
  >,
  clean: Images,
  restored: Images,
): { terms: Record<string, tf.Tensor>; gradients: tf.Tensor[] } {
  const { trainable } = discriminator.parameters;
  const { value, grads } = tf.variableGrads(
    () => discriminatorLosses({ clean, restored, discriminator }, losses).total,
    trainable,
  );
  return { terms: { discriminator: value }, gradients: trainable.map(({ name }) => grads[name]) };
}

/** Hands a kept tensor to the scope that is open now. */
function release(tensor: tf.Tensor): tf.Tensor {
  const owned = tf.clone(tensor);
  tensor.dispose();
  return owned;
}
