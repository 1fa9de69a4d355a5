/**
 * The mean of a random victim's gradients.
 *
 * @module
 */
import { copied, tensorsIn } from "../backend/containers.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Ascent, Query } from "./victim.ts";

/**
 * Asks a random victim several times and averages gains, gradients and the numbers that are read.
 *
 * @param once Asks once, with noise from the stream it is given
 * @param images Where the gradient is taken
 * @param given What the query depends on besides
 * @param random Draw i has the stream `random.fork("draw", i)`
 * @param draws How many draws, and the first one's number, 0 by default
 * @returns The means; what is read and is no float32 is that of the first draw
 */
export async function meanAscent<G extends tf.TensorContainer, R extends tf.TensorContainer>(
  once: Query<G, Ascent<R>>,
  images: Images,
  given: G,
  random: Random,
  { draws, first = 0 }: { readonly draws: number; readonly first?: number },
): Promise<Ascent<R>> {
  let sum: Ascent<R> | undefined;
  try {
    for (let draw = first; draw < first + draws; draw++) {
      const next = await once(images, given, random.fork("draw", draw));
      sum = sum ? added(sum, next) : next;
    }
  } catch (error) {
    tf.dispose(sum ?? []);
    throw error;
  }
  const { gains, gradients, read } = sum!;
  const means = tf.tidy(() => ({
    gains: gains.map((gain) => tf.div<tf.Tensor1D>(gain, draws)),
    gradients: gradients.map((gradient) => tf.div<Images>(gradient, draws)),
    read: copied(read, (one) => isNumber(one) ? tf.div(one, draws) : tf.clone(one)),
  }));
  tf.dispose([...gains, ...gradients, read]);
  return means;
}

/** Whether a mean of it has a meaning. */
const isNumber = ({ dtype }: tf.Tensor): boolean => dtype === "float32";

/** The sum of two draws, which are disposed; what is read and is no number stays that of the first. */
function added<R extends tf.TensorContainer>(sum: Ascent<R>, next: Ascent<R>): Ascent<R> {
  const total = tf.tidy(() => ({
    gains: sum.gains.map((gain, index) => tf.add<tf.Tensor1D>(gain, next.gains[index])),
    gradients: sum.gradients.map((one, index) => tf.add<Images>(one, next.gradients[index])),
    read: addedRead(sum.read, next.read),
  }));
  tf.dispose([sum, next]);
  return total;
}

function addedRead<R extends tf.TensorContainer>(sum: R, next: R): R {
  const others = tensorsIn(next).values();
  return copied(sum, (one) => {
    const other = others.next().value!;
    return isNumber(one) ? tf.add(one, other) : tf.clone(one);
  });
}
