/**
 * How often an attack asks a network, from its settings: what its time follows from.
 *
 * @module
 */
import { probesAt } from "../attacks/hop_skip_jump.ts";
import { JUDGED_DRAWS } from "../attacks/many_draws.ts";
import type { AttackSettings, MemberSettings } from "../preset.ts";

/** Passes over one batch. */
export interface AttackCost {
  /** Forward and backward. */
  readonly gradients: number;
  /** Forward alone. */
  readonly forwards: number;
}

/** Iterations, targets and questions of AutoAttack's members, by its version; "rand" for one draw. */
const AUTOATTACK: Readonly<Record<string, AttackCost>> = {
  standard: { gradients: 100 + 2 * 9 * 100, forwards: 5000 },
  plus: { gradients: 2 * 5 * 100 + 5 * 9 * 100 + 2 * 9 * 100, forwards: 5000 },
  rand: { gradients: 2 * 100, forwards: 0 },
};

/** What decides how often an attack asks a victim besides its settings. */
export interface AskedVictim {
  /** Whether answers differ from time to time: images are judged by many. */
  readonly random?: boolean;
  /** Whether its gradients are averages over draws already. */
  readonly averaged?: boolean;
}

/**
 * The passes that an attack makes over a batch, at most: those that stop where no image is left make fewer.
 *
 * @param settings Of the attack, with defaults filled in
 * @param victim Whether it is random. Default: it is not
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
export function attackCost(
  settings: AttackSettings | MemberSettings,
  victim: AskedVictim = {},
): AttackCost {
  const judged = victim.random ? JUDGED_DRAWS : 1;
  if (settings.name === "autoattack") {
    const { gradients, forwards } = AUTOATTACK[String(settings.version)] ?? AUTOATTACK.standard;
    const averages = settings.version === "rand" && !victim.averaged;
    return {
      gradients: gradients * (averages ? numberIn(settings, "draws") : 1),
      forwards: forwards * judged,
    };
  }
  const restarts = numberIn(settings, "restarts");
  if (settings.queries !== undefined) {
    return { gradients: 0, forwards: numberIn(settings, "queries") * restarts * judged };
  }
  if (settings.probes !== undefined) return { gradients: 0, forwards: probesIn(settings) };
  const members = settings.members as readonly MemberSettings[] | undefined;
  if (members) {
    const all = members.map((member) => attackCost(member, victim));
    return {
      gradients: all.reduce((sum, { gradients }) => sum + gradients, 0) * restarts,
      forwards: all.reduce((sum, { forwards }) => sum + forwards, 0) * restarts,
    };
  }
  const steps = ["steps", "draws", "candidates", "binarySearchSteps"]
    .reduce((product, name) => product * numberIn(settings, name), restarts);
  // What draws without steps only looks at its draws.
  return settings.steps === undefined && settings.draws !== undefined
    ? { gradients: 0, forwards: steps * judged }
    : { gradients: steps, forwards: 0 };
}

/** Of HopSkipJump. What else it asks is little. */
function probesIn(settings: MemberSettings): number {
  const [first, steps] = [numberIn(settings, "probes"), numberIn(settings, "steps")];
  return Array.from({ length: steps }, (_, step) => probesAt(step, first))
    .reduce((all, probes) => all + probes, 0);
}

function numberIn(settings: MemberSettings, name: string): number {
  const value = settings[name];
  return typeof value === "number" && value > 0 ? value : 1;
}
