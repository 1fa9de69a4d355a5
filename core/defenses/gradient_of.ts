/**
 * How an attacker differentiates through a defense.
 *
 * @module
 */
import type { Defense, DefenseGradient } from "./defense.ts";

/**
 * "exact"; "bpda", by the stand-in that the defense gives; or "bpda-identity", where a part gives none and the
 * identity was taken for it.
 */
export type GradientKind = "exact" | "bpda" | "bpda-identity";

/** The identity, for what has no gradient: a defense's output is near its input (Athalye et al. 2018). */
const assumedIdentity: DefenseGradient = {
  exact: false,
  assumed: true,
  apply: (images) => images,
};

/**
 * The gradient of a defense: its own, or else the identity's.
 *
 * @param defense Any defense
 * @returns What an attack differentiates
 *
 * @example Usage
 * ```ts
 * import { gradientOf } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * assert.equal(gradientOf({}).exact, false);
 * ```
 */
export function gradientOf({ gradient }: Pick<Defense, "gradient">): DefenseGradient {
  return gradient ?? assumedIdentity;
}

/**
 * What kind of gradient an attack through a defense has.
 *
 * @param defense Any defense
 * @returns "exact", "bpda" or "bpda-identity"
 *
 * @example Usage
 * ```ts
 * import { gradientKind, identityDefense } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * assert.equal(gradientKind(identityDefense), "exact");
 * assert.equal(gradientKind({}), "bpda-identity");
 * ```
 */
export function gradientKind(defense: Pick<Defense, "gradient">): GradientKind {
  const { exact, assumed } = gradientOf(defense);
  if (exact) return "exact";
  return assumed ? "bpda-identity" : "bpda";
}

/**
 * Whether two passes of a defense over the same images may differ.
 *
 * @param defense Any defense
 *
 * @example Usage
 * ```ts
 * import { identityDefense, isRandom, randomResizePadDefense } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * using shaken = randomResizePadDefense({ smallest: 0.9, perImage: true });
 * assert.deepEqual([identityDefense, shaken].map(isRandom), [false, true]);
 * ```
 */
export function isRandom({ random, gradient }: Pick<Defense, "random" | "gradient">): boolean {
  return random ?? gradient?.draw !== undefined;
}
