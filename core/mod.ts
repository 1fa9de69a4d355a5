/**
 * The task-agnostic core.
 *
 * @module
 */
export * from "./adversaries/attack_cache.ts";
export * from "./batches/flip_and_shift.ts";
export * from "./batches/mod.ts";
export * from "./byte_cache.ts";
export * from "./errors.ts";
export * from "./checks/run.ts";
export * from "./checks/members.ts";
export * from "./dataset.ts";
export * from "./networks/discriminator.ts";
export { checkEvaluation, type Column, columnsOf } from "./evaluate/columns.ts";
export * from "./evaluate/evaluate.ts";
export * from "./evaluate/system.ts";
export { THREAT_MODELS, type ThreatModel } from "./evaluate/threat_models.ts";
export { HeldTensors } from "./held_tensors.ts";
export * from "./evaluate/rows.ts";
export * from "./networks/generator.ts";
export * from "./images.ts";
export * from "./pipeline.ts";
export * from "./evaluate/interval.ts";
export * from "./adversaries/kept_images.ts";
export * from "./weights/load_weights.ts";
export * from "./batches/order.ts";
export * from "./paper_results.ts";
export * from "./paper_settings.ts";
export * from "./weights/parameters.ts";
export * from "./networks/perceptual.ts";
export * from "./preset.ts";
export * from "./random.ts";
export * from "./weights/safetensors.ts";
export * from "./shapes.ts";
export * from "./names.ts";
export * from "./options.ts";
export * from "./task.ts";
export * from "./evaluate/worst_cases.ts";
export {
  type AdversarialBatch,
  type AdversarialSource,
  cachedSource,
  freshSource,
} from "./adversaries/source.ts";
export { createAccumulatedStep, portionsOf } from "./train/accumulate.ts";
export {
  attackerOf,
  createTrainingAttack,
  fillTrainingCache,
  throughGenerator,
} from "./train/adversaries.ts";
export { type StepRates, type TrainBatch, trainStep } from "./train/algorithm_1.ts";
export { MovingAverage } from "./train/average.ts";
export {
  createGeneratorTraining,
  createTargetTraining,
  createTraining,
  runGeneratorTraining,
  runTargetTraining,
  type RunTraining,
  type Training,
} from "./train/from_preset.ts";
export {
  createGeneratorMethod,
  createTrainStep,
  type GeneratorMethod,
  type GeneratorMethodParts,
} from "./train/generator.ts";
export { type Gradients, gradientsOf } from "./train/gradients.ts";
export { type Method, type Rates, type Stateful, variablesOf } from "./train/method.ts";
export { Optimizer } from "./train/optimizer.ts";
export { createMoving, type Frozen, type Moving, movingOf } from "./train/parts.ts";
export { learningRateAt } from "./train/schedule.ts";
export { createTargetMethod } from "./train/target.ts";
export { readTerms, type StepRecord, Trainer, type TrainingLength } from "./train/trainer.ts";
export { augmentationOf, countSteps, type TrainingSource } from "./train/training_source.ts";
