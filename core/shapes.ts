/**
 * Shape checks for public functions.
 *
 * @module
 */
import type { Tensor } from "./tf.ts";

/**
 * Fails unless tensors have the expected shapes.
 *
 * A letter stands for a size that must be the same wherever it occurs in one call; `null`
 * stands for any size.
 *
 * @param doing What fails if a shape is wrong, e.g. "compute the feature loss"
 * @param tensors The tensors by name
 * @param shapes The wanted shape of each of them
 * @returns The size that each letter stands for
 * @throws {TypeError} If a tensor has another rank or size
 *
 * @example Usage
 * ```ts
 * import { assertShapes } from "./shapes.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const images = tf.zeros([2, 8, 8, 3]);
 * assert.deepEqual(assertShapes("restore images", { images }, { images: ["B", "H", "W", 3] }), { B: 2, H: 8, W: 8 });
 * assert.throws(
 *   () => assertShapes("restore images", { images }, { images: ["B", 3] }),
 *   /Cannot restore images as `images` must be \[B, 3\]: current shape is \[2, 8, 8, 3\]/,
 * );
 * ```
 */
export function assertShapes<Names extends string>(
  doing: string,
  tensors: Readonly<Record<Names, Tensor>>,
  shapes: Readonly<Record<Names, readonly (string | number | null)[]>>,
): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const name of Object.keys(shapes) as Names[]) {
    const wanted = shapes[name];
    const current = tensors[name].shape;
    const fits = wanted.length === current.length && wanted.every((size, axis) => {
      if (size === null) return true;
      if (typeof size === "number") return size === current[axis];
      sizes[size] ??= current[axis];
      return sizes[size] === current[axis];
    });
    if (!fits) {
      const known = wanted.map((size) =>
        typeof size === "string" && sizes[size] !== undefined &&
          !hasOwnLetter(size, wanted, current, sizes)
          ? `${size} = ${sizes[size]}`
          : size ?? "any"
      );
      throw new TypeError(
        `Cannot ${doing} as \`${name}\` must be [${known.join(", ")}]: current shape is [${
          current.join(", ")
        }]`,
      );
    }
  }
  return sizes;
}

/** Whether a letter took its size from the very shape that is complained of. */
function hasOwnLetter(
  letter: string,
  wanted: readonly (string | number | null)[],
  current: readonly number[],
  sizes: Record<string, number>,
): boolean {
  const axis = wanted.indexOf(letter);
  return wanted.length !== current.length || sizes[letter] === current[axis];
}
