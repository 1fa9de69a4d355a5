/**
 * Files that the systems of an evaluation name.
 *
 * @module
 */
import type { Preset } from "@realign/core";

/** The systems of an evaluation with changed paths of their targets' files. */
export function withWeights(
  { evaluation: { systems } }: Pick<Preset, "evaluation">,
  rename: (file: string) => string,
): Preset["evaluation"]["systems"] {
  return Object.fromEntries(
    Object.entries(systems).map(([name, { target, ...system }]) => [name, {
      ...system,
      ...(target && { target: { ...target, weights: rename(target.weights) } }),
    }]),
  );
}
