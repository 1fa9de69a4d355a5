/**
 * The task-agnostic core: tasks, datasets, presets, networks, training and evaluation.
 * Attacks, defenses, losses, layers, backends and test tools have their own entry points.
 *
 * @module
 */

// The whole pipeline in three calls.
export { pause } from "./pause.ts";
export { evaluateSystems, type StepListener, trainGenerator, trainTarget } from "./pipeline.ts";

// The interfaces.
export {
  type AnnotationKind,
  type Annotations,
  type Augmentation,
  type Batch,
  type Box,
  type Colour,
  type Dataset,
  type DatasetOpener,
  type DatasetRequest,
  type Example,
  IGNORED_CLASS,
  type Images,
  type LabelMap,
  type Picture,
} from "./dataset.ts";
export type {
  AdversarialTraining,
  GeneratorTraining,
  LossSetting,
  LossSettings,
  LossWeights,
  OptimizerSettings,
  OtherTarget,
  PixelTarget,
  Preset,
  Schedule,
  StopGradient,
  SubstituteSettings,
  SystemSettings,
  TapWeights,
  TargetTraining,
  ThreatModelSettings,
} from "./preset.ts";
export {
  type Curves,
  type FoundBox,
  type LabelImages,
  type LabelledFeatures,
  type Metric,
  type MetricDetails,
  type MetricResult,
  MOST_CONFUSED_CLASSES,
  type Overlay,
  type Plugin,
  type TargetModel,
  type TaskAdapter,
} from "./task.ts";

export type {
  AnyAttack,
  AnyAttackCache,
  AnyAttackTable,
  AnyColumn,
  AnyDatasetOpener,
  AnyEvaluateParts,
  AnyGeneratorTrainingSource,
  AnySubstitute,
  AnySystems,
  AnyTarget,
  AnyTask,
} from "./erased.ts";

// Settings.
export {
  above,
  atLeast,
  between,
  defaultText,
  type Derived,
  epsilonOver,
  flag,
  oneOf,
  type Option,
  option,
  type Options,
  type Range,
  type ValuesOf,
  wholeFrom,
  word,
} from "./options.ts";
export {
  type PaperResults,
  paperResults,
  type PaperRow,
  type Published,
  publishedOf,
  type PublishedTable,
} from "./paper_results.ts";
export {
  adversarialPreset,
  adversarialTrainings,
  withAdversarialTraining,
} from "./adversarial_values.ts";
export {
  authorsPreset,
  type AuthorsTraining,
  authorsValues,
  type LossValues,
  paperValues,
  withLossValues,
} from "./loss_values.ts";
export {
  adam,
  constantRate,
  constantThenLinear,
  type EvaluationChoices,
  evaluationOf,
  oneCycle,
  paperGenerator,
  paperLosses,
  paperNetworks,
  paperTraining,
  sgd,
  type SmallNetworks,
  smallNetworks,
  smallTraining,
} from "./paper_settings.ts";
export { type RobustChoices, robustLosses, robustPreset } from "./robust_preset.ts";

// Basics used everywhere.
export { ByteCache } from "./byte_cache.ts";
export { withDetail } from "./errors.ts";
export { HeldTensors } from "./held_tensors.ts";
export {
  IMAGENET,
  imagesOf,
  type Normalization,
  normalizeImages,
  picturesOf,
  type ResizeGrid,
  resizeImages,
} from "./images.ts";
export { constantLabelImages } from "./label_images.ts";
export { type WindowSettings, windowStarts } from "./windows.ts";
export { didYouMean, lookUp } from "./names.ts";
export { type AdapterSettings, hasWeights, type ImportedModel, isModelFile } from "./model_file.ts";
export { mapTargets, presetOn, withOwnTargets } from "./other_target.ts";
export { createRandom, type Random } from "./random.ts";

// Checks before a run.
export { assertTarget, assertTask } from "./checks/members.ts";
export { checkRun, checkTarget } from "./checks/run.ts";

// Networks and their weights.
export {
  createDiscriminator,
  type Discriminator,
  type DiscriminatorSettings,
} from "./networks/discriminator.ts";
export { createGenerator, type Generator, type GeneratorSettings } from "./networks/generator.ts";
export {
  createPerceptual,
  type PerceptualNetwork,
  type PerceptualSettings,
} from "./networks/perceptual.ts";
export {
  decodeNumbers,
  formatSafetensors,
  type HostTensor,
  type Initializer,
  type Layout,
  loadWeights,
  measureWeights,
  type NumberFormat,
  Parameters,
  parseSafetensors,
  type SafetensorsContent,
  type WritableTensor,
} from "./weights/mod.ts";

