/**
 * Training of O as a method: L_o on clean images, or adversarial training, which changes what a step computes.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { TargetTraining } from "../preset.ts";
import type * as tf from "../tf.ts";
import { attackedPlan } from "./attacked_target.ts";
import { headRates } from "./head_rates.ts";
import { type Method, type Rates, variablesOf } from "./method.ts";
import { Optimizer } from "./optimizer.ts";
import { replayedPlan } from "./replayed_target.ts";
import { learningRateAt } from "./schedule.ts";
import { plainPlan, type TargetBatch, type TargetParts, type TargetPlan } from "./target_plan.ts";

/** Inputs of a training of O. */
export interface TargetMethodParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends TargetParts<O, L> {
  /** Names checkpoints and records. @default {"train-target"} */
  readonly stage?: string;
  /** Where a preset has the settings, for errors. @default {"target.train"} */
  readonly path?: string;
  /** Of the run: random starts of attacks. @default {0} */
  readonly seed?: number;
  /** Of the training, whose share a ramp is. @default {0} */
  readonly totalSteps?: number;
  /** `[B, H, W, 3]` of a batch of images, which replays need. */
  readonly shape?: Images["shape"];
  /** Whether O starts from trained weights. @default {false} */
  readonly finetuned?: boolean;
  /** Ends attacks within a step. */
  readonly signal?: AbortSignal;
}

/** The settings that say what a step does. */
export type TargetMethodSettings = Pick<
  TargetTraining,
  "schedule" | "optimizer" | "adversarial" | "headRate"
>;

/**
 * Creates the method that trains O.
 *
 * @param parts O, whose weights are trained, and its task
 * @param settings Schedule, optimizer, the rate of heads, adversarial training
 * @returns The method; dispose it or its trainer
 * @throws {RangeError} If adversarial training has neither an attack nor replays, or heads that O does not tell have a
 * rate of their own
 */
export function createTargetMethod<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: TargetMethodParts<O, L>,
  settings: TargetMethodSettings,
): Method<L, TargetBatch<L>, Rates> {
  const { target: { parameters }, stage = "train-target", path = "target.train", precision } =
    parts;
  const { schedule } = settings;
  const factorOf = headRates(parts.target, settings.headRate, path);
  const plan = planOf(parts, settings);
  const optimizer = new Optimizer(
    plan.trainable,
    settings.optimizer,
    plan.trainable.map(factorOf),
  );
  const state = { target: parameters, optimizer, ...plan.state };
  const step = record(({ learningRate, ...batch }: TargetBatch<L> & Rates) => {
    const { terms, gradients } = plan.compute(batch as unknown as TargetBatch<L>);
    optimizer.apply(gradients, learningRate);
    return terms;
  }, { name: "target step", variables: variablesOf(state), precision });
  return {
    stage,
    state,
    advice: `lower ${path}.schedule.peak`,
    rates: (step, totalSteps) => ({ learningRate: learningRateAt(schedule, step, totalSteps) }),
    prepare: (batch, step) => plan.prepare(batch, step),
    step,
    weights: () => parameters.export(),
    [Symbol.dispose]() {
      step[Symbol.dispose]();
      optimizer[Symbol.dispose]();
      plan[Symbol.dispose]();
    },
  };
}

/** What a step computes, by the settings. */
function planOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { seed = 0, shape, ...parts }: TargetMethodParts<O, L>,
  { adversarial }: TargetMethodSettings,
): TargetPlan<L> {
  if (!adversarial) return plainPlan(parts);
  const { attack, epsilon } = adversarial;
  if (attack) return attackedPlan({ ...parts, seed }, adversarial, attack);
  if (shape && epsilon !== undefined) return replayedPlan(parts, epsilon, shape);
  throw new RangeError(
    "Cannot train O adversarially as target.train.adversarial must have an attack, or replays and an epsilon for batches of a known shape",
  );
}
