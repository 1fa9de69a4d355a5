/**
 * The whole pipeline without files: train O, train G, evaluate. The command line runs the same trainings
 * with checkpoints; see `createTargetTraining` and `createGeneratorTraining` to write your own loop.
 *
 * @module
 */
import { noStorage } from "./adversaries/cache_storage.ts";
import { createEvaluationBatches } from "./batches/mod.ts";
import { checkRun } from "./checks/run.ts";
import { columnsOf } from "./evaluate/columns.ts";
import { evaluateColumn } from "./evaluate/evaluate.ts";
import { measuredExamples } from "./evaluate/measured_examples.ts";
import type { EvaluationRow } from "./evaluate/rows.ts";
import { type System, undefended } from "./evaluate/system.ts";
import type { Substitute } from "./evaluate/threat_models.ts";
import { createPerceptual, type PerceptualNetwork } from "./networks/perceptual.ts";
import type { Preset } from "./preset.ts";
import { createRandom } from "./random.ts";
import { createRestorer } from "./recipes/create.ts";
import type { Restorer } from "./recipes/restorer.ts";
import type { TargetModel } from "./task.ts";
import type * as tf from "./tf.ts";
import { fillTrainingCache } from "./train/adversaries.ts";
import {
  type GeneratorTrainingSource,
  runGeneratorTraining,
  runTargetTraining,
  type RunTraining,
  type TargetTrainingSource,
} from "./train/from_preset.ts";
import { startingSource } from "./train/start.ts";
import type { StepRecord } from "./train/trainer.ts";
import type { TrainingSource } from "./train/training_source.ts";
import { worstCases } from "./evaluate/worst_cases.ts";

/** Called after every step. */
export type StepListener = (record: StepRecord) => void;

/** Runs a training in memory. */
function inMemory<L>(onStep: StepListener): RunTraining<L> {
  return async ({ trainer, batches }) => {
    if (trainer.totalSteps === 0) return;
    for await (const record of trainer.run(batches(0, trainer.totalSteps))) onStep(record);
  };
}

/**
 * Trains O as a preset specifies: on clean images, or adversarially (`target.train.adversarial`).
 *
 * @param source Preset, task and training split; the weights to start from, if it is to be finetuned
 * @param onStep Called after every step
 * @returns O; dispose it
 * @throws {RangeError} If the preset names something the task lacks
 * @throws {TypeError} If the task returns tensors of wrong shape or type
 * @throws {Error} If the loss is not finite
 *
 * @example Usage
 * ```ts
 * import { trainTarget } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const losses: number[] = [];
 * using target = await trainTarget(
 *   { preset: toyPreset, task: createToyTask(), dataset: createToyDataset(12), steps: 2 },
 *   ({ losses: { task } }) => losses.push(task),
 * );
 * assert.equal(target.name, "toy-net");
 * assert.equal(losses.length, 2);
 * ```
 */
export async function trainTarget<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: Omit<TargetTrainingSource<O, L, A>, "target" | "stage" | "path">,
  onStep: StepListener = () => {},
): Promise<TargetModel<O>> {
  const { preset, task } = source;
  const target = task.createTarget(
    preset.target.architecture,
    createRandom(preset.seed, "target"),
  );
  try {
    await checkRun({ ...source, target });
    await runTargetTraining({ ...source, target }, inMemory(onStep));
    return target;
  } catch (error) {
    target[Symbol.dispose]();
    throw error;
  }
}

/**
 * Trains G in front of a frozen O as a preset specifies: Algorithm 1, or the rival of its `recipe`.
 *
 * Adversarial images are generated first and kept in memory, or in every step if `train.attackCache` is 0:
 * on what `train.adversary` names. A G that is to withstand attacks through it starts from `start`, else from one that
 * is trained against O alone first (`train.start`).
 *
 * @param source Preset, task, O, training split; G's first weights; the network of L_p (Eq. 2), by default the
 * seeded random one, if the preset names no weights
 * @param onStep Called after every step
 * @returns G with its final weights; dispose it
 * @throws {RangeError} If the preset names something the task lacks, or weights of a perceptual network
 * that was not passed in: core reads no files
 * @throws {Error} If a loss term is not finite; it names the term and the step
 *
 * @example Usage
 * ```ts
 * import { createRandom, trainGenerator } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset } from "./testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const dataset = createToyDataset(12);
 * using generator = await trainGenerator({ preset: toyPreset, task, target, dataset, steps: 2 });
 * assert.deepEqual(generator.restore(tf.zeros([1, 8, 8, 3])).shape, [1, 8, 8, 3]);
 * ```
 */
export async function trainGenerator<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: Omit<GeneratorTrainingSource<O, L, A>, "perceptual" | "stage"> & {
    readonly perceptual?: PerceptualNetwork;
  },
  onStep: StepListener = () => {},
): Promise<Restorer> {
  const { preset } = source;
  await checkRun(source);
  using own = source.perceptual ? undefined : createRandomPerceptual(preset);
  const whole = { ...source, perceptual: source.perceptual ?? own! };
  const train = (part: typeof whole) =>
    runGeneratorTraining(part, {
      fill: (attack) => fillTrainingCache({ ...part, attack }, noStorage),
      run: inMemory(onStep),
    });
  const first = startingSource(whole);
  const weights = await train({ ...whole, start: first ? await train(first) : source.start });
  const generator = createRestorer(preset);
  generator.parameters.import(weights, "the trained generator");
  return generator;
}

function createRandomPerceptual({ perceptual, seed }: Preset): PerceptualNetwork {
  if (perceptual.weights !== "") {
    throw new RangeError(
      `Cannot train as the perceptual network must be passed in with its weights: current value of perceptual.weights is "${perceptual.weights}"`,
    );
  }
  return createPerceptual(perceptual, createRandom(seed, "perceptual"));
}

/**
 * Measures O alone and other systems under every attack of a preset's evaluation.
 *
 * @param source Preset, task, O, the test split as `dataset`, systems besides O alone, substitutes
 * @returns All results, worst cases last
 * @throws {RangeError} If the preset's threat models name an unknown system
 * @throws {Error} If an attack leaves its epsilon ball or [0, 1]
 *
 * @example Usage
 * ```ts
 * import { createRandom, evaluateSystems } from "@realign/core";
 * import { identityDefense } from "@realign/core/defenses";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const source = { preset: toyPreset, task, target, dataset: createToyDataset(6, "test") };
 * const systems = [{ name: "same", title: "Nothing changed", target, defense: identityDefense }];
 * const [none, same] = await evaluateSystems({ ...source, systems });
 * assert.equal(same.system, "same");
 * assert.equal(same.metric.value, none.metric.value);
 * ```
 */
export async function evaluateSystems<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  source: Omit<TrainingSource<O, L, A>, "steps"> & {
    /** Besides O alone, which is always included; see `createSystems` for those of a preset. */
    readonly systems: readonly System<O>[];
    /** What the threat model "transfer" attacks in place of O. */
    readonly substitutes?: readonly Substitute<O>[];
  },
): Promise<EvaluationRow[]> {
  const { preset, task, dataset, target, systems, substitutes } = source;
  const { evaluation } = preset;
  const examples = measuredExamples(preset, task, dataset);
  const batches = () =>
    createEvaluationBatches(examples, task, { batchSize: evaluation.batchSize });
  const rows: EvaluationRow[] = [];
  const columns = columnsOf(evaluation, [undefended(target), ...systems], substitutes);
  for (const column of columns) {
    rows.push(...await evaluateColumn({ preset, task, batches }, column));
  }
  return [...rows, ...worstCases(rows)];
}
