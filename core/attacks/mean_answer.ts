/**
 * The mean of a random victim's answers.
 *
 * @module
 */
import { copied, tensorsIn } from "../backend/containers.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Query } from "./victim.ts";

/**
 * Asks a random victim several times and averages the numbers that it answers: gains, gradients, what is read.
 *
 * @param once Asks once, with noise from the stream it is given
 * @param images What it is asked about
 * @param given What the query depends on besides
 * @param random Draw i has the stream `random.fork("draw", i)`
 * @param draws How many draws, and the first one's number, 0 by default
 * @returns The means; what is no float32 is that of the first draw
 */
export async function meanAnswer<G extends tf.TensorContainer, R extends tf.TensorContainer>(
  once: Query<G, R>,
  images: Images,
  given: G,
  random: Random,
  { draws, first = 0 }: { readonly draws: number; readonly first?: number },
): Promise<R> {
  let sum: R | undefined;
  try {
    for (let draw = first; draw < first + draws; draw++) {
      const next = await once(images, given, random.fork("draw", draw));
      sum = sum === undefined ? next : added(sum, next);
    }
    return copied(sum!, (one) => isNumber(one) ? tf.div(one, draws) : tf.clone(one));
  } finally {
    tf.dispose(sum ?? []);
  }
}

/** Whether a mean of it has a meaning. */
const isNumber = ({ dtype }: tf.Tensor): boolean => dtype === "float32";

/** The sum of two draws, which are disposed; what is no number stays that of the first. */
function added<R extends tf.TensorContainer>(sum: R, next: R): R {
  const others = tensorsIn(next).values();
  const total = copied(sum, (one) => {
    const other = others.next().value!;
    return isNumber(one) ? tf.add(one, other) : tf.clone(one);
  });
  tf.dispose([sum, next]);
  return total;
}
