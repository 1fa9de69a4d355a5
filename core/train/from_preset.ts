/**
 * Trainings as specified by a preset, from start to end. In memory (pipeline.ts) and from the command
 * line they are the same; the command line adds files.
 *
 * @module
 */
import type { AttackCache } from "../adversaries/attack_cache.ts";
import { type AdversarialSource, cachedSource, withoutAttack } from "../adversaries/source.ts";
import type { Attack } from "../attacks/attack.ts";
import { createTrainingBatches } from "../batches/mod.ts";
import type { Batch, Dataset, Images } from "../dataset.ts";
import { recipeOf } from "../recipes/table.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { GeneratorTraining, TargetTraining } from "../preset.ts";
import type * as tf from "../tf.ts";
import { activeWorkers, ownRows } from "../workers/workers.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { adversaryOf, createTrainingAttack, freshAdversaries } from "./adversaries.ts";
import { createGeneratorMethod, type GeneratorMethodParts } from "./generator.ts";
import { holdOut } from "./held_out.ts";
import type { Method } from "./method.ts";
import { replayed } from "./replayed_target.ts";
import { createRecipeMethod } from "./recipe.ts";
import { createTargetMethod } from "./target.ts";
import { Trainer } from "./trainer.ts";
import { augmentationOf, countSteps, type TrainingSource } from "./training_source.ts";

/** A training and its data. Dispose the trainer. */
export interface Training<L> {
  readonly trainer: Trainer<L>;
  /** The batches from one step up to another. */
  readonly batches: (start: number, end: number) => AsyncGenerator<Batch<L>, void, void>;
}

/** Inputs of a training of O, or of another target model. */
export interface TargetTrainingSource<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
> extends TrainingSource<O, L, A> {
  /** Names checkpoints and records. @default {"train-target"} */
  readonly stage?: string;
  /** Where a preset has the settings, for errors. @default {"target.train"} */
  readonly path?: string;
  /** The weights that training starts from. @default those that O has */
  readonly start?: ReadonlyMap<string, HostTensor>;
}

/** Inputs of a training of G. */
export interface GeneratorTrainingSource<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
> extends TrainingSource<O, L, A> {
  /** The network of L_p (Eq. 2). */
  readonly perceptual: PerceptualNetwork;
  /** G's first weights. @default drawn by the seed */
  readonly start?: ReadonlyMap<string, HostTensor>;
  /** Names checkpoints and records. @default {"train"} */
  readonly stage?: string;
}

/** Runs a training to its last step. */
export type RunTraining<L> = (training: Training<L>) => Promise<void>;

/**
 * A training by a method, on the training split, for the number of steps in the settings.
 *
 * @param source The data, the seed; `steps` in place of the settings' epochs
 * @param settings Batch size, epochs, augmentation
 * @param createMethod Called after all checks
 * @param passes Number of epochs after which augmentations repeat; never by default
 * @returns The training, at step 0; dispose its trainer
 * @throws {RangeError} If the settings name an unknown augmentation, or batches larger than
 * the training split
 */
export function createTraining<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { preset: { seed }, task, dataset, steps }: Omit<TrainingSource<O, L, A>, "target">,
  settings: Pick<TargetTraining | GeneratorTraining, "batchSize" | "epochs" | "augmentation">,
  createMethod: () => Method<L>,
  passes?: number,
): Training<L> {
  const { batchSize, epochs } = settings;
  const augmentation = augmentationOf(task, settings.augmentation);
  const length = countSteps(dataset, batchSize, epochs, steps);
  return {
    trainer: new Trainer(createMethod(), length),
    batches: (start, end) =>
      createTrainingBatches(dataset, task, {
        ...{ batchSize, seed, start, end, augmentation, passes },
        own: activeWorkers().count > 1 ? ownRows(batchSize) : undefined,
      }),
  };
}

/**
 * Creates a preset's training of O: plain or adversarial, from O's weights or those to start from.
 *
 * @param source O, its data, the preset
 * @returns O in training, at step 0, and its batches
 * @throws {RangeError} If the preset names an unknown augmentation, batches larger than the training split, or a file
 * to start from whose weights were not passed in
 */
