/**
 * The search of FAB, for one or several other classes at a time.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Perturber } from "./attack.ts";
import { norms, selectExamples } from "./ball.ts";
import {
  type DecidingVictim,
  isMost,
  requireClasses,
  requireGradient,
  shareWrong,
} from "./decisions.ts";
import { concludingForward } from "./many_draws.ts";
import { toHyperplane } from "./hyperplane.ts";
import { RemainingExamples } from "./remaining.ts";

/** The clean image's greatest share in a step. */
const CLEAN_SHARE = 0.1;
/** How far beyond the boundary a step goes. */
const OVERSHOOT = 1.05;
/** The share of its distance that a misclassified iterate keeps. */
const DRAWN_BACK = 0.9;
/** The distance of what was not found; finite, as some backends need. */
const NOT_FOUND = 1e10;
/** Keep divisions finite. */
const LENGTH_GUARD = 1e-12, SHARE_GUARD = 1e-8;

/** Settings of the search. */
export interface FabSettings {
  readonly name: string;
  readonly epsilon: number;
  readonly norm: "linf" | "l2";
  readonly steps: number;
  readonly restarts: number;
}

/** Which classes are searched for. */
export interface FabPlan {
  /** Number of likeliest other classes of the clean image; at most all of them count. */
  readonly count: number;
  /** Splits them into searches that follow each other; one search goes to the nearest boundary of its classes. */
  rounds(others: readonly tf.Tensor1D[]): readonly (readonly tf.Tensor1D[])[];
}

/** A linearised boundary of each example: w . x is to gain `-difference`. */
interface Plane {
  readonly difference: tf.Tensor1D;
  readonly normal: Images;
  readonly distance: tf.Tensor1D;
}

/** The nearest adversarial images of a search. */
interface Nearest extends tf.TensorContainerObject {
  readonly images: Images;
  /** `[B]` */
  readonly distance: tf.Tensor1D;
}

/** What a search knows between two steps. */
interface Progress extends tf.TensorContainerObject {
  readonly images: Images;
  readonly nearest: Nearest;
}

/** `[B]` lengths of changes in a norm. */
function lengthOf(change: Images, norm: "linf" | "l2"): tf.Tensor1D {
  return tf.reshape(norms[norm].length(change), [-1]);
}

/** The plane of one other class, by its logit minus the own one and that gradient. */
function planeOf(difference: tf.Tensor1D, normal: Images, norm: "linf" | "l2"): Plane {
  const dual = norm === "l2" ? lengthOf(normal, norm) : tf.sum(tf.abs(normal), [1, 2, 3]);
  const distance = tf.div<tf.Tensor1D>(tf.abs(difference), tf.add(dual, LENGTH_GUARD));
  return { difference, normal, distance };
}

/** Selects each example's nearer plane. */
function nearer(current: Plane, other: Plane): Plane {
  const closer: tf.Tensor1D = tf.less(other.distance, current.distance);
  return {
    difference: tf.where(closer, other.difference, current.difference),
    normal: selectExamples(closer, other.normal, current.normal),
    distance: tf.where(closer, other.distance, current.distance),
  };
}

/** The next iterate: towards the plane from the iterate and, with a smaller share, from the clean image. */
function stepped(
  { images, clean }: { images: Images; clean: Images },
  { difference, normal }: Plane,
  norm: "linf" | "l2",
): Images {
  const between = tf.sum(tf.mul(normal, tf.sub(images, clean)), [1, 2, 3]);
  const own = toHyperplane(images, normal, tf.neg(difference), norm);
  const fromClean = toHyperplane(clean, normal, tf.sub(between, difference), norm);
  const [near, far] = [own, fromClean].map((d) => tf.maximum(norms[norm].length(d), SHARE_GUARD));
  const share = tf.minimum(tf.div(near, tf.add(near, far)), CLEAN_SHARE);
  const mixed = tf.add(
    tf.mul(tf.add(images, tf.mul(own, OVERSHOOT)), tf.sub(1, share)),
    tf.mul(tf.add(clean, tf.mul(fromClean, OVERSHOOT)), share),
  );
  return tf.clipByValue(mixed, 0, 1) as Images;
}

/** A random start half as far as epsilon. */
function randomStart(clean: Images, { epsilon, norm }: FabSettings, random: Random): Images {
  return tf.tidy(() => {
    const drawn = tf.tensor4d(
      norm === "l2" ? random.normals(clean.size, 1) : random.uniforms(clean.size, -1, 1),
      clean.shape,
    );
    const longest = tf.reshape(tf.maximum(lengthOf(drawn, norm), LENGTH_GUARD), [-1, 1, 1, 1]);
    const start = tf.add(clean, tf.mul(tf.div(drawn, longest), epsilon / 2));
    return tf.clipByValue(start, 0, 1) as Images;
  });
}

/**
 * Creates FAB.
 *
 * @param settings Resolved settings
 * @param victim The victim
 * @param plan Which classes are searched for
 * @returns The attack
 * @throws {RangeError} If the victim has no gradient; when it runs, if it has fewer than 2 classes
 */
