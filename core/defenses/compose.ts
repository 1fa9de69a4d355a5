/**
 * One defense after the other.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";

/**
 * Applies defenses in order. The whole has an exact gradient if all of them have.
 *
 * @param defenses Borrowed; at least one
 * @returns The defense; nothing of it is to be disposed
 * @throws {RangeError} If there is no defense
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
  if (defenses.length === 0) throw new RangeError("Cannot compose defenses as there must be one");
  const gradients = defenses.map(({ gradient }) => gradient);
  const exact = gradients.every((gradient) => gradient?.exact);
  return {
    name: defenses.map(({ name }) => name).join("+"),
    variables: defenses.flatMap(({ variables }) => variables),
    ...(exact &&
      {
        gradient: {
          exact,
          apply: (images: Images) =>
            gradients.reduce((restored, gradient) => gradient!.apply(restored, {}), images),
        },
      }),
    async restore(images, random) {
      let restored = tf.clone(images);
      for (const defense of defenses) {
        try {
          const next = await defense.restore(restored, random);
          restored.dispose();
          restored = next;
        } catch (error) {
          restored.dispose();
          throw error;
        }
      }
      return restored;
    },
  };
}
