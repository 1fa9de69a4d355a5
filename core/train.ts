/**
 * Trains G: Algorithm 1 of the paper. The file to read first.
 *
 * A batch of clean images x^c comes with adversarial ones x^a of the frozen target O, from the cache or
 * made on the spot. One recorded step restores both, x̂ = G(x), computes every loss of Eq. 1 to 10, and
 * moves G and D. All that a step changes is exported into a checkpoint, so that a run stopped at any
 * step goes on to the same weights, bit for bit.
 *
 * @module
 */
import { createAccumulatedStep } from "./accumulated_step.ts";
import type { Attack } from "./attacks/attack.ts";
import type { AttackCache, CachedBatch } from "./attack_cache.ts";
import type { RecordedStep } from "./backend/record.ts";
import type { Batch } from "./data.ts";
import { createDiscriminator, type Discriminator } from "./discriminator.ts";
import { createGenerator, type Generator } from "./generator.ts";
import { type ResolvedLosses, resolveLosses } from "./losses/mod.ts";
import { Optimizer } from "./optimizer.ts";
import type { HostTensor } from "./parameters.ts";
import type { PerceptualNetwork } from "./perceptual.ts";
import type { GeneratorTraining, Preset } from "./preset.ts";
import { createRandom } from "./random.ts";
import { learningRateAt } from "./schedule.ts";
import type { TargetModel, TaskAdapter } from "./task.ts";
import * as tf from "./tf.ts";
import { prefixed, type StepRecord, type TrainState, unprefixed } from "./train_state.ts";
import type { StepInputs } from "./train_step.ts";

/** What G is trained with. */
export interface TrainParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly preset: Preset;
  readonly task: TaskAdapter<O, L>;
  /** O, frozen. */
  readonly target: TargetModel<O>;
  readonly perceptual: PerceptualNetwork;
  /** Where x^a comes from: kept ones, or an attack that makes them anew in every step. */
  readonly adversaries: AttackCache<O, L> | Attack<L>;
  /** Batches in one pass over the training set. */
  readonly stepsPerEpoch: number;
  /** Overrides the preset's epochs. */
  readonly totalSteps?: number;
}

/** G in training: networks, optimizers, the recorded step. */
export class GeneratorTrainer<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements TrainState, Disposable {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly totalSteps: number;
  step = 0;
  readonly #parts: TrainParts<O, L>;
  readonly #settings: GeneratorTraining;
  readonly #generatorOptimizer: Optimizer;
  readonly #discriminatorOptimizer: Optimizer;
  readonly #averages: tf.Variable[];
  readonly #step: RecordedStep<StepInputs<L>, Record<string, tf.Tensor>>;
  readonly losses: ResolvedLosses;

