/**
 * A recipe: all that tells one learned rival of the paper's method from another.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { Options, ValuesOf } from "../options.ts";
import { adam, constantRate } from "../paper_settings.ts";
import type {
  AttackSettings,
  GeneratorTraining,
  OptimizerSettings,
  Preset,
  Schedule,
  SystemSettings,
} from "../preset.ts";
import type { Random } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import type { Critic, Restorer } from "./restorer.ts";

/** A batch as recipes see it. */
export interface RecipeBatch {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x^a `[B, H, W, 3]`; x^c for a recipe that needs no attack. */
  readonly adversarial: Images;
  /** What the recipe drew for this step, by name. */
  readonly noise: Readonly<Record<string, tf.Tensor>>;
  /** Which of the step's moves this is, the critic's first. @default {0} */
  readonly move?: number;
}

/** What losses are computed from. */
export interface RecipeContext extends RecipeBatch {
  /** The images that the recipe chose as inputs, restored; as constants in the critic's loss. */
  readonly restored: Images;
  /** Restores other images, as in training. */
  readonly restore: (images: Images) => Images;
  readonly labels: tf.TensorContainer;
  readonly task: TaskAdapter;
  /** O, frozen. */
  readonly target: TargetModel<tf.TensorContainer>;
  /** Φ, frozen. */
  readonly perceptual: PerceptualNetwork;
  /** The critic's scores of images. Throws TypeError if the recipe has no critic. */
  readonly score: Critic["score"];
}

/** A term of a loss. It is computed if its weight is above 0. */
export interface Term {
  readonly weight: number;
  readonly compute: () => tf.Scalar;
}

/** What a recipe's training needs besides clean images. */
export type Need = "attack" | "perceptual";

/** A published training. */
export interface Published {
  readonly train: Partial<GeneratorTraining>;
  readonly attack?: AttackSettings;
  /** Options of the recipe that go with it. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * The objective of a published attack in a task of other objectives than "cross-entropy": that of the preset's attack, or
 * of the first which it is made of. "kl" is none for it: it has no slope at the clean image, where such attacks start.
 */
export function objectiveIn(
  { objective, members }: AttackSettings,
): { readonly objective?: unknown } {
  const own = objective ?? members?.[0].objective;
  return own === undefined || own === "kl" ? {} : { objective: own };
}

/** Adam for both networks, by default at a constant rate, as published trainings have it. */
export function adamAt(
  peak: number,
  optimizer: OptimizerSettings = adam,
  shape: Omit<Schedule, "peak"> = constantRate,
): Pick<
  GeneratorTraining,
  "schedule" | "discriminatorSchedule" | "optimizer" | "discriminatorOptimizer"
> {
  const schedule = { ...shape, peak };
  return {
    schedule,
    discriminatorSchedule: schedule,
    optimizer,
    discriminatorOptimizer: optimizer,
  };
}

/** A learned rival. */
export interface Recipe<T extends Options = Options> {
  /** Its title in tables and reports. */
  readonly title: string;
  /** Who published it. */
  readonly source: string;
  /** Of `preset.recipe`, besides name and protocol. */
  readonly options: T;
  readonly needs: readonly Need[];
  /** What the training attack is made on: O, or Φ, which knows no label. @default "target" */
  attacked?(values: ValuesOf<T>): "target" | "perceptual";
  /** Rows that an evaluation has besides the preset's, measured by all attackers who know the trained network. */
  systems?(values: ValuesOf<T>): Readonly<Record<string, SystemSettings>>;
  /** Moves of each network in a step, on the same batch, the critic's first. @default 1 each */
  readonly moves?: { readonly critic: number; readonly restorer: number };
  /** The published training, for the protocol "original"; what it leaves out stays the preset's. */
  original(preset: Preset): Published;
  /** `[H, W]` that its networks work at, where options say so. @default the preset's generator.size */
  size?(values: ValuesOf<T>): readonly [number, number];
  /**
   * Builds the restorer.
   *
   * @param values The options
   * @param size `[H, W]` of its images; a network that takes any size ignores it
   * @param random Where first weights are drawn from
   */
  createRestorer(values: ValuesOf<T>, size: readonly [number, number], random: Random): Restorer;
  /** Builds the critic; absent without one. */
  createCritic?(values: ValuesOf<T>, size: readonly [number, number], random: Random): Critic;
  /** Draws what a step needs; its caller disposes it. A recorded step cannot draw by itself. */
  draw?(shape: Images["shape"], random: Random): Record<string, tf.Tensor>;
  /** The images that are restored in a step, and that terms find as `restored`. @default x^a */
  inputs?(batch: RecipeBatch, values: ValuesOf<T>): Images;
  /** The restorer's loss, term by term. */
  terms(context: RecipeContext, values: ValuesOf<T>): Readonly<Record<string, Term>>;
  /** Bound of the norm of the restorer's gradients, all weights together. @default none */
  largestGradient?(values: ValuesOf<T>): number;
  /** The critic's loss. */
  criticLoss?(context: RecipeContext, values: ValuesOf<T>): tf.Scalar;
}

/** Declares a recipe, typed by its options. */
export function defineRecipe<const T extends Options>(recipe: Recipe<T>): Recipe<T> {
  return recipe;
}
