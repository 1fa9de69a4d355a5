/**
 * HopSkipJump, Chen et al. 2020: a walk along the decision boundary by decisions alone.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { option, wholeFrom } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { selectExamples } from "./ball.ts";
import { createBoundaryDirection } from "./boundary_direction.ts";
import { geometries, moved } from "./boundary_geometry.ts";
import { createBoundarySearch } from "./boundary_search.ts";
import {
  createDecision,
  type DecidingVictim,
  misclassified,
  requireDecisions,
} from "./decisions.ts";
import { createFirstAdversarial, type Oracle } from "./first_adversarial.ts";
import { norm, steps } from "./gradient_options.ts";

/** Most probes of a step. */
const MOST_PROBES = 10_000;
/** Radius of the first step's probes. */
const FIRST_RADIUS = 0.1;
/** A probe moves pixels by no less on average, which single precision still resolves. */
const SMALLEST_CHANGE = 1e-6;
/** A jump is halved so often at most: single precision hardly tells a shorter one from none. */
const MOST_HALVINGS = 24;
/** Noises that are tried as a start, and shares of them, little ones first, that go round. */
const STARTS = 100, SHARES = 10;

/**
 * HopSkipJump: knows no logits and no gradient, only which class an image is given. It starts at uniform
 * noise that fools the victim, bisects to the decision boundary, estimates the gradient there from
 * `probes` sqrt(t) decisions, jumps along it and bisects again. It minimises the distance, and ends
 * once all images of the batch are within `epsilon`; an example whose nearest adversarial image is farther, or for
 * which no start was found, is returned clean. It takes tens of thousands of queries an example.
 *
 * The constants are the paper's but for one: probes are never so near that single precision would round
 * them away, as it does in L-infinity.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { ascend: _, ...victim } = createVictim({
 *   name: "is the sum above 1?",
 *   forward: (images) => {
 *     const sum = tf.sum(images, [1, 2, 3]);
 *     return tf.stack([tf.sub(1, sum), tf.sub(sum, 1)], 1) as tf.Tensor2D;
 *   },
 *   objectives: {},
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * const settings = { name: "hop-skip-jump", epsilon: Infinity, norm: "l2", steps: 8 };
 * using attack = createAttack(settings, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * const distance = tf.norm(tf.sub(adversarial, clean)).dataSync()[0];
 * assert.ok(Math.abs(distance - 0.3 / Math.sqrt(3)) < 0.01);
 * ```
 */
export const hopSkipJump: AttackDefinition = defineAttack({
  title: "HopSkipJump",
  version: 1,
  unbounded: true,
  options: {
    norm: option("linf", norm.range, "the norm that is minimised"),
    steps: option(64, steps.range, "maximum number of steps"),
    probes: option(100, wholeFrom(1, MOST_PROBES), "decisions of the first estimate of a gradient"),
  },
  create: (settings, victim) =>
    createHopSkipJump(settings, requireDecisions(victim, settings.name)),
});

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly norm: "linf" | "l2";
  readonly steps: number;
  readonly probes: number;
}

/** Where a walk is. */
interface Walk extends tf.TensorContainerObject {
  /** At the boundary, on its adversarial side; and how far from the clean images, `[B]`. */
  readonly images: Images;
  readonly distance: tf.Tensor1D;
  /** The nearest so far; and how far, `[B]`. */
  readonly nearest: Images;
  readonly least: tf.Tensor1D;
}

/** How many decisions the estimate of a step's gradient takes, from those of the first. */
export const probesAt = (step: number, first: number): number =>
  Math.min(Math.floor(first * Math.sqrt(step + 1)), MOST_PROBES);

/** Uniform noise, the same for all images, blended in. */
function blended(clean: Images, index: number, random: Random): Images {
  const [_, ...size] = clean.shape;
  const pixels = clean.size / clean.shape[0];
  const share = (1 + index % SHARES) / SHARES;
  return tf.tidy(() => {
    const noise = tf.tensor4d(random.uniforms(pixels, 0, 1), [1, ...size]);
    return tf.add(tf.mul(clean, 1 - share), tf.mul(noise, share)) as Images;
  });
}

