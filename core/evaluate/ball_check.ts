/**
 * Checks that images stay where an attack may move them.
 *
 * @module
 */
import type { Attack } from "../attacks/attack.ts";
import { isWithin, ROUNDING } from "../attacks/ball.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";

/** Largest |x^a - x^c| of any pixel that is a number. Throws if the attack left its ball or [0, 1]. */
export async function distance(
  clean: Images,
  images: Images,
  name: string,
  attack?: Pick<Attack<unknown>, "settings" | "norm">,
): Promise<number> {
  using held = new HeldTensors();
  const measures = held.keep(tf.tidy(() => {
    const isBroken = tf.isNaN(images);
    const change = tf.where(isBroken, 0, tf.sub(images, clean));
    const outside = tf.max(
      tf.relu(tf.sub(tf.abs(tf.sub(tf.where(isBroken, 0, images), 0.5)), 0.5 + ROUNDING)),
    );
    const lengths = tf.sqrt(tf.sum(tf.square(change), [1, 2, 3]));
    return tf.stack([tf.max(tf.abs(change)), outside, tf.max(lengths)]);
  }));
  const [change, outside, length] = await measures.data();
  if (outside > 0) throw new Error(`Cannot trust the attack ${name} as it left [0, 1]`);
  if (!attack) return change;
  const { settings: { epsilon }, norm } = attack;
  const [what, size] = norm === "l2" ? ["L2 norm", length] : ["change", change];
  if (!isWithin(size, epsilon)) {
    throw new Error(
      `Cannot trust the attack ${name} as it left its ball: epsilon is ${epsilon}, the largest ${what} is ${size}`,
    );
  }
  return change;
}
