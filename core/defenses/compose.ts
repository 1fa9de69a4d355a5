/**
 * Chains of defenses.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Defense, DefenseGradient } from "./defense.ts";
import { gradientOf, isRandom } from "./gradient_of.ts";

/**
 * Applies defenses in order. Part i draws its noise from the stream `random.fork(i)`.
 *
 * The chain's gradient is exact if all parts' are; for a part without one the identity is taken. The chain is
 * random if a part is.
 *
 * @param defenses Borrowed; at least one
 * @returns The defense; it owns nothing
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
  if (defenses.length === 0) {
    throw new RangeError("Cannot compose defenses as there must be at least one");
  }
  return {
    name: defenses.map(({ name }) => name).join("+"),
    variables: [...new Set(defenses.flatMap(({ variables }) => variables))],
    random: defenses.some(isRandom),
    ...(defenses.some(({ positional }) => positional) && { positional: true }),
    ...(defenses.some(({ changesSize }) => changesSize) && { changesSize: true }),
    gradient: chainRule(defenses.map(gradientOf)),
    async restore(images, random) {
      let restored = tf.clone(images);
      for (const [index, defense] of defenses.entries()) {
        try {
          const next = await defense.restore(restored, random.fork(index));
          const before = restored;
          restored = tf.tidy(() => keepNotNumbers(before, next));
          tf.dispose([before, next]);
        } catch (error) {
          restored.dispose();
          throw error;
        }
      }
      return restored;
    },
  };
}

/**
 * What a part made, as NaN where it was given one: a codec makes a number of it, and nothing would tell of a
 * G that does not work. Images of numbers stay as they are, bit for bit.
 */
function keepNotNumbers(given: Images, made: Images): Images {
  return tf.add(made, tf.sum(tf.mul(given, 0), [1, 2, 3], true));
}

/** The gradient of a chain of parts. */
function chainRule(gradients: readonly DefenseGradient[]): DefenseGradient {
  const draws = gradients.some(({ draw }) => draw !== undefined);
  const resizes = gradients.some(({ shapeOf }) => shapeOf !== undefined);
  /** The shapes that the parts are given, and at last the one that comes out. */
  const shapesFrom = (shape: Images["shape"]) =>
    gradients.reduce(
      (shapes, { shapeOf }) => [...shapes, shapeOf?.(shapes.at(-1)!) ?? shapes.at(-1)!],
      [shape],
    );
  const draw: DefenseGradient["draw"] = (shape, random) => {
    const shapes = shapesFrom(shape);
    return Object.fromEntries(
      gradients.map((part, index) => [index, part.draw?.(shapes[index], random.fork(index)) ?? {}]),
    );
  };
  return {
    exact: gradients.every(({ exact }) => exact),
    assumed: gradients.some(({ assumed }) => assumed),
    ...(draws && { draw }),
    ...(resizes && { shapeOf: (shape: Images["shape"]) => shapesFrom(shape).at(-1)! }),
    apply: (images: Images, noise) =>
      gradients.reduce(
        (restored, gradient, index) =>
          gradient.apply(restored, (noise[index] ?? {}) as tf.TensorContainerObject),
        images,
      ),
  };
}
