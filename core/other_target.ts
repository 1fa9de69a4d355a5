/**
 * Target models besides O: another O', a substitute, an O that G was not trained for.
 *
 * @module
 */
import type { OtherTarget, Preset, TargetTraining } from "./preset.ts";

/**
 * A preset whose O is another target model, which inherits what it leaves out: what the other one's task, network and training are made from.
 * Weights to start from and adversarial training are O's own: they are not inherited.
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
  const { normalization: own, adapter: ownAdapter, train, ...target } = preset.target;
  const { from: _from, adversarial: _adversarial, ...inherited } = train;
  const { architecture = target.architecture, size = target.size, weights } = other;
  const isSame = other.architecture === undefined;
  const normalization = other.normalization ?? (isSame ? own : undefined);
  const adapter = other.adapter ?? (isSame ? ownAdapter : undefined);
  return {
    ...preset,
    target: {
      architecture,
      ...(adapter && { adapter }),
      size,
      weights,
      ...(normalization && { normalization }),
      train: { ...inherited, ...other.train },
    },
  };
}

/**
 * A preset whose other targets and substitutes inherit nothing from O, so that O can be exchanged.
 *
 * @param preset The preset
 * @returns With architecture and size of each, its adapter, and its normalisation if it is not the architecture's own
 *
 * @example Usage
 * ```ts
 * import { withOwnTargets } from "@realign/core";
 * import { toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const evaluation = { ...toyPreset.evaluation, substitutes: { other: { weights: "w" } } };
 * const { substitutes } = withOwnTargets({ ...toyPreset, evaluation }).evaluation;
 * assert.equal(substitutes?.other.architecture, toyPreset.target.architecture);
 * ```
 */
export function withOwnTargets(preset: Preset): Preset {
  const evaluation = mapTargets(preset.evaluation, (other) => {
    const { architecture, adapter, size, normalization } = presetOn(preset, other).target;
    return {
      ...other,
      architecture,
      ...(adapter && { adapter }),
      size,
      ...(normalization && { normalization }),
    };
  });
  return { ...preset, evaluation };
}

/**
 * An evaluation whose other targets and substitutes are changed.
 *
 * @param evaluation A preset's
 * @param change From the settings of one to others
 * @returns The evaluation with the changes
 *
 * @example Usage
 * ```ts
 * import { mapTargets } from "@realign/core";
 * import { toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const evaluation = { ...toyPreset.evaluation, substitutes: { other: { weights: "folder/w" } } };
 * const changed = mapTargets(evaluation, (other) => ({ ...other, weights: "w" }));
 * assert.deepEqual(changed.substitutes, { other: { weights: "w" } });
 * ```
 */
export function mapTargets(
  evaluation: Preset["evaluation"],
  change: <T extends OtherTarget>(other: T) => T,
): Preset["evaluation"] {
  const { systems, substitutes } = evaluation;
  return {
    ...evaluation,
    systems: mapped(systems, ({ target, ...system }) => ({
      ...system,
      ...(target && { target: change(target) }),
    })),
    ...(substitutes && { substitutes: mapped(substitutes, change) }),
  };
}

function mapped<T>(table: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, change(value)]));
}
