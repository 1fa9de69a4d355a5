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
import { createAccumulatedStep, portionsOf } from "./accumulate.ts";
import type { Attack } from "../attacks/attack.ts";
import type { AttackCache, CachedBatch } from "../adversaries/attack_cache.ts";
import type { RecordedStep } from "../backend/record.ts";
import type { Batch } from "../dataset.ts";
import type { Discriminator } from "../networks/discriminator.ts";
import type { Generator } from "../networks/generator.ts";
import type { ResolvedLosses } from "../losses/mod.ts";
import type { HostTensor } from "../weights/parameters.ts";
import type { GeneratorTraining, Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { learningRateAt } from "./schedule.ts";
import { createStepParts, type FrozenParts, type StepParts } from "./parts.ts";
import * as tf from "../tf.ts";
import { prefixed, type StepRecord, type TrainState, unprefixed } from "./state.ts";
import { readTerms, type StepInputs } from "./algorithm_1.ts";

/** What G is trained with. */
export interface TrainParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends FrozenParts<O, L> {
  readonly preset: Preset;
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
  readonly totalSteps: number;
  step = 0;
  readonly #parts: TrainParts<O, L>;
  readonly #settings: GeneratorTraining;
  readonly #moving: StepParts<O, L> & Disposable;
  readonly #step: RecordedStep<StepInputs<L>, Record<string, tf.Tensor>>;

  constructor(parts: TrainParts<O, L>) {
    const { preset, task, target, perceptual } = parts;
    const settings = this.#settings = preset.train;
    const portions = portionsOf(settings);
    this.#parts = parts;
    this.totalSteps = parts.totalSteps ?? settings.epochs * parts.stepsPerEpoch;
    this.#moving = createStepParts(preset, { task, target, perceptual });
    this.#step = createAccumulatedStep(this.#moving, portions);
  }

  get generator(): Generator {
    return this.#moving.generator;
  }

  get discriminator(): Discriminator {
    return this.#moving.discriminator;
  }

  get losses(): ResolvedLosses {
    return this.#moving.losses;
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
      const losses = await readFiniteTerms(terms, step);
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
    if ("lookUp" in adversaries) return await adversaries.lookUp(batch);
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
    const { generator: { parameters }, averages } = this.#moving;
    if (averages.length === 0) return await parameters.export();
    const raw = parameters.trainable.map((weight) => tf.clone(weight));
    const assign = (values: readonly tf.Tensor[]) =>
      parameters.trainable.forEach((weight, index) => weight.assign(values[index]));
    assign(averages);
    try {
      return await parameters.export();
    } finally {
      assign(raw);
      tf.dispose(raw);
    }
  }

  get flops(): number | undefined {
    return this.#step.statistics()?.flops;
  }

  async export(): Promise<Map<string, HostTensor>> {
    const { generator, discriminator, generatorOptimizer, discriminatorOptimizer, averages } =
      this.#moving;
    const values = averages.map(async (average, index) =>
      [`${index}`, { shape: average.shape, data: await average.data<"float32">() }] as const
    );
    return prefixed({
      generator: await generator.parameters.export(),
      discriminator: await discriminator.parameters.export(),
      generatorOptimizer: await generatorOptimizer.export(),
      discriminatorOptimizer: await discriminatorOptimizer.export(),
      averages: new Map(await Promise.all(values)),
    });
  }

  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    const { generator, discriminator, generatorOptimizer, discriminatorOptimizer, averages } =
      this.#moving;
    generator.parameters.import(unprefixed(tensors, "generator"), origin);
    discriminator.parameters.import(unprefixed(tensors, "discriminator"), origin);
    generatorOptimizer.import(unprefixed(tensors, "generatorOptimizer"), origin);
    discriminatorOptimizer.import(unprefixed(tensors, "discriminatorOptimizer"), origin);
    const values = unprefixed(tensors, "averages");
    averages.forEach((average, index) => {
      const tensor = values.get(`${index}`);
      if (tensor?.data.length !== average.size) {
        throw new TypeError(`Cannot load ${origin} as its moving average is another network's`);
      }
      tf.tidy(() => average.assign(tf.tensor(tensor.data, average.shape)));
    });
  }

  [Symbol.dispose](): void {
    this.#step[Symbol.dispose]();
    this.#moving[Symbol.dispose]();
  }
}

/** Reads a step's loss terms, and disposes them. Throws where one is not finite. */
async function readFiniteTerms(
  terms: Record<string, tf.Tensor>,
  step: number,
): Promise<Record<string, number>> {
  const losses = await readTerms(terms);
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
