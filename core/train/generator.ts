/**
 * The training of G and D as a method: the recorded Algorithm 1, its rates and its state.
 *
 * @module
 */
import type { AdversarialSource } from "../adversaries/source.ts";
import type { Precision } from "../backend/precision.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import { resolveLosses } from "../losses/mod.ts";
import type { Dataset } from "../dataset.ts";
import type { RestoringGenerator } from "../defenses/definition.ts";
import type { Preset } from "../preset.ts";
import type * as tf from "../tf.ts";
import type { TaskAdapter } from "../task.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { createAccumulatedStep, portionsOf } from "./accumulate.ts";
import { readBatch, type StepRates, type TrainBatch, trainStep } from "./algorithm_1.ts";
import { guardOf } from "./guard.ts";
import { type Method, variablesOf } from "./method.ts";
import { conditionOf, createMoving, type Frozen, type Moving, stateOf } from "./parts.ts";
import { stepRates } from "./step_rates.ts";

/** Inputs of G's training. */
export interface GeneratorMethodParts<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A = unknown,
> extends Omit<Frozen<O, L>, "losses" | "condition" | "task"> {
  readonly task: TaskAdapter<O, L, A>;
  readonly preset: Pick<
    Preset,
    | "seed"
    | "precision"
    | "generator"
    | "discriminator"
    | "losses"
    | "train"
    | "recipe"
    | "evaluation"
  >;
  /** Source of x^a; a function creates it from the G in training. */
  readonly adversaries:
    | AdversarialSource<L>
    | ((generator: RestoringGenerator) => AdversarialSource<L>);
  /** G's first weights. @default drawn by the seed */
  readonly start?: ReadonlyMap<string, HostTensor>;
  /** Examples for the preset's guard, which are not trained on. */
  readonly heldOut?: Dataset<A>;
  /** Names checkpoints and records. @default {"train"} */
  readonly stage?: string;
  /** Ends the guard's reviews between their batches. */
  readonly signal?: AbortSignal;
}

/** G in training. */
export interface GeneratorMethod<L extends tf.TensorContainer>
  extends Method<L, TrainBatch<L>, StepRates> {
  /** G, D and their optimizers. */
  readonly moving: Moving;
}

/**
 * Creates the step of Algorithm 1 as one recorded function.
 *
 * @param frozen O, its task, Φ, which losses
 * @param moving G and D
 * @param precision Of the recorded step. @default {"float32"}
 * @returns The step, from a batch and rates to its loss terms, each unweighted, and their weighted "total"
 */
export function createTrainStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  frozen: Frozen<O, L>,
  moving: Moving,
  precision?: Precision,
): RecordedStep<TrainBatch<L> & StepRates, Record<string, tf.Tensor>> {
  return record((inputs: TrainBatch<L> & StepRates) => trainStep(frozen, moving, inputs), {
    name: "train step",
    variables: variablesOf(stateOf(moving)),
    precision,
  });
}

/**
 * Creates G and D, and the method that trains them: Algorithm 1.
 *
 * @param parts Task, O, Φ, the source of x^a, the preset. A given source is borrowed; one
 * created by a function is disposed with the method
 * @returns The method; dispose it or its trainer
 * @throws {RangeError} If the preset's loss setting is unknown, portions would not be equal, or D is to be
 * conditioned on labels that cannot be drawn
 *
 * @example Usage
 * ```ts
 * import { createGeneratorMethod, createPerceptual, createRandom, freshSource, Trainer } from "@realign/core";
 * import { createAttack, exactVictim } from "@realign/core/attacks";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset as preset, toyTrainingBatches } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * using perceptual = createPerceptual(preset.perceptual, createRandom(1, "perceptual"));
 * using adversaries = freshSource(createAttack(preset.attack, exactVictim({ task, target })), preset.seed);
 * const method = createGeneratorMethod({ preset, task, target, perceptual, adversaries });
 * using trainer = new Trainer(method, { stepsPerEpoch: 2, totalSteps: 1 });
 * for await (const { losses } of trainer.run(toyTrainingBatches(createToyDataset(12), 0))) {
 *   assert.ok(losses.total > 0);
 * }
 * ```
 */
export function createGeneratorMethod<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A = unknown,
>(parts: GeneratorMethodParts<O, L, A>): GeneratorMethod<L> {
  const { preset, task, target, perceptual, adversaries, start, stage = "train" } = parts;
  const portions = portionsOf(preset.train);
  const condition = conditionOf(task, preset.discriminator);
  const { recompute } = preset.train;
  const losses = resolveLosses(preset.losses);
  const frozen = { task, target, perceptual, losses, condition, recompute };
  const moving = createMoving(preset, condition, start);
  const own = typeof adversaries === "function" ? adversaries(moving.generator) : undefined;
  const source = typeof adversaries === "function" ? own! : adversaries;
  const step = portions === 1
    ? createTrainStep(frozen, moving, preset.precision)
    : createAccumulatedStep(frozen, moving, portions, preset.precision);
  const weights = () => moving.average.weights();
  const guard = guardOf(parts, weights);
  return {
    stage,
    moving,
    state: { ...stateOf(moving), ...(guard && { guard }) },
    advice: "lower train.schedule.peak or the term's weight",
    rates: stepRates(preset.train, moving.average),
    prepare: (batch, step) => readBatch(batch, source, step),
    step,
    ...(guard && { watch: guard }),
    weights: async () => new Map(guard?.best ?? await weights()),
    [Symbol.dispose]() {
      step[Symbol.dispose]();
      own?.[Symbol.dispose]();
      moving[Symbol.dispose]();
    },
  };
}