function createHopSkipJump<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, epsilon, norm, steps, probes }: Settings,
  victim: DecidingVictim<O, L>,
): Perturber<L> {
  const { logits } = victim;
  const geometry = geometries[norm];
  const decisions = createDecision(victim, `${name}: decisions`);
  // Probes are many and averaged: each is one answer.
  const votes = victim.random
    ? victim.forward(
      (output: O, { labels }: { labels: L }) => misclassified(victim, logits(output), labels),
      `${name}: votes`,
    )
    : decisions;
  const first = createFirstAdversarial(name);
  const bisect = createBoundarySearch(name, geometry);
  const directionAt = createBoundaryDirection(name, geometry);

  /** The walk at new images, which it takes over. */
  const arrive = (clean: Images, images: Images, before?: Walk): Walk =>
    tf.tidy(() => {
      const distance = geometry.distance(clean, images);
      const { nearest, least } = before ?? { nearest: images, least: distance };
      return {
        images,
        distance,
        nearest: selectExamples(tf.less(distance, least) as tf.Tensor1D, images, nearest),
        least: tf.minimum(distance, least) as tf.Tensor1D,
      };
    });

  /** Jumps along the boundary and goes back to it. */
  const advance = async (
    { clean, walk, step, resolution }: {
      readonly clean: Images;
      readonly walk: Walk;
      readonly step: number;
      readonly resolution: number;
    },
    { oracle, voter }: { readonly oracle: Oracle; readonly voter: Oracle },
    random: Random,
  ): Promise<Walk> => {
    using held = new HeldTensors();
    const { images, distance } = walk;
    const pixels = clean.size / clean.shape[0];
    const shortest = SMALLEST_CHANGE * Math.sqrt(pixels);
    const radius = held.keep(
      step === 0
        ? tf.fill<tf.Rank.R1>(distance.shape, FIRST_RADIUS)
        : tf.tidy(() => tf.maximum(tf.div(distance, pixels), shortest) as tf.Tensor1D),
    );
    const count = probesAt(step, probes);
    const direction = held.keep(
      await directionAt(images, radius, count, voter, random.fork("probes")),
    );
    const jumpBy = (halvings: number) =>
      tf.tidy(() => {
        const size = tf.div(distance, Math.sqrt(step + 1) * 2 ** halvings) as tf.Tensor1D;
        return moved(images, direction, size);
      });
    const here = { images, open: held.keep(tf.tidy(() => tf.greater(distance, 0))) as tf.Tensor1D };
    const jumps = { count: MOST_HALVINGS, images: jumpBy };
    const there = held.keep(await first(here, jumps, oracle, random.fork("jump")));
    return arrive(
      clean,
      await bisect(clean, there.images, resolution, oracle, random.fork("bisection")),
      walk,
    );
  };

  return {
    norm,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const resolution = (clean.size / clean.shape[0]) ** (norm === "linf" ? -2 : -1.5);
      const oracle: Oracle = (images, random) => decisions(images, { labels }, random);
      const voter: Oracle = (images, random) => votes(images, { labels }, random);
      const wrong = held.keep(await oracle(clean, random.fork("clean")));
      const before = { images: clean, open: held.keep(tf.logicalNot(wrong)) };
      const noises = {
        count: STARTS,
        images: (index: number) => blended(clean, index, random.fork("noise", index)),
      };
      // An image that is wrong already, or has no start, stays as it is: its distance is 0.
      const start = held.keep(await first(before, noises, oracle, random.fork("start")));
      let walk = arrive(
        clean,
        await bisect(clean, start.images, resolution, oracle, random.fork("bisection")),
      );
      try {
        for (let step = 0; step < steps; step++) {
          const within = (distance: number) =>
            distance === 0 || (epsilon < Infinity && distance <= epsilon);
          if ((await walk.least.data()).every(within)) break;
          const now = { clean, walk, step, resolution };
          const next = await advance(now, { oracle, voter }, random.fork("step", step));
          tf.dispose(walk);
          walk = next;
        }
        const { nearest, least } = walk;
        if (epsilon === Infinity) return tf.clone(nearest);
        return tf.tidy(() =>
          selectExamples(tf.lessEqual(least, epsilon) as tf.Tensor1D, nearest, clean)
        );
      } finally {
        tf.dispose(walk);
      }
    },
    [Symbol.dispose]() {
      const parts = new Set([decisions, votes, first, bisect, directionAt]);
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}
