/**
 * Target models besides O: another O', a substitute, an O that G was not trained for.
 *
 * @module
 */
import type { OtherTarget, Preset, TargetTraining } from "./preset.ts";

/**
 * A preset whose O is another target model: what the other one's task, network and training are made from.
 *
 * @param preset The preset of O
 * @param other What differs from O
 * @returns The preset with the other target model
 *
 * @example Usage
 * ```ts
 * import { presetOn } from "@realign/core";
 * import { toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const { target } = presetOn(toyPreset, { size: [4, 4], weights: "", train: { epochs: 9 } });
 * assert.deepEqual([target.size, target.train.epochs], [[4, 4], 9]);
 * assert.equal(target.architecture, toyPreset.target.architecture);
 * ```
 */
export function presetOn(
  preset: Preset,
  other: OtherTarget & { readonly train?: Partial<TargetTraining> },
): Preset {
  const { normalization: own, train, ...target } = preset.target;
  const { architecture = target.architecture, size = target.size, weights } = other;
  const inherited = architecture === target.architecture ? own : undefined;
  const normalization = other.normalization ?? inherited;
  return {
    ...preset,
    target: {
      architecture,
      size,
      weights,
      ...(normalization && { normalization }),
      train: { ...train, ...other.train },
    },
  };
}
