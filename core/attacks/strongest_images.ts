/**
 * The strongest of several tries at an example.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";
import type { Comparison } from "./judge.ts";
import { Strengths } from "./many_draws.ts";
import type { Given } from "./objective.ts";
import { RemainingExamples } from "./remaining.ts";

/** Rounding leaves less of the mean of as many ones. */
const EVERY_DRAW = 1 - 1e-6;

/** A batch that is tried several times; all but `progress` has the examples along its first axis. */
export interface TriedBatch<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  I extends tf.TensorContainer,
> {
  readonly clean: Images;
  /** What the comparison is given. */
  readonly given: Given<O, L>;
  /** What the tries need besides. */
  readonly inputs: I;
}

/** Which comparison decides, and whether examples keep their places, see `Victim.positional`. */
export interface Contest<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends Pick<Comparison<O, L>, "judge"> {
  readonly positional: boolean | undefined;
  /** Number of tries, at least 1. */
  readonly count: number;
  /** Whether an example is done once it fools the victim, a random one in every draw. Default: false */
  readonly untilFooled?: boolean;
}

/**
 * Selects, example by example, the strongest images of several tries: those that fool the victim, a random one in the
 * most draws, and of equal ones those with the highest gain.
 *
 * @param contest Compares the tries
 * @param batch Clean images and what belongs to them; borrowed
 * @param attempt Makes the images of a try, by its number, for a part of the batch; they are disposed here
 * @param random The comparison draws from forks of it
 * @returns The strongest images
 */
export async function strongestImages<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  I extends tf.TensorContainer,
>(
  { judge, positional, count, untilFooled = false }: Contest<O, L>,
  { clean, given: { progress, ...given }, inputs }: TriedBatch<O, L, I>,
  attempt: (index: number, part: TriedBatch<O, L, I>) => Promise<Images>,
  random: Random,
): Promise<Images> {
  const strengths = new Strengths(clean.shape[0]);
  using remaining = new RemainingExamples(clean, () => true, positional);
  for (let index = 0; index < count && remaining.rows.length > 0; index++) {
    await remaining.attack({ clean, given, inputs }, async (part, held, rows) => {
      const own = { ...part, given: { ...part.given, progress } };
      const images = held.keep(await attempt(index, own));
      const judged = held.keep(await judge(images, own.given, random.fork("judge", index)));
      const [success, gain] = [await judged.success.data(), await judged.gain.data()];
      return {
        images,
        isTaken: (place) => strengths.take(rows[place], success[place], gain[place]),
        isFallen: (place) => untilFooled && success[place] > EVERY_DRAW,
      };
    });
  }
  return remaining.images();
}
