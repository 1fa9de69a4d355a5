/**
 * How often an attack asks a network, from its settings: what its time follows from.
 *
 * @module
 */
import type { AttackSettings, MemberSettings } from "../preset.ts";

/** Passes over one batch. */
export interface AttackCost {
  /** Forward and backward. */
  readonly gradients: number;
  /** Forward alone. */
  readonly forwards: number;
}

/** Iterations, targets and questions of AutoAttack's members, by its version. */
const AUTOATTACK: Readonly<Record<string, AttackCost>> = {
  standard: { gradients: 100 + 2 * 9 * 100, forwards: 5000 },
  plus: { gradients: 2 * 5 * 100 + 5 * 9 * 100 + 2 * 9 * 100, forwards: 5000 },
  rand: { gradients: 2 * 100 * 20, forwards: 0 },
};

/**
 * The passes that an attack makes over a batch, at most: those that stop where no image is left make fewer.
 *
 * @param settings Of the attack, with defaults filled in
 * @returns Products of its steps, restarts, draws, candidates; its queries; sums over its members
 *
 * @example Usage
 * ```ts
 * import { attackCost } from "./attack_cost.ts";
 * import assert from "node:assert/strict";
 *
 * const pgd = { name: "pgd", epsilon: 0.1, steps: 20, restarts: 5 };
 * assert.deepEqual(attackCost(pgd), { gradients: 100, forwards: 0 });
 * const square = { name: "square", epsilon: 0.1, queries: 5000 };
 * assert.deepEqual(attackCost(square), { gradients: 0, forwards: 5000 });
 * ```
 */
export function attackCost(settings: AttackSettings | MemberSettings): AttackCost {
  if (settings.name === "autoattack") {
    return AUTOATTACK[String(settings.version)] ?? AUTOATTACK.standard;
  }
  const restarts = numberIn(settings, "restarts");
  if (settings.queries !== undefined) {
    return { gradients: 0, forwards: numberIn(settings, "queries") * restarts };
  }
  const members = settings.members as readonly MemberSettings[] | undefined;
  if (members) {
    const all = members.map(attackCost);
    return {
      gradients: all.reduce((sum, { gradients }) => sum + gradients, 0) * restarts,
      forwards: all.reduce((sum, { forwards }) => sum + forwards, 0) * restarts,
    };
  }
  const steps = ["steps", "draws", "candidates", "binarySearchSteps"]
    .reduce((product, name) => product * numberIn(settings, name), restarts);
  // What draws without steps only looks at its draws.
  return settings.steps === undefined && settings.draws !== undefined
    ? { gradients: 0, forwards: steps }
    : { gradients: steps, forwards: 0 };
}

function numberIn(settings: MemberSettings, name: string): number {
  const value = settings[name];
  return typeof value === "number" && value > 0 ? value : 1;
}
