/**
 * Victims on which attacks fail half way.
 *
 * @module
 */
import type { Ascent, Query, Victim } from "../attacks/victim.ts";
import * as tf from "../tf.ts";

/** Answers that an attack without gradients is given before its next question fails. */
const ANSWERS = 2;

/**
 * A victim whose gradients are twice as high as its images, and twice as long as the vectors of its manifold, so that
 * the step that takes them fails. An attack that never asks for gradients fails at its third question. For one attack.
 */
export function misshapen<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
): Victim<O, L> {
  let climbing = false;
  let answers = 0;
  return {
    ...victim,
    forward(read, name) {
      const query = victim.forward(read, name);
      const asked = (...given: Parameters<typeof query>) => {
        if (!climbing && answers++ >= ANSWERS) throw new Error("Cannot answer");
        return query(...given);
      };
      return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    },
    ascend(ask, name) {
      climbing = true;
      return doubled(victim.ascend!(ask, name), 1);
    },
    ...victim.manifold && {
      manifold: {
        ...victim.manifold,
        ascend: (ask, name) => doubled(victim.manifold!.ascend(ask, name), 3),
      },
    },
  };
}

/** The query with gradients of twice their length along an axis. */
function doubled<G extends tf.TensorContainer, R extends tf.TensorContainer>(
  query: Query<G, Ascent<R>>,
  axis: number,
): Query<G, Ascent<R>> {
  const asked = async (...given: Parameters<typeof query>) => {
    const { gradients, ...rest } = await query(...given);
    const higher = gradients.map((one) => tf.tidy(() => tf.concat([one, one], axis)));
    tf.dispose(gradients);
    return { ...rest, gradients: higher };
  };
  return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
}
