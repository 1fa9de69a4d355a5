/**
 * What a random victim answers by and large: one answer is luck.
 *
 * @module
 */
import * as tf from "../tf.ts";
import type { Query, Victim } from "./victim.ts";

/** Draws by which attacks judge images on a random victim. Evaluations measure by as many passes. */
export const JUDGED_DRAWS = 10;
/** An image fools a random victim if it does so in more than this share of draws. */
export const MAJORITY = 0.5;

/**
 * A query whose answer on a random victim is the mean over {@linkcode JUDGED_DRAWS} draws, each from a stream of its own.
 * Other victims are asked once, by the stream that is given.
 *
 * @param victim The victim
 * @param read From output and given tensors to numbers by name; pure
 * @param name Names the recorded step in errors
 * @returns The query
 */
export function meanForward<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  G extends tf.TensorContainer,
  R extends Readonly<Record<string, tf.Tensor>>,
>(
  victim: Victim<O, L>,
  read: (output: O, given: G) => R,
  name: string,
): Query<G, R> {
  const once = victim.forward<G, R>(read, name);
  if (!victim.random) return once;
  const query = async (...[images, given, random]: Parameters<typeof once>): Promise<R> => {
    let sum: R | undefined;
    try {
      for (let draw = 0; draw < JUDGED_DRAWS; draw++) {
        const next = await once(images, given, random.fork("draw", draw));
        const before: R | undefined = sum;
        sum = before ? combined(before, (one, name) => tf.add(one, next[name])) : next;
        if (before) tf.dispose([before, next]);
      }
      return combined(sum!, (one) => tf.div(one, JUDGED_DRAWS));
    } finally {
      tf.dispose(sum ?? []);
    }
  };
  return Object.assign(query, { [Symbol.dispose]: () => once[Symbol.dispose]() });
}

/** New tensors of each by name. */
function combined<R extends Readonly<Record<string, tf.Tensor>>>(
  tensors: R,
  combine: (tensor: tf.Tensor, name: string) => tf.Tensor,
): R {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, combine(tensor, name)]),
    ) as R
  );
}

/** How strong the strongest images of each example are so far. */
export class Strengths {
  readonly #success: number[];
  readonly #gain: number[];

  /** @param count Number of examples; none has images yet */
  constructor(count: number) {
    this.#success = Array(count).fill(0);
    this.#gain = Array(count).fill(-Infinity);
  }

  /**
   * Takes in how strong other images of an example are.
   *
   * @param row The example
   * @param success Share of draws in which they fool the victim
   * @param gain Decides where shares are equal
   * @returns Whether they are stronger than all before
   */
  take(row: number, success: number, gain: number): boolean {
    const before = this.#success[row];
    const stronger = success > before || (success === before && gain > this.#gain[row]);
    if (stronger) [this.#success[row], this.#gain[row]] = [success, gain];
    return stronger;
  }
}
