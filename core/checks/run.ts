/**
 * What can be known to be wrong before the first step: names that a task has not, and a task that does
 * not keep to what the core relies on.
 *
 * @module
 */
import type { AttackSettings } from "../preset.ts";
import { assertKeepable } from "../adversaries/keepable.ts";
import { checkAdversarial } from "./adversarial.ts";
import { checkOutput } from "./output.ts";
import { asInTraining, readFew } from "./read_few.ts";
import { checkRecipe } from "./recipe.ts";
import { hasWeights } from "../model_file.ts";
import { createAttack } from "../attacks/mod.ts";
import { portionsOf } from "../train/accumulate.ts";
import { adversaryOf, createTrainingAttack } from "../train/adversaries.ts";
import { checkEvaluation } from "../evaluate/columns.ts";
import { measuredExamples } from "../evaluate/measured_examples.ts";
import { victimOf } from "../evaluate/victim.ts";
import { assertGeneratorSize } from "../networks/generator.ts";
import { extractorOf, mapOf, resolveLosses } from "../losses/mod.ts";
import * as tf from "../tf.ts";
import { headRates } from "../train/head_rates.ts";
import { holdOut } from "../train/held_out.ts";
import { conditionOf } from "../train/parts.ts";
import { augmentationOf, type TrainingSource } from "../train/training_source.ts";

/** Examples that a task is tried on at most. */
const TRIED = 16;

/**
 * Fails where a run would fail later: at a size that G cannot have, a loss's weight, features or label images
 * that the task has not, a batch that has no such portions, images to be kept that change with G, an adversarial training of O that contradicts itself, a guard whose examples cannot be measured, a rate of heads that O does not tell, an augmentation, objective, attack or defense that
 * the preset names and the task has not, or at
 * features, losses and classes that are not what the core is told they are. O runs once, over a few examples; a
 * rival's step is computed once, over two.
 *
 * @param source Preset, task, O, the examples to try
 * @throws {RangeError} If the preset names what there is not or asks for what cannot be, or a class is not
 * below `task.classCount`
 * @throws {TypeError} If the task gives tensors of other shapes or types than it should
 *
 * @example Usage
 * ```ts
 * import { checkRun, createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const source = { preset: toyPreset, task, target, dataset: createToyDataset(6) };
 * await checkRun(source);
 * const preset = { ...toyPreset, attack: { name: "pgf", epsilon: 0.1 } };
 * await assert.rejects(checkRun({ ...source, preset }), /did you mean "pgd"/);
 * ```
 */
export async function checkRun<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: TrainingSource<O, L, A>): Promise<void> {
  const { preset } = source;
  assertGeneratorSize(preset.generator);
  checkLosses(source);
  portionsOf(preset.train);
  adversaryOf(preset.train);
  const augmentations = new Set(
    [preset.target.train, preset.train].map(({ augmentation }) => augmentation),
  );
  for (const name of augmentations) await tryAugmentation(source, name);
  checkEvaluation(preset.evaluation);
  measuredExamples(preset, source.task, source.dataset);
  checkTrainingAttack(source);
  checkAdversarial(preset.target.train, source.task);
  if (!hasWeights(preset.target)) {
    headRates(source.target, preset.target.train.headRate, "target.train");
  }
  const { adversarial } = preset.target.train;
  if (adversarial?.attack) checkAttack(source, adversarial.attack);
  await checkGuard(source);
  const { threatModels, curves = {} } = preset.evaluation;
  for (const { attacks } of [threatModels, curves].flatMap((models) => Object.values(models))) {
    for (const settings of Object.values(attacks)) checkAttack(source, settings);
  }
  await checkTarget(source);
  await checkRecipe(source);
}

function checkLosses<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { preset: { losses, discriminator, train }, task }: TrainingSource<O, L, A>,
): void {
  if (train.start?.losses) resolveLosses(train.start.losses);
  const resolved = resolveLosses(losses);
  extractorOf(task, resolved);
  if (resolved.reconstructionFeatures === "map") mapOf(task);
  conditionOf(task, discriminator);
  if (resolved.ignored === "class" && !task.labelImages) {
    throw new RangeError(
      `Cannot count ignored rows as a class as ${task.name} has no label images, so that they may be padding: set losses.ignored to "skip"`,
    );
  }
}

/**
 * Fails where O's outputs, or what the task makes of them, are not what the core is told they are: features,
 * a loss that is a number, classes. O runs once, over a few examples.
 *
 * @param source Task, O, the examples to try; with a preset, its features, and examples as they look in its training
 * @throws {RangeError} If a class is not below `task.classCount`
 * @throws {TypeError} If the task gives tensors of other shapes or types than it should, or a loss that is
 * not finite
 *
 * @example Usage
 * ```ts
 * import { checkTarget, createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask } from "../testing/toy_task.ts";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * await checkTarget({ task, target, dataset: createToyDataset(6) });
 * ```
 */
export async function checkTarget<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source:
    & Pick<TrainingSource<O, L, A>, "task" | "target" | "dataset">
    & Partial<Pick<TrainingSource<O, L, A>, "preset">>,
): Promise<void> {
  const { task, preset } = source;
  const extract = preset && extractorOf(task, resolveLosses(preset.losses));
  const batch = await readFew(source, TRIED, preset && asInTraining(preset, task));
  if (!batch) return;
  const { images, labels, count } = batch;
  const output = tf.tidy(() => source.target.forward(images));
  try {
    await checkOutput(task, output, labels, count, extract);
  } finally {
    tf.dispose([images, labels as tf.TensorContainer, output]);
  }
}

async function tryAugmentation<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { preset: { seed }, task, dataset }: TrainingSource<O, L, A>,
  name: string,
): Promise<void> {
  const augmentation = augmentationOf(task, name);
  try {
    const batch = await readFew({ task, dataset }, TRIED, { augmentation, seed, pass: 0 });
    if (batch) tf.dispose([batch.images, batch.labels as tf.TensorContainer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new TypeError(`Cannot use the augmentation "${name}" of ${task.name}: ${reason}`, {
      cause: error,
    });
  }
}

async function checkGuard<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  source: TrainingSource<O, L, A>,
): Promise<void> {
  const { preset, preset: { train: { guard }, seed }, task } = source;
  if (!guard) return;
  checkAttack(source, guard.attack);
  const [, heldOut] = holdOut(source.dataset, guard.examples, seed);
  if (!heldOut) return;
  try {
    const batch = await readFew({ task, dataset: measuredExamples(preset, task, heldOut) }, 1);
    if (batch) tf.dispose([batch.images, batch.labels as tf.TensorContainer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new TypeError(`Cannot measure the examples that train.guard holds out: ${reason}`, {
      cause: error,
    });
  }
}

function checkTrainingAttack<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  source: TrainingSource<O, L, A>,
): void {
  const { preset } = source;
  // Φ itself is not asked: what it is made of does not matter here.
  using attack = createTrainingAttack({ ...source, perceptual: { features: () => [] } });
  if (preset.train.attackCache > 0) assertKeepable(attack);
}

function checkAttack<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { task, target }: TrainingSource<O, L, A>,
  settings: AttackSettings,
): void {
  createAttack(settings, victimOf({ task, target }), task.attacks)[Symbol.dispose]();
}
