/**
 * A random defense whose noise is the same in every pass.
 *
 * @module
 */
import type { Random } from "../random.ts";
import type { Defense, DefenseGradient } from "./defense.ts";
import { isRandom } from "./gradient_of.ts";

/**
 * Freezes the randomness of a defense: every pass draws from the same stream, and attacks know it. What is left of its
 * robustness then is that of the defense itself. Its version says that it is frozen, as it gives other images. Noise
 * is drawn for a whole batch, so that it belongs to places of the batch.
 *
 * @param defense Any defense; borrowed
 * @param stream Where all passes draw from
 * @returns The defense without randomness; disposing it disposes the given one
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { freezeDefense, isRandom, randomResizePadDefense } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * using shaken = randomResizePadDefense({ smallest: 0.9, perImage: true });
 * assert.equal(isRandom(freezeDefense(shaken, createRandom(1))), false);
 * ```
 */
export function freezeDefense(defense: Defense, stream: Random): Defense {
  const { gradient, manifold, version } = defense;
  // A fork of a stream begins anew each time.
  const frozen = () => stream.fork("frozen");
  const draw: DefenseGradient["draw"] = (shape) => gradient!.draw!(shape, frozen());
  return {
    ...defense,
    version: version === undefined ? "frozen" : `${version}, frozen`,
    random: false,
    ...((isRandom(defense) || defense.positional) && { positional: true }),
    restore: (images) => defense.restore(images, frozen()),
    ...(manifold && {
      manifold: {
        generate: (latents, size) => manifold.generate(latents, size),
        nearest: (images) => manifold.nearest(images, frozen()),
      },
    }),
    ...(gradient && {
      gradient: {
        ...gradient,
        apply: (images, noise) => gradient.apply(images, noise),
        ...(gradient.draw && { draw }),
      },
    }),
  };
}
