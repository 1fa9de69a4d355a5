/**
 * One step of a rival's training, tried before the first.
 *
 * @module
 */
import { createPerceptual } from "../networks/perceptual.ts";
import { createRandom } from "../random.ts";
import {
  criticLosses,
  type LabelledBatch,
  restorerLosses,
  type StepParts,
} from "../recipes/step.ts";
import { recipeOf } from "../recipes/table.ts";
import * as tf from "../tf.ts";
import { createStepParts } from "../train/recipe.ts";
import { readTerms } from "../train/step_exchange.ts";
import type { TrainingSource } from "../train/training_source.ts";
import { asInTraining, readFew } from "./read_few.ts";

/** Examples of the step; batch norm needs two. */
const TRIED = 2;

/**
 * Fails where a preset's rival would fail at its first step: options that it has not, images of another shape, terms
 * that are not finite, weights that no loss reaches. Nothing is moved; the paper's own method passes.
 *
 * @param source Preset, task, O, the examples to try
 * @throws {RangeError} If the recipe or an option is impossible
 * @throws {TypeError} If the step is not as it must be
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { checkRecipe } from "./recipe.ts";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const preset = { ...toyPreset, recipe: { name: "ape-gan", width: 2 } };
 * await checkRecipe({ preset, task, target, dataset: createToyDataset(6) });
 * ```
 */
export async function checkRecipe<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: TrainingSource<O, L, A>): Promise<void> {
  const { preset } = source;
  const chosen = recipeOf(preset);
  if (!chosen) return;
  // Φ's weights may be in a file; others do to try a step.
  using perceptual = createPerceptual(preset.perceptual, createRandom(preset.seed, "perceptual"));
  const parts = createStepParts({ ...source, perceptual });
  using _restorer = parts.restorer;
  using _critic = parts.critic;
  const batch = await readFew(source, TRIED, asInTraining(preset, source.task));
  if (!batch) return;
  const { images, labels } = batch;
  const noise = chosen.recipe.draw?.(images.shape, createRandom(preset.seed, "recipe")) ?? {};
  try {
    const { terms, unmoved } = tf.tidy(() => {
      const inputs = { clean: images, adversarial: images, labels, noise } as LabelledBatch;
      return tryStep(parts, inputs, chosen.name);
    });
    const broken = Object.entries(await readTerms(terms))
      .find(([, term]) => !Number.isFinite(term));
    if (broken) {
      throw new TypeError(
        `Cannot train "${chosen.name}" as its term "${
          broken[0]
        }" must be finite: current value is ${broken[1]}`,
      );
    }
    if (unmoved.length > 0) {
      throw new TypeError(
        `Cannot train "${chosen.name}" as no loss reaches the weight "${
          unmoved[0]
        }": give its terms a weight above 0`,
      );
    }
  } finally {
    tf.dispose([images, labels as tf.TensorContainer, noise]);
  }
}

/** The terms of both networks, and the weights that none of them reaches. */
function tryStep(parts: StepParts, batch: LabelledBatch, name: string) {
  const { restorer, critic } = parts;
  // A search's images are those of its defense.
  const { shape } = restorer.createDefense ? batch.clean : restorer.restore(batch.clean);
  if (shape.join() !== batch.clean.shape.join()) {
    throw new TypeError(
      `Cannot train "${name}" as restored images must be [${batch.clean.shape}]: current shape is [${shape}]`,
    );
  }
  const ofRestorer = restorerLosses(parts, batch);
  const ofCritic = critic && criticLosses(parts, critic, batch);
  const found = [
    { network: restorer, gradients: ofRestorer.gradients },
    ...(ofCritic ? [{ network: critic!, gradients: ofCritic.gradients }] : []),
  ];
  const unmoved = found.flatMap(({ network: { parameters }, gradients }) =>
    parameters.trainable.flatMap((weight, index) =>
      gradients[index] ? [] : parameters.names[parameters.variables.indexOf(weight)]
    )
  );
  return { terms: { ...ofRestorer.terms, ...ofCritic?.terms }, unmoved };
}
