/**
 * How many draws the gradient of a random victim needs, measured.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { meanAnswer } from "./mean_answer.ts";
import { expectationVictim } from "./system_victims.ts";
import type { Ascent, Asked, Query, Victim } from "./victim.ts";

/** Draws to begin with, as in AutoAttack. */
const FEWEST = 20;
/** Draws are not doubled beyond this. */
const MOST = 80;
/** Means that agree so well point in one direction. */
const AGREEMENT = 0.9;
/** Images of a batch that are compared. */
const COMPARED = 32;

/** How well the mean gradient of a random victim was known. */
export interface Convergence {
  /** Draws of one gradient. */
  readonly draws: number;
  /** Mean cosine of two independent means of that many draws; undefined where all gradients were 0. */
  readonly cosine?: number;
}

/** A random victim whose gradients are means, and what was measured of them. */
export interface ConvergingVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends Victim<O, L> {
  /** Undefined before the first gradient. */
  convergence(): Convergence | undefined;
}

/**
 * Expectation over transformations with as many draws as it takes: at the first gradient that an attack asks
 * for, two independent means of 20 draws are compared, and draws are doubled up to 80 until the mean cosine of up to
 * 32 images is at least 0.9. All gradients then have that many draws.
 *
 * @param victim The random victim, exact or BPDA
 * @param draws Fixes their number, so that agreement is only measured
 * @returns The victim, as {@linkcode expectationVictim} makes it with the number that was found
 * @throws {RangeError} If the victim has no gradient, or `draws` is not an integer above 0
 *
 * @example Usage
 * ```ts
 * import { convergingVictim, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const noisy = createVictim({
 *   name: "noisy sum",
 *   draw: (shape, random) => ({ noise: tf.tensor(random.normals(3, 1), shape) }),
 *   forward: (images, { noise }) =>
 *     tf.sum(tf.mul(images, tf.add(noise as tf.Tensor, 1)), [1, 2, 3]) as tf.Tensor1D,
 *   objectives: {},
 * });
 * const victim = convergingVictim(noisy);
 * using ascend = victim.ascend!((output, _: []) => ({ gains: [output], read: [] }), "sum");
 * await ascend(tf.ones([1, 1, 1, 3]), [], createRandom(1));
 * const { draws, cosine } = victim.convergence()!;
 * assert.ok(draws >= 20 && cosine! > 0.5);
 * ```
 */
export function convergingVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  draws?: number,
): ConvergingVictim<O, L> {
  // For what it refuses.
  expectationVictim(victim, draws ?? FEWEST);
  const ascend = victim.ascend!.bind(victim);
  let found: Convergence | undefined;
  return {
    ...victim,
    averaged: true,
    convergence: () => found,
    ascend<G extends tf.TensorContainer, R extends tf.TensorContainer>(
      ask: (output: O, given: G) => Asked<R>,
      name: string,
    ): Query<G, Ascent<R>> {
      const once = ascend(ask, name);
      const query = async (images: Images, given: G, random: Random): Promise<Ascent<R>> => {
        found ??= await measure(once, images, given, random.fork("convergence"), draws);
        return await meanAnswer(once, images, given, random, found);
      };
      return Object.assign(query, { [Symbol.dispose]: () => once[Symbol.dispose]() });
    },
  };
}

/** Doubles draws until two means agree, unless their number is fixed. */
async function measure<G extends tf.TensorContainer, R extends tf.TensorContainer>(
  once: Query<G, Ascent<R>>,
  images: Images,
  given: G,
  random: Random,
  fixed: number | undefined,
): Promise<Convergence> {
  for (let draws = fixed ?? FEWEST;; draws *= 2) {
    using held = new HeldTensors();
    const one = held.keep(await meanAnswer(once, images, given, random, { draws }));
    const other = held.keep(await meanAnswer(once, images, given, random, { draws, first: draws }));
    const cosine = await cosineOf(one.gradients, other.gradients);
    const agrees = cosine === undefined || cosine >= AGREEMENT;
    if (fixed !== undefined || agrees || 2 * draws > MOST) {
      return { draws, ...(cosine !== undefined && { cosine }) };
    }
  }
}

/** The mean cosine of images' gradients; those that are 0 have none. */
async function cosineOf(
  ones: readonly Images[],
  others: readonly Images[],
): Promise<number | undefined> {
  using held = new HeldTensors();
  const cosines = held.keep(tf.tidy(() =>
    tf.concat(ones.map((one, index) => {
      const count = Math.min(COMPARED, one.shape[0]);
      const [a, b] = [one, others[index]].map((gradient) =>
        tf.reshape(tf.slice(gradient, 0, count), [count, -1])
      );
      const lengths = tf.mul(tf.norm(a, 2, 1), tf.norm(b, 2, 1));
      return tf.div(tf.sum(tf.mul(a, b), 1), lengths);
    }))
  ));
  const values = [...await cosines.data()].filter(Number.isFinite);
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
