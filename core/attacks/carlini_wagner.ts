/**
 * Carlini and Wagner's minimum-norm L2 attack, 2017.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";
import { between, option, wholeFrom } from "../options.ts";
import type { Random } from "../random.ts";
import { type Nearest, searchNearest } from "./nearest_adversarial.ts";
import { adamStep, type Corrections, correctionsAt, type Moments, noMoments } from "./adam.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { ballAround, project, selectExamples } from "./ball.ts";
import { type DecidingVictim, requireDecisions, requireGradient } from "./decisions.ts";
import { steps, targeted } from "./gradient_options.ts";
import { margin } from "./objectives.ts";
import { confidence } from "./pgd_cw.ts";

/** Keeps the arctanh of pixels 0 and 1 finite. */
const SHRINK = 0.999999;
/** An inner search stops when a tenth of its steps has not reduced the loss below this fraction. */
const PROGRESS = 0.9999;

/** From [0, 1] to unconstrained values. */
function toFree(images: Images): Images {
  return tf.atanh(tf.mul(tf.sub(tf.mul(images, 2), 1), SHRINK));
}

/** Back to [0, 1]. */
function toImages(free: tf.Tensor): Images {
  return tf.add(tf.mul(tf.tanh(free), 0.5), 0.5) as Images;
}

/** How far an inner search has come. */
interface Descent extends tf.TensorContainerObject {
  readonly offset: Images;
  readonly moments: Moments;
}

/**
 * The minimum-norm L2 attack: Adam on ||x - x^c||^2 + c * max(0, confidence - margin)
 * over x = (tanh(w) + 1) / 2, with a search for the smallest successful c of each example.
 *
 * Examples without a solution are returned clean. The result is projected to the L-infinity ball of
 * `epsilon`; Infinity leaves it unchanged. An inner search stops early once the loss of the
 * whole batch no longer decreases.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "is the sum above 1?",
 *   forward: (images) => {
 *     const sum = tf.sum(images, [1, 2, 3]);
 *     return tf.stack([tf.sub(1, sum), tf.sub(sum, 1)], 1) as tf.Tensor2D;
 *   },
 *   objectives: {},
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * const settings = { name: "carlini-wagner", epsilon: Infinity, steps: 100, binarySearchSteps: 5 };
 * using attack = createAttack(settings, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * const distance = tf.norm(tf.sub(adversarial, clean)).dataSync()[0];
 * assert.ok(Math.abs(distance - 0.3 / Math.sqrt(3)) < 0.01);
 * ```
 */
export const carliniWagner: AttackDefinition = defineAttack({
  title: "C&W",
  version: 2,
  unbounded: true,
  options: {
    steps: option(10000, steps.range, "maximum number of steps of each inner search"),
    binarySearchSteps: option(
      9,
      wholeFrom(1, 100),
      "number of inner searches, each with a different constant c",
    ),
    initialConstant: option(1e-3, between(1e-10, 1e10), "c of the first search"),
    learningRate: option(0.01, between(1e-7, 10), "Adam's learning rate"),
    confidence: option(0, confidence.range, confidence.help),
    targeted,
  },
  create: (settings, victim) =>
    createCarliniWagner(settings, requireDecisions(victim, settings.name)),
});

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly steps: number;
  readonly binarySearchSteps: number;
  readonly initialConstant: number;
  readonly learningRate: number;
  readonly confidence: number;
  readonly targeted: boolean;
}

/** Inputs of the hinge besides the images. */
interface HingeGiven<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly labels: L;
  /** `[B]` c of the objective. */
  readonly constants: tf.Tensor1D;
}