// Batches.
export { flipPicture, shiftPicture } from "./batches/flip_and_shift.ts";
export {
  createEvaluationBatches,
  createTrainingBatches,
  type EvaluationBatchOptions,
  type LabelEncoder,
  type TrainingBatchOptions,
} from "./batches/mod.ts";

// Where adversarial images come from.
export { AttackCache, type CacheProgress, type CacheSource } from "./adversaries/attack_cache.ts";
export { type CacheStorage, noStorage } from "./adversaries/cache_storage.ts";
export {
  type AdversarialBatch,
  type AdversarialSource,
  alternatingSource,
  cachedSource,
  freshSource,
} from "./adversaries/source.ts";
export {
  adversaryOf,
  cachedPasses,
  createTrainingAttack,
  fillTrainingCache,
  freshAdversaries,
  storedFeatures,
} from "./train/adversaries.ts";

// Training: the loop, and the two methods.
export { MovingAverage } from "./train/average.ts";
export {
  createGeneratorTraining,
  createTargetTraining,
  createTraining,
  type GeneratorTrainingSource,
  runGeneratorTraining,
  runTargetTraining,
  type RunTraining,
  type TargetTrainingSource,
  type Training,
} from "./train/from_preset.ts";
export {
  createGeneratorMethod,
  createTrainStep,
  type GeneratorMethod,
  type GeneratorMethodParts,
} from "./train/generator.ts";
export { type Gradients, gradientsOf } from "./train/gradients.ts";
export {
  type Method,
  type Rates,
  type Review,
  type Stateful,
  variablesOf,
  type Watch,
} from "./train/method.ts";
export { Optimizer } from "./train/optimizer.ts";
export { type Frozen, type Moving, movingOf } from "./train/parts.ts";
export { learningRateAt } from "./train/schedule.ts";
export { START_STAGE, startingPreset, startingSource } from "./train/start.ts";
export { createTargetMethod } from "./train/target.ts";
export { readTerms, type StepRecord, Trainer, type TrainingLength } from "./train/trainer.ts";
export { countSteps, type TrainingSource } from "./train/training_source.ts";

// Evaluation.
export {
  attacksSubstitutes,
  checkEvaluation,
  type Column,
  columnsOf,
  type GivenImages,
} from "./evaluate/columns.ts";
export { type AttackedBatch, evaluateColumn, type EvaluateParts } from "./evaluate/evaluate.ts";
export {
  centreDistance,
  type LabelledVectors,
  neighbourAgreement,
  silhouette,
} from "./evaluate/feature_measures.ts";
export { wilsonInterval } from "./evaluate/interval.ts";
export { measuredExamples } from "./evaluate/measured_examples.ts";
export {
  type Attacker,
  attackerBehind,
  attackersIn,
  type EvaluatedSystem,
  type EvaluatedTarget,
  type Evaluation,
  type EvaluationRow,
  isBy,
  type Probe,
  publishedFigure,
  type UnfinishedColumn,
} from "./evaluate/rows.ts";
export { type AskedVictim, type AttackCost, attackCost } from "./evaluate/attack_cost.ts";
export { measuringOrder } from "./evaluate/measuring_order.ts";
export type { Suite, SuiteAttack, SuiteAttacks, Suites } from "./evaluate/suite_settings.ts";
export { curvesOf, epsilonOf, PAPER_SUITE, withSuite } from "./evaluate/suites.ts";
export {
  createSystems,
  type System,
  type SystemRole,
  type Systems,
  type SystemSources,
  UNDEFENDED,
  undefended,
} from "./evaluate/system.ts";
export {
  type Attacked,
  SUBMITTED,
  type Substitute,
  THREAT_MODELS,
  type ThreatModel,
} from "./evaluate/threat_models.ts";
export { type AttackedSource, victimOf } from "./evaluate/victim.ts";
export { ANY_ATTACKER, isWorstCase, worstCases, worstOfAll } from "./evaluate/worst_cases.ts";
