/**
 * The guard of a training: measures G after every epoch and keeps the best one's weights.
 *
 * Training against an attack can fail suddenly: G learns to withstand the few steps that it is trained on and no others
 * (catastrophic overfitting, Wong et al. 2020). Later it overfits the images (robust overfitting, Rice et al. 2020). Both
 * show on held-out images under an attack of more steps.
 *
 * @module
 */
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Dataset } from "../dataset.ts";
import { generatorDefense } from "../defenses/generator.ts";
import { evaluateColumn } from "../evaluate/evaluate.ts";
import { measuredExamples } from "../evaluate/measured_examples.ts";
import type { GuardSettings, Preset } from "../preset.ts";
import { createRestorer } from "../recipes/create.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import type * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";
import type { Review, Watch } from "./method.ts";

/** What a guard needs. */
export interface GuardParts<O extends tf.TensorContainer, L extends tf.TensorContainer, A> {
  readonly preset: Pick<Preset, "seed" | "generator" | "train" | "recipe" | "evaluation">;
  readonly task: TaskAdapter<O, L, A>;
  /** O. */
  readonly target: TargetModel<O>;
  /** Examples that are not trained on; measured in windows where an evaluation is. */
  readonly heldOut: Dataset<A>;
  /** G's weights of now, as evaluation would use them. */
  readonly weights: () => Promise<ReadonlyMap<string, HostTensor>>;
  /** Ends a review between batches and steps of the attack. */
  readonly signal?: AbortSignal;
}

/** The default of `drop`. */
const DROP = 0.1;

/** Names in checkpoints: the best value, its epoch, whether the training has ended; weights. */
const [FIGURES, BEST] = ["figures", "best/"];

/** A guard with the best epoch's weights so far. */
export interface Guard extends Watch {
  /** The best epoch's weights; undefined before the first review. */
  readonly best: ReadonlyMap<string, HostTensor> | undefined;
}

/**
 * Creates the guard of a training of G.
 *
 * @param settings Of the preset
 * @param parts Task, O, held-out examples, G's weights
 * @returns The guard; its state is that of the best epoch
 * @throws {RangeError} If the preset measures in windows that the task has not
 *
 * @example Usage
 * ```ts
 * import { createGenerator, createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset as preset } from "../testing/toy_task.ts";
 * import { createGuard } from "./guard.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * using generator = createGenerator(preset.generator, createRandom(1));
 * const weights = () => generator.parameters.export();
 * const settings = { examples: 6, attack: { name: "pgd", epsilon: 0.1, steps: 2 } };
 * const parts = { preset, task, target, heldOut: createToyDataset(6), weights };
 * const guard = createGuard(settings, parts);
 * const { clean, whitebox, best } = await guard.review(0);
 * assert.ok(clean >= whitebox && best === Math.fround(whitebox) && !guard.ended);
 * ```
 */
export function createGuard<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { attack: settings, drop = DROP }: GuardSettings,
  { preset, task, target, heldOut, weights, signal }: GuardParts<O, L, A>,
): Guard {
  const examples = measuredExamples(preset, task, heldOut);
  const batchSize = Math.min(preset.train.batchSize, examples.length);
  const batches = () => createEvaluationBatches(examples, task, { batchSize });
  let best: { weights: ReadonlyMap<string, HostTensor>; value: number; epoch: number } | undefined;
  let ended = false;

  async function measure(now: ReadonlyMap<string, HostTensor>) {
    using generator = createRestorer(preset);
    generator.parameters.import(now, "the generator in training");
    using defense = generatorDefense(generator);
    const systems = [{ name: "generator", title: "G in training", target, defense }];
    const parts = { preset, task, batches, signal };
    const clean = { threatModel: "none", attack: "clean", settings: null, systems };
    const attacked = { target, defense };
    const whitebox = { threatModel: "whitebox", attack: "guard", settings, attacked, systems };
    const [ofClean] = await evaluateColumn(parts, clean);
    const [ofAttack] = await evaluateColumn(parts, whitebox);
    return { clean: ofClean.metric.value, whitebox: ofAttack.metric.value };
  }

  return {
    variables: [],
    get ended() {
      return ended;
    },
    get best() {
      return best?.weights;
    },
    async review(epoch): Promise<Review> {
      const now = await weights();
      const { clean, whitebox } = await measure(now);
      // Checkpoints hold single precision: a resumed guard must compare with the same number.
      const value = Math.fround(whitebox);
      if (!best || value > best.value) best = { weights: now, value, epoch };
      ended = value < best.value - drop;
      return { clean, whitebox, best: best.value, bestEpoch: best.epoch };
    },
    export() {
      const tensors = new Map<string, HostTensor>();
      if (best) {
        const figures = Float32Array.of(best.value, best.epoch, Number(ended));
        tensors.set(FIGURES, { shape: [3], data: figures });
        for (const [name, tensor] of best.weights) tensors.set(`${BEST}${name}`, tensor);
      }
      return Promise.resolve(tensors);
    },
    import(tensors, origin) {
      const figures = tensors.get(FIGURES)?.data;
      if (figures && figures.length !== 3) {
        throw new TypeError(`Cannot load ${origin} as its guard has ${figures.length} figures`);
      }
      const found = [...tensors].filter(([name]) => name.startsWith(BEST));
      const weights = new Map(found.map(([name, one]) => [name.slice(BEST.length), one]));
      best = figures && { weights, value: figures[0], epoch: figures[1] };
      ended = figures?.[2] === 1;
    },
  };
}

/**
 * The guard that a preset asks for.
 *
 * @param parts Of the training that is guarded
 * @param weights What evaluation would use now
 * @returns The guard; undefined if the preset asks for none
 * @throws {RangeError} If it asks for one, and no examples were held out, or in windows that the task has not
 */
export function guardOf<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { preset, task, target, heldOut, signal }:
    & Omit<GuardParts<O, L, A>, "heldOut" | "weights">
    & Partial<Pick<GuardParts<O, L, A>, "heldOut">>,
  weights: GuardParts<O, L, A>["weights"],
): Guard | undefined {
  const { guard: settings } = preset.train;
  if (!settings) return undefined;
  if (heldOut) return createGuard(settings, { preset, task, target, heldOut, weights, signal });
  throw new RangeError("Cannot guard the training of G as no examples were held out");
}