  constructor(parts: TrainParts<O, L>) {
    const { preset, task, target, perceptual } = parts;
    const settings = this.#settings = preset.train;
    this.#parts = parts;
    this.totalSteps = parts.totalSteps ?? settings.epochs * parts.stepsPerEpoch;
    this.losses = resolveLosses(preset.losses);
    const generator = this.generator = createGenerator(
      preset.generator,
      createRandom(preset.seed, "generator"),
    );
    const discriminator = this.discriminator = createDiscriminator(
      preset.discriminator,
      createRandom(preset.seed, "discriminator"),
    );
    this.#generatorOptimizer = new Optimizer(generator.parameters.trainable, settings.optimizer);
    this.#discriminatorOptimizer = new Optimizer(
      discriminator.parameters.trainable,
      settings.discriminatorOptimizer,
    );
    this.#averages = settings.averaging > 0
      ? generator.parameters.trainable.map((weight) => tf.variable(weight, false))
      : [];
    this.#step = createAccumulatedStep({
      task,
      target,
      generator,
      discriminator,
      perceptual,
      generatorOptimizer: this.#generatorOptimizer,
      discriminatorOptimizer: this.#discriminatorOptimizer,
      averages: this.#averages,
      losses: this.losses,
    }, portionsOf(settings));
  }

  /**
   * Runs until the last step: lines 1 to 9 of Algorithm 1.
   *
   * @param batches Training batches from step `this.step` on; disposed here
   * @yields A record after every step
   * @throws {Error} If a loss term is not finite; it names the term and the step
   */
  async *run(batches: AsyncIterable<Batch<L>>): AsyncGenerator<StepRecord, void, void> {
    if (this.step >= this.totalSteps) return;
    let begun = performance.now();
    for await (const batch of batches) {
      const { adversarial, cleanFeatures } = await this.#attack(batch);
      const { rates, learningRate } = this.#rates();
      const { images: clean, labels } = batch;
      const inputs = { clean, adversarial, labels, cleanFeatures, ...rates };
      const terms = this.#runStep(inputs);
      const step = this.step++;
      const losses = await readTerms(terms, step);
      const now = performance.now();
      const epoch = Math.floor(step / this.#parts.stepsPerEpoch);
      yield { stage: "train", step, epoch, learningRate, seconds: (now - begun) / 1000, losses };
      begun = now;
      if (this.step >= this.totalSteps) return;
    }
  }

  /** Lines 4 to 8: the recorded step; its inputs are disposed. */
  #runStep(inputs: StepInputs<L>): Record<string, tf.Tensor> {
    try {
      return this.#step(inputs);
    } finally {
      tf.dispose(inputs);
    }
  }

  /** Line 3: x^a, and z^c where it is kept beside it. */
  async #attack(batch: Batch<L>): Promise<Partial<CachedBatch> & Pick<CachedBatch, "adversarial">> {
    const { adversaries, preset } = this.#parts;
    if ("lookUp" in adversaries) return adversaries.lookUp(batch);
    return {
      adversarial: await adversaries.perturb(
        batch.images,
        batch.labels,
        createRandom(preset.seed, "attack", this.step),
      ),
    };
  }

  #rates() {
    const { schedule, discriminatorSchedule, averaging } = this.#settings;
    const learningRate = learningRateAt(schedule, this.step, this.totalSteps);
    const rates = {
      learningRate: tf.scalar(learningRate),
      discriminatorLearningRate: tf.scalar(
        learningRateAt(discriminatorSchedule, this.step, this.totalSteps),
      ),
      // A young average follows the weights closely, so that it does not remember how they began.
      averaging: tf.scalar(Math.min(averaging, (1 + this.step) / (10 + this.step))),
    };
    return { rates, learningRate };
  }

  /** G's weights for use: their moving average where there is one. */
  async exportGenerator(): Promise<Map<string, HostTensor>> {
    if (this.#averages.length === 0) return await this.generator.parameters.export();
    const raw = this.generator.parameters.trainable.map((weight) => tf.clone(weight));
    const assign = (values: readonly tf.Tensor[]) =>
      this.generator.parameters.trainable.forEach((weight, index) => weight.assign(values[index]));
    assign(this.#averages);
    try {
      return await this.generator.parameters.export();
    } finally {
      assign(raw);
      tf.dispose(raw);
    }
  }

  get flops(): number | undefined {
    return this.#step.statistics()?.flops;
  }

  async export(): Promise<Map<string, HostTensor>> {
    const averages = this.#averages.map(async (average, index) =>
      [`${index}`, { shape: average.shape, data: await average.data<"float32">() }] as const
    );
    return prefixed({
      generator: await this.generator.parameters.export(),
      discriminator: await this.discriminator.parameters.export(),
      generatorOptimizer: await this.#generatorOptimizer.export(),
      discriminatorOptimizer: await this.#discriminatorOptimizer.export(),
      averages: new Map(await Promise.all(averages)),
    });
  }

  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    this.generator.parameters.import(unprefixed(tensors, "generator"), origin);
    this.discriminator.parameters.import(unprefixed(tensors, "discriminator"), origin);
    this.#generatorOptimizer.import(unprefixed(tensors, "generatorOptimizer"), origin);
    this.#discriminatorOptimizer.import(unprefixed(tensors, "discriminatorOptimizer"), origin);
    const averages = unprefixed(tensors, "averages");
    this.#averages.forEach((average, index) => {
      const tensor = averages.get(`${index}`);
      if (tensor?.data.length !== average.size) {
        throw new TypeError(`Cannot load ${origin} as its moving average is another network's`);
      }
      tf.tidy(() => average.assign(tf.tensor(tensor.data, average.shape)));
    });
  }

  [Symbol.dispose](): void {
    this.#step[Symbol.dispose]();
    this.#generatorOptimizer[Symbol.dispose]();
    this.#discriminatorOptimizer[Symbol.dispose]();
    tf.dispose(this.#averages);
    this.generator[Symbol.dispose]();
    this.discriminator[Symbol.dispose]();
  }
}

/** In how many portions a batch is taken. */
function portionsOf({ batchSize, accumulate = 1 }: GeneratorTraining): number {
  if (Number.isInteger(batchSize / accumulate)) return accumulate;
  throw new RangeError(
    `Cannot train as train.accumulate must divide train.batchSize, ${batchSize}: current value is ${accumulate}`,
  );
}

/** Reads a step's loss terms, and disposes them. */
async function readTerms(
  terms: Record<string, tf.Tensor>,
  step: number,
): Promise<Record<string, number>> {
  const losses: Record<string, number> = {};
  for (const [name, term] of Object.entries(terms)) {
    [losses[name]] = await term.data();
    term.dispose();
  }
  const broken = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (broken) {
    throw new Error(
      `Cannot go on training as the loss term "${broken[0]}" is ${
        broken[1]
      } at step ${step}: lower train.schedule.peak or the term's weight`,
    );
  }
  return losses;
}