function createCarliniWagner<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: Settings,
  victim: DecidingVictim<O, L>,
): Perturber<L> {
  const { name, steps, confidence, learningRate } = settings;
  const { logits, classOf } = victim;
  const direction = settings.targeted ? -1 : 1;

  const begin = record(({ clean }: { clean: Images }) => {
    const free = toFree(clean);
    return { free, origin: toImages(free) };
  }, { name: `${name}: start` });

  /** c * max(0, confidence - gap), its gradient with respect to the images, and the gap. */
  const hingeAt = requireGradient(victim, name)(
    (output: O, { labels, constants }: HingeGiven<L>) => {
      const gap = tf.mul(margin(logits(output), classOf(labels)), direction) as tf.Tensor1D;
      const hinge = tf.mul(constants, tf.relu(tf.sub(confidence, gap))) as tf.Tensor1D;
      return { gains: [hinge], read: gap };
    },
    `${name}: hinge`,
  );

  const look = record(
    ({ free, descent }: { free: Images; descent: Descent }) =>
      toImages(tf.add(free, descent.offset)),
    { name: `${name}: images` },
  );

  interface Inputs extends tf.TensorContainerObject {
    readonly clean: Images;
    readonly free: Images;
    readonly origin: Images;
    readonly images: Images;
    readonly hinge: tf.Tensor1D;
    readonly gap: tf.Tensor1D;
    /** Of the hinge, with respect to the images. */
    readonly gradient: Images;
    readonly corrections: Corrections;
    readonly descent: Descent;
    readonly nearest: Nearest;
  }

  const advance = record((inputs: Inputs) => {
    const { clean, free, origin, images, hinge, gap, gradient, descent, nearest } = inputs;
    const change = tf.sub(images, origin);
    const losses = tf.add(hinge, tf.sum(tf.square(change), [1, 2, 3]));
    const inImages = tf.add(gradient, tf.mul(change, 2));
    const grad = tf.grad((offset) => toImages(tf.add(free, offset)))(
      descent.offset,
      inImages,
    ) as Images;

    const { step, moments } = adamStep(grad, descent.moments, inputs.corrections, learningRate);

    const distance = tf.sqrt(tf.sum(tf.square(tf.sub(images, clean)), [1, 2, 3])) as tf.Tensor1D;
    const fools = tf.greater(gap, confidence) as tf.Tensor1D;
    const better = tf.logicalAnd(fools, tf.less(distance, nearest.distance)) as tf.Tensor1D;
    return {
      loss: tf.sum(losses) as tf.Scalar,
      descent: { offset: tf.sub(descent.offset, step) as Images, moments },
      nearest: {
        images: selectExamples(better, images, nearest.images),
        distance: tf.where(better, distance, nearest.distance),
        found: tf.logicalOr(nearest.found, fools) as tf.Tensor1D,
      },
    };
  }, { name: `${name}: step` });

  /** One descent with given constants; takes ownership of `nearest` and returns it improved. */
  async function descend(
    { labels, constants, ...fixed }: Pick<Inputs, "clean" | "free" | "origin"> & HingeGiven<L>,
    nearest: Nearest,
    random: Random,
  ): Promise<Nearest> {
    const { clean } = fixed;
    let current = {
      descent: { offset: tf.zerosLike(clean), moments: noMoments(clean) },
      nearest,
    };
    let lastLoss = Infinity;
    try {
      for (let step = 0; step < steps; step++) {
        using held = new HeldTensors();
        const corrections = held.keep(correctionsAt(step));
        const images = held.keep(look({ free: fixed.free, descent: current.descent }));
        const { gains: [hinge], gradients: [gradient], read: gap } = held.keep(
          await hingeAt(images, { labels, constants }, random.fork("step", step)),
        );
        const made = { images, hinge, gradient, gap, corrections };
        const { loss, ...next } = advance({ ...fixed, ...current, ...made });
        const isCheck = step % Math.ceil(steps / 10) === 0;
        const total = isCheck ? (await loss.data())[0] : undefined;
        loss.dispose();
        if (total !== undefined && !(total <= PROGRESS * lastLoss)) {
          tf.dispose(next);
          break;
        }
        lastLoss = total ?? lastLoss;
        tf.dispose(current);
        current = next;
      }
      return current.nearest;
    } catch (error) {
      tf.dispose(current.nearest);
      throw error;
    } finally {
      tf.dispose(current.descent);
    }
  }

  return {
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const { free, origin } = held.keep(begin({ clean }));
      const { images } = held.keep(
        await searchNearest(clean, settings, (constants, before, round) => {
          const fixed = { clean, free, origin, labels, constants };
          return descend(fixed, before, random.fork("search", round));
        }),
      );
      return tf.tidy(() => project(images, ballAround(clean, settings.epsilon)));
    },
    [Symbol.dispose]() {
      for (const part of [begin, hingeAt, look, advance]) part[Symbol.dispose]();
    },
  };
}
