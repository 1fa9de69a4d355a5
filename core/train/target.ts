/**
 * Standard training of O as a method: clean images, L_o, no defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { TargetTraining } from "../preset.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import { gradientsOf } from "./gradients.ts";
import { type Method, type Rates, variablesOf } from "./method.ts";
import { Optimizer } from "./optimizer.ts";
import { learningRateAt } from "./schedule.ts";

/** Inputs of a step of O's training. */
export interface TargetBatch<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  images: Images;
  labels: L;
}

/**
 * Creates the method that trains O.
 *
 * @param parts O, whose weights are trained, and its task
 * @param settings Schedule and optimizer
 * @returns The method; dispose it or its trainer
 */
export function createTargetMethod<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { task, target, stage = "train-target", path = "target.train" }: {
    readonly task: TaskAdapter<O, L>;
    readonly target: TargetModel<O>;
    /** Names checkpoints and records. @default {"train-target"} */
    readonly stage?: string;
    /** Where a preset has the settings, for errors. @default {"target.train"} */
    readonly path?: string;
  },
  { schedule, optimizer: settings }: Pick<TargetTraining, "schedule" | "optimizer">,
): Method<L, TargetBatch<L>, Rates> {
  const { parameters, parameters: { trainable } } = target;
  const optimizer = new Optimizer(trainable, settings);
  const state = { target: parameters, optimizer };
  const step = record(({ images, labels, learningRate }: TargetBatch<L> & Rates) => {
    const { loss, gradients } = gradientsOf(trainable, () => ({
      loss: task.taskLoss(target.forward(images, "training"), labels),
    }));
    optimizer.apply(gradients, learningRate);
    return { task: loss };
  }, { name: "target step", variables: variablesOf(state) });
  return {
    stage,
    state,
    advice: `lower ${path}.schedule.peak`,
    rates: (step, totalSteps) => ({ learningRate: learningRateAt(schedule, step, totalSteps) }),
    prepare: ({ images, labels }) => Promise.resolve({ images, labels }),
    step,
    weights: () => parameters.export(),
    [Symbol.dispose]() {
      step[Symbol.dispose]();
      optimizer[Symbol.dispose]();
    },
  };
}
