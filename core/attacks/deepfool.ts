/**
 * DeepFool, Moosavi-Dezfooli et al. 2016: the shortest step across the nearest decision boundary.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";
import { between, oneOf, option, wholeFrom } from "../options.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { ballAround, project, selectExamples } from "./ball.ts";
import {
  createDecision,
  type DecidingVictim,
  isMost,
  requireClasses,
  requireDecisions,
  requireGradient,
  shareWrong,
} from "./decisions.ts";
import { concludingForward } from "./many_draws.ts";
import { steps } from "./gradient_options.ts";

/** Keeps divisions by a gradient's norm finite. */
const NORM_GUARD = 1e-8;
/** Added to each distance, so that a step ends beyond the linearised boundary. */
const DISTANCE_MARGIN = 1e-4;

type Norm = "linf" | "l2";

/** Each example's distance to a linearised boundary, and the unit step towards it. */
interface Boundary {
  readonly distance: tf.Tensor1D;
  readonly direction: Images;
}

/** Distance to a boundary, where `difference` is f'_k and `gradient` is w_k of the paper. */
function boundary(difference: tf.Tensor1D, gradient: Images, norm: Norm): Boundary {
  const axes = [1, 2, 3];
  const length = norm === "l2"
    ? tf.sqrt(tf.sum(tf.square(gradient), axes))
    : tf.sum(tf.abs(gradient), axes);
  const guarded = tf.add(length, NORM_GUARD);
  return {
    distance: tf.div(tf.abs(difference), guarded),
    direction: norm === "l2"
      ? tf.div(gradient, tf.reshape(guarded, [-1, 1, 1, 1]))
      : tf.sign(gradient),
  };
}

/** Selects each example's nearer boundary. */
function nearer(current: Boundary, other: Boundary): Boundary {
  const closer = tf.less(other.distance, current.distance) as tf.Tensor1D;
  return {
    distance: tf.where(closer, other.distance, current.distance),
    direction: selectExamples(closer, other.direction, current.direction),
  };
}

/** State of the iteration. */
interface Progress extends tf.TensorContainerObject {
  readonly images: Images;
  /** The sum of all steps, without clipping and overshoot. */
  readonly total: Images;
  /** `[B]` bool */
  readonly finished: tf.Tensor1D;
}

/**
 * DeepFool, foolbox's variant: each step goes to the nearest linearised boundary among
 * the most likely classes of the clean image, x = clip(x^c + (1 + overshoot) * sum of steps).
 *
 * Examples that are already misclassified are returned unchanged. The perturbation is projected to the ball of
 * `epsilon` at the end; with Infinity it is the plain minimum-norm attack. All examples take part
 * in every step until all have crossed; one that has crossed stops moving.
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
 * using attack = createAttack({ name: "deepfool", epsilon: Infinity }, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * const distance = tf.max(tf.abs(tf.sub(adversarial, clean))).dataSync()[0];
 * assert.ok(Math.abs(distance - 1.02 * (0.3 / 3 + 1e-4)) < 1e-6);
 * ```
 */
export const deepfool: AttackDefinition = defineAttack({
  title: "DeepFool",
  version: 1,
  unbounded: true,
  options: {
    norm: option<Norm>("linf", oneOf("linf", "l2"), "the norm that is minimised"),
    steps: option(50, steps.range, "maximum number of steps"),
    candidates: option(10, wholeFrom(2), "number of most likely classes to consider"),
    overshoot: option(0.02, between(0, 10), "share by which the sum of steps overshoots"),
  },
  create(settings, victim) {
    const { name, norm, steps, candidates: looked, overshoot, epsilon } = settings;
    const deciding = requireDecisions(victim, name);
    return createDeepfool(deciding, { name, norm, steps, looked, overshoot, epsilon });
  },
});

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly norm: Norm;
  readonly steps: number;
  readonly looked: number;
  readonly overshoot: number;
}

/** Inputs of a step besides the images. */
interface StepGiven<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly labels: L;
  readonly candidates: tf.Tensor2D;
}

function createDeepfool<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: DecidingVictim<O, L>,
  { name, epsilon, norm, steps, looked, overshoot }: Settings,
): Perturber<L> {
  const { logits } = victim;

  const begin = concludingForward(
    victim,
    (output: O, { labels }: { labels: L }) => {
      const scores = logits(output);
      const { indices } = tf.topk(scores, Math.min(looked, scores.shape[1]));
      return { candidates: indices as tf.Tensor2D, share: shareWrong(victim, scores, labels) };
    },
    `${name}: candidates`,
    ({ candidates, share }) => ({ candidates: tf.clone(candidates), finished: isMost(share) }),
  );

  const boundaries = requireGradient(victim, name)(
    (output: O, { candidates }: StepGiven<L>) => {
      const scores = logits(output);
      const classes = scores.shape[1];
      const [origin, ...others] = tf.unstack(candidates, 1) as tf.Tensor1D[];
      const gains = others.map((other) => {
        const signs = tf.sub(tf.oneHot(other, classes), tf.oneHot(origin, classes));
        return tf.sum(tf.mul(scores, tf.cast(signs, "float32")), 1) as tf.Tensor1D;
      });
      return { gains, read: [] };
    },
    `${name}: boundaries`,
  );

  const step = record(
    ({ clean, images, total, finished, gains, gradients }: Progress & {
      clean: Images;
      gains: tf.Tensor1D[];
      gradients: Images[];
    }) => {
      const { distance, direction } = gains
        .map((gain, index) => boundary(gain, gradients[index], norm))
        .reduce(nearer);
      const size = tf.reshape(tf.add(distance, DISTANCE_MARGIN), [-1, 1, 1, 1]);
      const moved = tf.add(total, tf.mul(size, direction)) as Images;
      const overshot = tf.add(clean, tf.mul(moved, 1 + overshoot));
      const next = selectExamples(finished, images, tf.clipByValue(overshot, 0, 1) as Images);
      return { images: next, total: moved };
    },
    { name: `${name}: step` },
  );

  const crossed = createDecision(victim, `${name}: crossed`);

  return {
    async perturb(clean, labels, random) {
      const { candidates, finished } = await begin(clean, { labels }, random.fork("begin"));
      let progress: Progress = { images: tf.clone(clean), total: tf.zerosLike(clean), finished };
      try {
        requireClasses(victim, candidates.shape[1], name);
        for (let index = 0; index < steps; index++) {
          if ((await progress.finished.data()).every((value) => value !== 0)) break;
          using held = new HeldTensors();
          const given = { labels, candidates };
          const { gains, gradients } = held.keep(
            await boundaries(progress.images, given, random.fork("step", index)),
          );
          const next = step({ clean, ...progress, gains: [...gains], gradients: [...gradients] });
          tf.dispose([progress.images, progress.total]);
          progress = { ...progress, ...next };
          const finished = await crossed(next.images, { labels }, random.fork("crossed", index));
          progress.finished.dispose();
          progress = { ...progress, finished };
        }
        const { images } = progress;
        return tf.tidy(() => project(images, ballAround(clean, epsilon)));
      } finally {
        tf.dispose([candidates, progress]);
      }
    },
    [Symbol.dispose]() {
      for (const part of [begin, boundaries, step, crossed]) part[Symbol.dispose]();
    },
  };
}
