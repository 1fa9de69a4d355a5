/**
 * The training of a rival as a method: the recorded step of its recipe, its rates and its state.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { createCritic, createRestorer } from "../recipes/create.ts";
import { type LabelledBatch, recipeStep, type StepParts } from "../recipes/step.ts";
import type { Critic, Restorer } from "../recipes/restorer.ts";
import { type ChosenRecipe, recipeOf } from "../recipes/table.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import type * as tf from "../tf.ts";
import { ownDraws } from "../workers/draws.ts";
import { portionsOf } from "./accumulate.ts";
import { readBatch, type StepRates } from "./algorithm_1.ts";
import { MovingAverage } from "./average.ts";
import type { GeneratorMethodParts } from "./generator.ts";
import { guardOf } from "./guard.ts";
import { type Method, variablesOf } from "./method.ts";
import { Optimizer } from "./optimizer.ts";
import { stepRates } from "./step_rates.ts";

/** Inputs of a step of a recipe. */
interface RecipeInputs<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  clean: Images;
  adversarial: Images;
  labels: L;
  cleanFeatures: tf.Tensor2D | undefined;
  noise: Record<string, tf.Tensor>;
}

/** A rival in training. */
export interface RecipeMethod<L extends tf.TensorContainer>
  extends Method<L, RecipeInputs<L>, StepRates> {
  readonly restorer: Restorer;
  /** Absent without one. */
  readonly critic: Critic | undefined;
}

/**
 * Creates a rival's networks, and the method that trains them. Noise of a step comes from the stream
 * (seed, "recipe", step), so that a resumed training sees the same.
 *
 * @param parts Task, O, Φ, the source of x^a, the preset with its recipe. A given source is borrowed; one created by
 * a function is disposed with the method
 * @returns The method; dispose it or its trainer
 * @throws {RangeError} If the recipe or an option is impossible, or the batch is to be split into portions
 *
 * @example Usage
 * ```ts
 * import { createPerceptual, createRandom, freshSource, Trainer } from "@realign/core";
 * import { createAttack, exactVictim } from "@realign/core/attacks";
 * import { createRecipeMethod, withRecipe } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset, toyTrainingBatches } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const preset = withRecipe(toyPreset, { name: "ape-gan", width: 4 });
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * using perceptual = createPerceptual(preset.perceptual, createRandom(1, "perceptual"));
 * using adversaries = freshSource(createAttack(preset.attack, exactVictim({ task, target })), preset.seed);
 * const method = createRecipeMethod({ preset, task, target, perceptual, adversaries });
 * using trainer = new Trainer(method, { stepsPerEpoch: 2, totalSteps: 1 });
 * for await (const { losses } of trainer.run(toyTrainingBatches(createToyDataset(12), 0))) {
 *   assert.deepEqual(Object.keys(losses), ["critic", "pixel", "adversarial", "total"]);
 * }
 * ```
 */
export function createRecipeMethod<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A = unknown,
>(parts: GeneratorMethodParts<O, L, A>): RecipeMethod<L> {
  const { preset, adversaries, start, stage = "train" } = parts;
  const { seed, train, precision } = preset;
  using stack = new DisposableStack();
  const step = createStepParts(parts);
  const { restorer, critic, recipe } = step;
  stack.use(restorer);
  if (critic) stack.use(critic);
  if (start) restorer.parameters.import(start, "the weights to start from");
  const moved = {
    restorer: stack.use(new Optimizer(restorer.parameters.trainable, train.optimizer)),
    critic: critic &&
      stack.use(new Optimizer(critic.parameters.trainable, train.discriminatorOptimizer)),
  };
  // Statistics of batch norm too: averaged weights would meet those of others.
  const average = stack.use(
    new MovingAverage(restorer.parameters, train.averaging, restorer.parameters.variables),
  );
  const own = typeof adversaries === "function" ? stack.use(adversaries(restorer)) : undefined;
  const source = typeof adversaries === "function" ? own! : adversaries;
  const guard = guardOf(parts, () => average.weights());
  const state = {
    restorer: restorer.parameters,
    ...(critic && { critic: critic.parameters }),
    restorerOptimizer: moved.restorer,
    ...(moved.critic && { criticOptimizer: moved.critic }),
    averages: average,
  };
  const recorded = stack.use(record((inputs: RecipeInputs<L> & StepRates) => {
    const { learningRate, discriminatorLearningRate, averaging, ...batch } = inputs;
    const terms = recipeStep(step, batch as LabelledBatch, {
      restorer: (gradients) => moved.restorer.apply(gradients, learningRate),
      critic: (gradients) => moved.critic?.apply(gradients, discriminatorLearningRate),
    });
    average.move(averaging);
    return terms;
  }, { name: `${preset.recipe!.name} step`, variables: variablesOf(state), precision }));
  const owned = stack.move();
  return {
    stage,
    restorer,
    critic,
    state: { ...state, ...(guard && { guard }) },
    advice: "lower train.schedule.peak or the term's weight",
    rates: stepRates(train, average),
    async prepare(batch, step) {
      const { shape } = batch.images;
      const read = await readBatch(batch, source, step);
      const noise = recipe.draw?.(shape, ownDraws(createRandom(seed, "recipe", step))) ?? {};
      return { ...read, noise };
    },
    step: recorded,
    ...(guard && { watch: guard }),
    weights: async () => new Map(guard?.best ?? await average.weights()),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/**
 * Creates a preset's rival for steps of its training.
 *
 * @param parts The preset with its recipe, and what is frozen
 * @returns Its networks and what they are trained by; dispose restorer and critic
 * @throws {RangeError} If there is no recipe, or the batch is to be split into portions
 */
export function createStepParts<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { preset, task, target, perceptual }: Pick<
    GeneratorMethodParts<O, L, A>,
    "preset" | "task" | "target" | "perceptual"
  >,
): StepParts {
  const { recipe, values, name } = chosenIn(preset);
  if (portionsOf(preset.train) > 1) {
    throw new RangeError(
      `Cannot train "${name}" in portions as its losses are of whole batches: set train.accumulate to 1`,
    );
  }
  if (preset.train.recompute) {
    throw new RangeError(
      `Cannot train "${name}" recomputing as its step keeps what networks compute: set train.recompute to false`,
    );
  }
  // The recipe only passes outputs and labels on to the task that made them.
  const frozen = { task, target, perceptual } as unknown as Pick<
    StepParts,
    "task" | "target" | "perceptual"
  >;
  return {
    ...frozen,
    recipe,
    values,
    restorer: createRestorer(preset),
    critic: createCritic(preset),
  };
}

function chosenIn(preset: Pick<Preset, "recipe">): ChosenRecipe {
  const chosen = recipeOf(preset);
  if (chosen) return chosen;
  throw new RangeError(
    "Cannot train by a recipe as preset.recipe names none: see createGeneratorMethod",
  );
}
