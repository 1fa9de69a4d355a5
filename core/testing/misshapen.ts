/**
 * Victims on which attacks fail half way.
 *
 * @module
 */
import type { Victim } from "../attacks/victim.ts";
import * as tf from "../tf.ts";

/**
 * A victim whose gradients are twice as high as its images, so that the step that takes them fails; and that
 * fails to answer every third query without a gradient, for attacks that need none.
 */
export function misshapen<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
): Victim<O, L> {
  let answered = 0;
  return {
    ...victim,
    forward(read, name) {
      const query = victim.forward(read, name);
      const asked = async (...given: Parameters<typeof query>) => {
        if (++answered % 3 === 0) throw new Error(`Cannot answer "${name}"`);
        return await query(...given);
      };
      return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    },
    ascend(ask, name) {
      const query = victim.ascend!(ask, name);
      const asked = async (...given: Parameters<typeof query>) => {
        const { gradients, ...rest } = await query(...given);
        const higher = gradients.map((one) => tf.tidy(() => tf.concat([one, one], 1)));
        tf.dispose(gradients);
        return { ...rest, gradients: higher };
      };
      return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    },
  };
}
