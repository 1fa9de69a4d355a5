/**
 * A step that was made but has no record yet, as the review after it was ended: part of checkpoints, so that a resumed
 * training makes up the review and records the step.
 *
 * @module
 */
import type { HostTensor } from "../weights/parameters.ts";

/** What a record needs of a step besides its number. */
export interface UnrecordedStep {
  /** Of the step alone. */
  readonly seconds: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** Names in checkpoints. */
const [SECONDS, LOSS] = ["seconds", "losses/"];

/**
 * A step as tensors, a number each.
 *
 * @example Usage
 * ```ts
 * import { exportStep, importStep } from "./unrecorded_step.ts";
 * import assert from "node:assert/strict";
 *
 * const step = { seconds: 2, losses: { task: 0.5, total: 1.5 } };
 * assert.deepEqual(importStep(exportStep(step)), step);
 * assert.equal(importStep(new Map()), undefined);
 * ```
 */
export function exportStep({ seconds, losses }: UnrecordedStep): Map<string, HostTensor> {
  const numbers = Object.entries(losses).map(([name, value]) => [`${LOSS}${name}`, value] as const);
  // Losses were read in single precision, so they stay the same to the last bit.
  return new Map(
    [[SECONDS, seconds] as const, ...numbers].map((
      [name, value],
    ) => [name, { shape: [1], data: Float32Array.of(value) }]),
  );
}

/** The step that {@linkcode exportStep} gave; undefined if there is none, as in most checkpoints. */
export function importStep(tensors: ReadonlyMap<string, HostTensor>): UnrecordedStep | undefined {
  const seconds = tensors.get(SECONDS);
  if (!seconds) return undefined;
  const losses = [...tensors]
    .filter(([name]) => name.startsWith(LOSS))
    .map(([name, { data }]) => [name.slice(LOSS.length), data[0]]);
  return { seconds: seconds.data[0], losses: Object.fromEntries(losses) };
}
