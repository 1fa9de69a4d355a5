/**
 * The training that another one starts from: G against O alone, before G against who knows it.
 *
 * From random weights, training through G hardly leaves chance; from a G whose images O already reads, it does.
 *
 * @module
 */
import type { Preset } from "../preset.ts";
import type * as tf from "../tf.ts";
import type { GeneratorTrainingSource } from "./from_preset.ts";
import { holdOut } from "./held_out.ts";
import { countSteps } from "./training_source.ts";

/** Names the checkpoints and records of such a training. */
export const START_STAGE = "train-start";

/**
 * The preset of the training that a preset's own starts from.
 *
 * @param preset Its `train.start` and `train.adversary`
 * @returns The same attack on O alone, without ramp and guard; undefined if G starts from random weights
 *
 * @example Usage
 * ```ts
 * import { startingPreset } from "@realign/core";
 * import { toyPreset as preset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(startingPreset(preset), undefined);
 * const train = { ...preset.train, adversary: "system", attackCache: 0, ramp: 0.5, epochs: 4 } as const;
 * const first = startingPreset({ ...preset, train })!;
 * assert.deepEqual([first.train.adversary, first.train.ramp, first.train.epochs], ["target", undefined, 4]);
 * assert.equal(startingPreset({ ...preset, train: { ...train, start: { epochs: 0 } } }), undefined);
 * ```
 */
export function startingPreset(preset: Preset): Preset | undefined {
  const { adversary = "target", start, ramp: _ramp, guard: _guard, ...train } = preset.train;
  const epochs = start?.epochs ?? (adversary === "target" ? 0 : train.epochs);
  if (epochs === 0) return undefined;
  const losses = start?.losses ?? preset.losses;
  return { ...preset, losses, train: { ...train, adversary: "target", epochs } };
}

/**
 * The inputs of the training that a training starts from: on the same examples, and for no more steps.
 *
 * @param source Of the training itself
 * @returns Those of the one before; undefined if G starts from random weights, or from weights that are given
 */
export function startingSource<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(source: GeneratorTrainingSource<O, L, A>): GeneratorTrainingSource<O, L, A> | undefined {
  const preset = source.start ? undefined : startingPreset(source.preset);
  if (!preset) return undefined;
  const { seed, train: { guard } } = source.preset;
  const [dataset] = holdOut(source.dataset, guard?.examples ?? 0, seed);
  const { totalSteps } = countSteps(dataset, preset.train.batchSize, preset.train.epochs);
  const steps = source.steps === undefined ? undefined : Math.min(source.steps, totalSteps);
  return { ...source, preset, dataset, steps, stage: START_STAGE };
}
