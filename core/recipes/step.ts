/**
 * A step of a recipe's training: the critic moves, then the restorer, on one batch.
 *
 * @module
 */
import { stopGradient } from "../losses/mod.ts";
import type { ValuesOf } from "../options.ts";
import * as tf from "../tf.ts";
import { type Gradients, gradientsOf } from "../train/gradients.ts";
import { gathered } from "../workers/exchange.ts";
import { boundGradients } from "./bound_gradients.ts";
import type { Recipe, RecipeBatch, RecipeContext, Term } from "./recipe.ts";
import type { Critic, Restorer } from "./restorer.ts";

/** What a step works on: a recipe, its networks, and what is frozen. */
export interface StepParts extends Pick<RecipeContext, "task" | "target" | "perceptual"> {
  readonly recipe: Recipe;
  // deno-lint-ignore no-explicit-any -- each recipe has its own options
  readonly values: ValuesOf<any>;
  readonly restorer: Restorer;
  readonly critic: Critic | undefined;
}

/** A batch and its labels. */
export type LabelledBatch = RecipeBatch & Pick<RecipeContext, "labels">;

/** Moves a network by gradients. */
export type Move = (gradients: Gradients) => void;

/** The losses of a move, unweighted, and its gradients in the order of the weights. */
export interface MoveLosses {
  readonly terms: Record<string, tf.Scalar>;
  readonly gradients: Gradients;
}

function contextOf(parts: StepParts, batch: LabelledBatch): Omit<RecipeContext, "restored"> {
  const { recipe, restorer, critic, task, target, perceptual } = parts;
  return {
    ...batch,
    // Rows that count differ from worker to worker; all other terms are means over images.
    task: {
      ...task,
      taskLoss: (output, labels) => task.taskLoss(gathered(output), gathered(labels)),
      extractFeatures: (output, labels) => task.extractFeatures(gathered(output), gathered(labels)),
    },
    target,
    perceptual,
    restore: (images) => restorer.restore(images, "training"),
    score(images) {
      if (critic) return critic.score(images);
      throw new TypeError(`Cannot score images as ${recipe.title} has no critic`);
    },
  };
}

/** The images that a recipe restores in a step. */
function inputsOf({ recipe, values }: StepParts, batch: LabelledBatch) {
  return recipe.inputs?.(batch, values) ?? batch.adversarial;
}

/** The weighted sum of terms, and those of a weight above 0. */
function sumOf(terms: Readonly<Record<string, Term>>) {
  const computed = Object.entries(terms).filter(([, { weight }]) => weight > 0)
    .map(([name, { weight, compute }]) => [name, compute(), weight] as const);
  return {
    loss: tf.addN(computed.map(([, term, weight]) => tf.mul(term, weight))) as tf.Scalar,
    kept: Object.fromEntries(computed.map(([name, term]) => [name, term])),
  };
}

/**
 * The restorer's loss and gradients on a batch. Moves no weight but statistics of batch norm.
 *
 * @param parts The recipe, its networks, what is frozen
 * @param batch x^c, x^a, labels, noise
 * @returns Its terms with "total", the weighted sum
 */
export function restorerLosses(parts: StepParts, batch: LabelledBatch): MoveLosses {
  const { recipe, values, restorer } = parts;
  const context = contextOf(parts, batch);
  const { loss, kept, gradients } = gradientsOf(restorer.parameters.trainable, () => {
    const restored = context.restore(inputsOf(parts, batch));
    return sumOf(recipe.terms({ ...context, restored }, values));
  });
  return { terms: { ...kept, total: loss }, gradients };
}

/**
 * The critic's loss and gradients on a batch, images restored being constants.
 *
 * @param parts The recipe, its networks, what is frozen
 * @param critic Its critic
 * @param batch x^c, x^a, labels, noise
 * @returns Its loss as "critic"
 */
export function criticLosses(parts: StepParts, critic: Critic, batch: LabelledBatch): MoveLosses {
  const { recipe, values } = parts;
  const context = contextOf(parts, batch);
  const restored = stopGradient(context.restore(inputsOf(parts, batch)));
  const { loss, gradients } = gradientsOf(critic.parameters.trainable, () => ({
    loss: recipe.criticLoss!({ ...context, restored }, values),
  }));
  return { terms: { critic: loss }, gradients };
}

/**
 * A whole step: as many moves of the critic as the recipe says, then of the restorer, each by the weights that the
 * one before left.
 *
 * @param parts The recipe, its networks, what is frozen
 * @param batch x^c, x^a, labels, noise
 * @param moves How each network is moved
 * @returns The terms of each network's last move
 */
export function recipeStep(
  parts: StepParts,
  batch: LabelledBatch,
  moves: { readonly restorer: Move; readonly critic: Move },
): Record<string, tf.Scalar> {
  const { critic, recipe: { moves: counts = { critic: 1, restorer: 1 } } } = parts;
  const terms: Record<string, tf.Scalar> = {};
  let move = 0;
  const repeat = (
    count: number,
    compute: (batch: LabelledBatch) => MoveLosses,
    apply: Move,
  ) => {
    for (let index = 0; index < count; index++) {
      const found = compute({ ...batch, move: move++ });
      apply(found.gradients);
      Object.assign(terms, found.terms);
    }
  };
  if (critic) repeat(counts.critic, (batch) => criticLosses(parts, critic, batch), moves.critic);
  const largest = parts.recipe.largestGradient?.(parts.values);
  const moveBounded: Move = (gradients) =>
    moves.restorer(largest === undefined ? gradients : boundGradients(gradients, largest));
  repeat(counts.restorer, (batch) => restorerLosses(parts, batch), moveBounded);
  return terms;
}
