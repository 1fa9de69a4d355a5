/**
 * One defense after the other.
 *
 * @module
 */
import type { Defense } from "./defense.ts";

/**
 * Applies defenses in order. The whole has an exact gradient if all of them have.
 *
 * @example Usage
 * ```ts
 * import { composeDefenses, identityDefense } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * assert.equal(composeDefenses([identityDefense, identityDefense]).name, "identity+identity");
 * ```
 */
export function composeDefenses(defenses: readonly Defense[]): Defense {
  const gradients = defenses.map(({ differentiable }) => differentiable);
  const exact = gradients.every((gradient) => gradient !== undefined);
  return {
    name: defenses.map(({ name }) => name).join("+"),
    random: defenses.some(({ random }) => random),
    ...(exact &&
      {
        differentiable: (images) =>
          gradients.reduce((restored, gradient) => gradient!(restored), images),
      }),
    async restore(images) {
      let restored = images;
      for (const defense of defenses) {
        const next = await defense.restore(restored);
        if (restored !== images) restored.dispose();
        restored = next;
      }
      return restored;
    },
  };
}
