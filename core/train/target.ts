/**
 * Trains O itself, the plain way: clean images, L_o, no defense.
 *
 * @module
 */
import { record, type RecordedStep } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import { Optimizer } from "./optimizer.ts";
import type { TargetTraining } from "../preset.ts";
import { learningRateAt } from "./schedule.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { prefixed, type StepRecord, type TrainState, unprefixed } from "./state.ts";
import * as tf from "../tf.ts";

interface TargetStepInputs<L> extends tf.TensorContainerObject {
  images: Images;
  labels: L & tf.TensorContainer;
  learningRate: tf.Scalar;
}

/** O in training: its weights, its optimizer, its recorded step. */
export class TargetTrainer<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements TrainState, Disposable {
  readonly #settings: TargetTraining;
  readonly #target: TargetModel<O>;
  readonly #optimizer: Optimizer;
  readonly #step: RecordedStep<TargetStepInputs<L>, { loss: tf.Scalar }>;
  readonly #stepsPerEpoch: number;
  readonly totalSteps: number;
  step = 0;

  /** @param stepsPerEpoch Batches in one pass over the training set */
  constructor(
    task: TaskAdapter<O, L>,
    target: TargetModel<O>,
    settings: TargetTraining,
    stepsPerEpoch: number,
    totalSteps?: number,
  ) {
    this.#settings = settings;
    this.#target = target;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.totalSteps = totalSteps ?? settings.epochs * stepsPerEpoch;
    const { trainable, variables } = target.parameters;
    const optimizer = this.#optimizer = new Optimizer(trainable, settings.optimizer);
    this.#step = record(
      ({ images, labels, learningRate }: TargetStepInputs<L>) => {
        const { value, grads } = tf.variableGrads(
          () => task.taskLoss(target.forward(images, "training"), labels),
          trainable,
        );
        optimizer.apply(trainable.map(({ name }) => grads[name]), learningRate);
        return { loss: value };
      },
      { name: "target step", variables: [...variables, ...optimizer.state] },
    );
  }

  /**
   * Runs until the last step.
   *
   * @param batches Training batches from step `this.step` on; disposed here
   * @yields A record after every step
   * @throws {Error} If the loss is not finite; nothing is yielded for that step
   */
  async *run(batches: AsyncIterable<Batch<L>>): AsyncGenerator<StepRecord, void, void> {
    if (this.step >= this.totalSteps) return;
    let begun = performance.now();
    for await (const { images, labels } of batches) {
      const rate = learningRateAt(this.#settings.schedule, this.step, this.totalSteps);
      const learningRate = tf.scalar(rate);
      const { loss } = this.#step({ images, labels, learningRate });
      tf.dispose([images, labels as tf.TensorContainer, learningRate]);
      const [value] = await loss.data();
      loss.dispose();
      const step = this.step++;
      if (!Number.isFinite(value)) {
        throw new Error(
          `Cannot go on training the target as its loss is ${value} at step ${step}: lower target.train.schedule.peak`,
        );
      }
      const now = performance.now();
      yield {
        stage: "train-target",
        step,
        epoch: Math.floor(step / this.#stepsPerEpoch),
        learningRate: rate,
        seconds: (now - begun) / 1000,
        losses: { task: value },
      };
      begun = now;
      if (this.step >= this.totalSteps) return;
    }
  }

  get flops(): number | undefined {
    return this.#step.statistics()?.flops;
  }

  async export(): Promise<Map<string, HostTensor>> {
    return prefixed({
      target: await this.#target.parameters.export(),
      optimizer: await this.#optimizer.export(),
    });
  }

  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    this.#target.parameters.import(unprefixed(tensors, "target"), origin);
    this.#optimizer.import(unprefixed(tensors, "optimizer"), origin);
  }

  [Symbol.dispose](): void {
    this.#step[Symbol.dispose]();
    this.#optimizer[Symbol.dispose]();
  }
}