export function createTargetTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: TargetTrainingSource<O, L, A>): Training<L> {
  const { preset: { seed, precision, target: { train } }, dataset: { size }, target, start } =
    source;
  const { from = "", adversarial: { replays = 0 } = {}, batchSize } = train;
  if (from !== "" && !start) {
    throw new RangeError(
      `Cannot train O as the weights that it starts from must be passed in: current value of target.train.from is "${from}"`,
    );
  }
  if (replays > 0 && activeWorkers().count > 1) {
    throw new RangeError(
      "Cannot train O with several workers as target.train.adversarial.replays keeps a perturbation for the whole batch: train it in one process",
    );
  }
  if (start) target.parameters.import(start, "the weights to start from");
  const shape: Images["shape"] = [batchSize, ...size, 3];
  const create = () => {
    const { totalSteps } = countSteps(source.dataset, batchSize, train.epochs, source.steps);
    const finetuned = start !== undefined;
    return createTargetMethod({ ...source, seed, shape, totalSteps, finetuned, precision }, train);
  };
  const training = createTraining(source, train, create);
  return replays > 0 ? { ...training, batches: replayed(training.batches, replays) } : training;
}

/**
 * Creates a preset's training of G, or of the rival in its place.
 *
 * @param source O with its weights, the data, the preset; the network of L_p (Eq. 2); where x^a comes from; examples
 * for the guard, if the preset has one
 * @returns G and D in training, at step 0, and their batches
 * @throws {RangeError} If the preset names an unknown augmentation, or batches larger
 * than the training split
 */
export function createGeneratorTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: GeneratorTrainingSource<O, L, A> & {
    readonly heldOut?: Dataset<A>;
    readonly adversaries: GeneratorMethodParts<O, L, A>["adversaries"];
  },
): Training<L> {
  const { preset, preset: { train }, adversaries } = source;
  const passes = typeof adversaries === "function" ? undefined : adversaries.passes;
  const create = recipeOf(preset) ? createRecipeMethod : createGeneratorMethod;
  return createTraining<O, L, A>(source, train, () => create(source), passes);
}

/**
 * Trains O from its first step to its last.
 *
 * @param source O, whose weights move, its data, the preset; the stage's name if the model is not O
 * @param run Runs the training
 * @throws {RangeError} If the preset names an unknown augmentation, or batches larger
 * than the training split
 */
export async function runTargetTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: TargetTrainingSource<O, L, A>, run: RunTraining<L>): Promise<void> {
  const training = createTargetTraining(source);
  using _trainer = training.trainer;
  await run(training);
}

/**
 * Trains G from its first step to its last, against the attacker that the preset names. The examples of its guard are
 * left out of training.
 *
 * @param source O with its weights, the data, the preset; the network of L_p (Eq. 2); G's first weights
 * @param host Runs the training: `fill` creates and fills the cache of adversarial images, if the
 * preset has one; `run` runs the training
 * @returns G's final weights
 * @throws {RangeError} If the preset names an unknown augmentation, batches larger than the
 * training split, or cached images that change with G
 */
export async function runGeneratorTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: GeneratorTrainingSource<O, L, A>,
  host: {
    readonly fill: (attack: Attack<L>) => Promise<AttackCache<O, L>>;
    readonly run: RunTraining<L>;
  },
): Promise<Map<string, HostTensor>> {
  const { preset: { train, seed } } = source;
  adversaryOf(train);
  const [dataset, heldOut] = holdOut(source.dataset, train.guard?.examples ?? 0, seed);
  const rest = { ...source, dataset };
  const adversaries = await adversariesOf(rest, host.fill);
  using _kept = typeof adversaries === "function" ? undefined : adversaries;
  const training = createGeneratorTraining({ ...rest, adversaries, heldOut });
  using trainer = training.trainer;
  await host.run(training);
  return await trainer.weights();
}

/** Where a training's adversarial images come from; dispose what is no function. */
async function adversariesOf<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  source: GeneratorTrainingSource<O, L, A>,
  fill: (attack: Attack<L>) => Promise<AttackCache<O, L>>,
): Promise<GeneratorMethodParts<O, L, A>["adversaries"]> {
  const { preset } = source;
  const chosen = recipeOf(preset);
  if (chosen && !chosen.recipe.needs.includes("attack")) return withoutAttack();
  return preset.train.attackCache > 0
    ? await cachedAdversaries(source, fill)
    : freshAdversaries(source);
}

/** The source of images against O alone that are generated before training; dispose it. */
async function cachedAdversaries<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: GeneratorTrainingSource<O, L, A>,
  fill: (attack: Attack<L>) => Promise<AttackCache<O, L>>,
): Promise<AdversarialSource<L>> {
  using attack = createTrainingAttack(source);
  return cachedSource(await fill(attack));
}
