/**
 * The random search of the Square attack.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Perturber } from "./attack.ts";
import { selectExamples } from "./ball.ts";
import { decides } from "./decisions.ts";
import { createComparison, givenFor, type Iterate, verdict } from "./judge.ts";
import { concludingForward } from "./many_draws.ts";
import type { Gain, Given } from "./objective.ts";
import { rowsOf } from "./remaining.ts";
import { ShrinkingBatch } from "./shrinking_batch.ts";
import { shareOf, type Windows } from "./square_windows.ts";
import { strongestImages } from "./strongest_images.ts";
import type { Victim } from "./victim.ts";

/** Queries between two looks at which are fooled. */
const LOOK_EVERY = 20;

/** What the search needs to know. */
export interface SquareSettings {
  readonly name: string;
  readonly epsilon: number;
  readonly norm: "linf" | "l2";
  readonly queries: number;
  readonly initialShare: number;
  readonly rescaled: boolean;
  readonly restarts: number;
}

/**
 * Creates the search: a query changes a window, and is kept where it gains.
 *
 * @param settings Resolved settings
 * @param victim The victim; only its outputs are asked for
 * @param gain What is ascended
 * @param windows How candidates are made
 * @returns The attack
 */
export function createSquare<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  Bounds extends tf.TensorContainerObject,
>(
  settings: SquareSettings,
  victim: Victim<O, L>,
  gain: Gain<O, L>,
  windows: Windows<Bounds>,
): Perturber<L> {
  const { name, epsilon, queries, initialShare, restarts } = settings;
  const comparison = createComparison(name, victim, gain, false);
  // One lucky draw ends no search: of a random victim the mean gain decides.
  const ends = decides(victim) && !victim.random;

  const start = record(
    ({ clean, bounds, change }: { clean: Images; bounds: Bounds; change: tf.Tensor4D }) =>
      windows.start(clean, bounds, change),
    { name: `${name}: start` },
  );
  const propose = record(
    ({ best, bounds, drawn }: {
      best: Images;
      bounds: Bounds;
      drawn: tf.TensorContainerObject;
    }) => windows.propose(best, bounds, drawn),
    { name: `${name}: window` },
  );

  const judged = verdict(victim, gain, false);
  interface Asked extends tf.TensorContainerObject {
    readonly given: Given<O, L>;
    readonly images: Images;
    readonly best: Iterate;
  }
  /** The best images, with a candidate where it is better and the best has not succeeded yet. */
  const accept = concludingForward(
    victim,
    (output: O, { given }: Asked) => judged(output, given),
    `${name}: query`,
    ({ gain, success: fooled }, { images, best }): Iterate => {
      const success = ends ? fooled : tf.zerosLike(fooled);
      const better = tf.logicalAnd(
        tf.equal(best.success, 0),
        tf.logicalOr(tf.greater(success, 0), tf.greater(gain, best.gain)),
      ) as tf.Tensor1D;
      return {
        images: selectExamples(better, images, best.images),
        success: tf.where(better, success, best.success),
        gain: tf.where(better, gain, best.gain),
      };
    },
  );

  async function search(clean: Images, given: Given<O, L>, random: Random): Promise<Images> {
    using parts = new HeldTensors();
    const [whole] = clean.shape;
    let part = { clean, given, bounds: parts.keep(tf.tidy(() => windows.around(clean, epsilon))) };
    using batch = new ShrinkingBatch(clean, victim.positional);
    const before = await comparison.judge(clean, given, random.fork("clean"));
    // Whatever the start gains, it takes the place of the clean image.
    let best: Iterate = {
      images: tf.clone(clean),
      success: ends ? before.success : tf.zerosLike(before.success),
      gain: tf.fill([whole], -1e30) as tf.Tensor1D,
    };
    before.gain.dispose();
    if (!ends) before.success.dispose();

    const query = async (images: Images, stream: Random) => {
      const next = await accept(images, { given: part.given, images, best }, stream.fork("query"));
      tf.dispose(best);
      best = next;
    };
    /** Goes on with fewer examples, in a smaller batch. */
    const narrow = (places: tf.Tensor1D) => {
      part = parts.keep(tf.tidy(() => {
        const { given: { labels, reference, progress }, clean: images } = part;
        const { clean, ...own } = rowsOf({ clean: images, labels, reference }, places);
        const given = { ...own, progress: tf.clone(progress), drawn: undefined };
        return { clean, given, bounds: windows.around(clean, epsilon) };
      }));
      const before = best;
      best = tf.tidy(() => rowsOf(before, places));
      tf.dispose(before);
    };

    try {
      for (let index = -1; index < queries; index++) {
        // Before the first window there is the start.
        const isStart = index < 0;
        if (ends && (isStart || index % LOOK_EVERY === 0)) {
          const fooled = await best.success.data();
          const places = batch.shrink(best.images, (place) => fooled[place] > 0);
          if (places) parts.keep(places);
          if (batch.count === 0) break;
          if (places) narrow(places);
        }
        using held = new HeldTensors();
        const { clean, bounds } = part;
        const stream = isStart ? random.fork("start") : random.fork("window", index);
        const images = isStart
          ? start({ clean, bounds, change: held.keep(windows.drawStart(clean.shape, stream)) })
          : propose({
            best: best.images,
            bounds,
            drawn: held.keep(drawnFor(index, clean, stream)),
          });
        await query(held.keep(images), stream);
      }
      return batch.finish(best.images);
    } finally {
      tf.dispose(best);
    }
  }

  /** What a query draws. */
  function drawnFor(index: number, { shape }: Images, random: Random): tf.TensorContainerObject {
    const share = shareOf(index, initialShare, settings.rescaled ? queries : undefined);
    return windows.draw(shape, share, random);
  }

  return {
    norm: settings.norm,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const given = await givenFor(comparison, clean, labels, random, held);
      const whole = { clean, given, inputs: [] };
      const run = (restart: number, { clean, given }: typeof whole) =>
        search(clean, given, random.fork("restart", restart));
      if (restarts === 1) return await run(0, whole);
      const contest = { judge: comparison.judge, positional: victim.positional, count: restarts };
      return await strongestImages(contest, whole, run, random);
    },
    [Symbol.dispose]() {
      for (const part of [comparison, start, propose, accept]) part[Symbol.dispose]();
    },
  };
}
