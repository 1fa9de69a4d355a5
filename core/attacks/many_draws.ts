/**
 * What a random victim answers by and large: one answer is luck.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import * as tf from "../tf.ts";
import { meanAnswer } from "./mean_answer.ts";
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
 * @param read From output and given tensors to the answer, of which float32 is averaged; pure
 * @param name Names the recorded step in errors
 * @returns The query
 */
export function meanForward<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  G extends tf.TensorContainer,
  R extends tf.TensorContainer,
>(
  victim: Victim<O, L>,
  read: (output: O, given: G) => R,
  name: string,
): Query<G, R> {
  const once = victim.forward(read, name);
  if (!victim.random) return once;
  const query = (...[images, given, random]: Parameters<typeof once>) =>
    meanAnswer(once, images, given, random, { draws: JUDGED_DRAWS });
  return Object.assign(query, { [Symbol.dispose]: () => once[Symbol.dispose]() });
}

/**
 * {@linkcode meanForward} with what follows from the answer, which is part of the same recorded step where a victim is
 * asked once.
 *
 * @param victim The victim
 * @param read From output and given tensors to the answer, of which float32 is averaged; pure
 * @param name Names the recorded step in errors
 * @param conclude From the mean answer and the given tensors to what is wanted, in tensors of its own; pure
 * @returns The query
 */
export function concludingForward<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  G extends tf.TensorContainer,
  R extends tf.TensorContainer,
  T extends tf.TensorContainer,
>(
  victim: Victim<O, L>,
  read: (output: O, given: G) => R,
  name: string,
  conclude: (answer: R, given: G) => T,
): Query<G, T> {
  if (!victim.random) {
    return victim.forward((output: O, given: G) => conclude(read(output, given), given), name);
  }
  const mean = meanForward(victim, read, name);
  const end = record(({ answer, given }: { answer: R; given: G }) => conclude(answer, given), {
    name: `${name} by draws`,
  });
  const query = async (...[images, given, random]: Parameters<typeof mean>): Promise<T> => {
    const answer = await mean(images, given, random);
    try {
      return end({ answer, given });
    } finally {
      tf.dispose(answer);
    }
  };
  return Object.assign(query, {
    [Symbol.dispose]() {
      mean[Symbol.dispose]();
      end[Symbol.dispose]();
    },
  });
}

/** How strong the strongest images of each example are so far. */
export class Strengths {
  readonly #success: number[];
  readonly #gain: number[];

  /** @param count Number of examples; none has images yet, so that all first ones are taken */
  constructor(count: number) {
    this.#success = Array(count).fill(-1);
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