export function createFab<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: FabSettings,
  victim: DecidingVictim<O, L>,
  { count, rounds }: FabPlan,
): Perturber<L> {
  const { name, epsilon, norm, steps, restarts } = settings;
  const { logits, classOf } = victim;

  const begin = concludingForward(
    victim,
    (output: O, { labels }: { labels: L }) => {
      const scores = logits(output);
      const { indices } = tf.topk(scores, Math.min(count + 1, scores.shape[1]));
      return { indices, share: shareWrong(victim, scores, labels) };
    },
    `${name}: ranks`,
    ({ indices, share }) => ({
      ranks: tf.unstack(indices, 1) as tf.Tensor1D[],
      wrong: isMost(share),
    }),
  );

  const boundaries = requireGradient(victim, name)(
    (output: O, { labels, others }: { labels: L; others: tf.Tensor1D[] }) => {
      const scores = logits(output);
      const own = tf.oneHot(classOf(labels), scores.shape[1]);
      const gains = others.map((other) => {
        const signs = tf.cast(tf.sub(tf.oneHot(other, scores.shape[1]), own), "float32");
        return tf.sum(tf.mul(scores, signs), 1) as tf.Tensor1D;
      });
      return { gains, read: [] };
    },
    `${name}: boundaries`,
  );

  interface Linearised extends tf.TensorContainerObject {
    readonly clean: Images;
    readonly images: Images;
    readonly gains: tf.Tensor1D[];
    readonly gradients: Images[];
  }
  const step = record(({ clean, images, gains, gradients }: Linearised) => {
    const plane = gains
      .map((gain, index) => planeOf(gain, gradients[index], norm))
      .reduce(nearer);
    return stepped({ clean, images }, plane, norm);
  }, { name: `${name}: step` });

  interface Candidate extends Progress {
    readonly labels: L;
    readonly clean: Images;
  }
  const shareOf = (output: O, { labels }: Candidate) => shareWrong(victim, logits(output), labels);
  const kept = concludingForward(victim, shareOf, `${name}: nearest`, (share, candidate) => {
    const { clean, images, nearest } = candidate;
    const crossed = isMost(share);
    const change = tf.sub<Images>(images, clean);
    const distance = lengthOf(change, norm);
    const better: tf.Tensor1D = tf.logicalAnd(crossed, tf.less(distance, nearest.distance));
    const back = tf.add<Images>(clean, tf.mul(change, DRAWN_BACK));
    return {
      images: selectExamples(crossed, back, images),
      nearest: {
        images: selectExamples(better, images, nearest.images),
        distance: tf.where(better, distance, nearest.distance),
      },
    };
  });

  /** One search from a start, which it disposes. */
  async function search(
    start: Images,
    given: { readonly clean: Images; readonly labels: L; readonly others: tf.Tensor1D[] },
    random: Random,
  ): Promise<Nearest> {
    const { clean, labels, others } = given;
    const distance = tf.fill([clean.shape[0]], NOT_FOUND) as tf.Tensor1D;
    let progress: Progress = { images: start, nearest: { images: tf.clone(clean), distance } };
    try {
      for (let index = 0; index < steps; index++) {
        using held = new HeldTensors();
        const { gains, gradients } = held.keep(
          await boundaries(progress.images, { labels, others }, random.fork("step", index)),
        );
        const images = held.keep(
          step({ clean, images: progress.images, gains: [...gains], gradients: [...gradients] }),
        );
        const candidate = { labels, clean, images, nearest: progress.nearest };
        const next = await kept(images, candidate, random.fork("crossed", index));
        tf.dispose(progress);
        progress = next;
      }
    } catch (error) {
      tf.dispose(progress.nearest);
      throw error;
    } finally {
      progress.images.dispose();
    }
    return progress.nearest;
  }

  return {
    norm,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const { ranks, wrong } = held.keep(await begin(clean, { labels }, random.fork("begin")));
      requireClasses(victim, ranks.length, name);
      const isWrong = await wrong.data();
      using remaining = new RemainingExamples(
        clean,
        (row) => isWrong[row] === 0,
        victim.positional,
      );
      for (const [round, others] of rounds(ranks.slice(1)).entries()) {
        for (let restart = 0; restart < restarts; restart++) {
          if (remaining.rows.length === 0) return remaining.images();
          const stream = random.fork("search", round, restart);
          await remaining.attack({ clean, labels, others: [...others] }, async (part, own) => {
            const start = restart === 0
              ? tf.clone(part.clean)
              : randomStart(part.clean, settings, stream.fork("start"));
            const { images, distance } = own.keep(await search(start, part, stream));
            const distances = await distance.data();
            return { images, isFallen: (place) => distances[place] <= Math.fround(epsilon) };
          });
        }
      }
      return remaining.images();
    },
    [Symbol.dispose]() {
      for (const part of [begin, boundaries, step, kept]) part[Symbol.dispose]();
    },
  };
}
