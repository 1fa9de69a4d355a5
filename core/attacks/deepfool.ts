/**
 * DeepFool, Moosavi-Dezfooli et al. 2016: the shortest way over the nearest decision boundary.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { ballAround, project, selectExamples } from "./ball.ts";
import { requireDecisions } from "./decisions.ts";
import { resolveSettings } from "./settings.ts";

/** Keeps divisions by a gradient's norm finite. */
const NORM_GUARD = 1e-8;
/** Added to each distance, so that a step ends beyond the linearised boundary. */
const DISTANCE_MARGIN = 1e-4;

type Norm = "linf" | "l2";

/** How far each example is from a linearised boundary, and the step of length 1 that leads there. */
interface Boundary {
  readonly distance: tf.Tensor1D;
  readonly direction: Images;
}

/** Measures a boundary where `difference` is f'_k and `gradient` is w_k of the paper. */
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

/** Of two boundaries, takes each example's nearer one. */
function nearer(current: Boundary, other: Boundary): Boundary {
  const closer = tf.less(other.distance, current.distance) as tf.Tensor1D;
  return {
    distance: tf.where(closer, other.distance, current.distance),
    direction: selectExamples(closer, other.direction, current.direction),
  };
}

/** What changes from step to step. */
interface Progress extends tf.TensorContainerObject {
  readonly images: Images;
  /** The sum of all steps, neither clipped nor overshot. */
  readonly total: Images;
  /** `[B]` bool */
  readonly finished: tf.Tensor1D;
}

/**
 * Makes DeepFool, in the variant of foolbox: each step goes to the nearest linearised boundary among
 * the classes that were likeliest on the clean image, x = clip(x^c + (1 + overshoot) * sum of steps).
 *
 * Examples that are misclassified already come back unchanged. The perturbation is cut to the ball of
 * `epsilon` in the end; with Infinity the attack is the plain minimum-norm one. Defaults: `norm`
 * "linf", 50 steps, 10 candidates, overshoot 0.02. All examples take part in every step until each of
 * them has crossed; one that has crossed moves no more.
 *
 * @param settings The ball, `norm`, `steps`, `candidates` and `overshoot`
 * @param victim What is attacked; it must have logits
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has no logits
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { deepfool } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = {
 *   name: "is the sum above 1?",
 *   forward: (images: tf.Tensor4D) => {
 *     const sum = tf.sum(images, [1, 2, 3]);
 *     return tf.stack([tf.sub(1, sum), tf.sub(sum, 1)], 1) as tf.Tensor2D;
 *   },
 *   objectives: {},
 *   logits: (output: tf.Tensor2D) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * };
 * using attack = deepfool({ name: "deepfool", epsilon: Infinity }, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * const distance = tf.max(tf.abs(tf.sub(adversarial, clean))).dataSync()[0];
 * assert.ok(Math.abs(distance - 1.02 * (0.3 / 3 + 1e-4)) < 1e-6);
 * ```
 */
export function deepfool<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
): Attack<L> {
  const resolved = resolveSettings(settings, {
    norm: "linf",
    steps: 50,
    candidates: 10,
    overshoot: 0.02,
  }, { unbounded: true });
  const { logits, classOf } = requireDecisions(victim, resolved.name);
  const score = (images: Images) => logits(victim.forward(images));
  const misclassified = (scores: tf.Tensor2D, labels: L) =>
    tf.notEqual(tf.argMax(scores, 1), classOf(labels)) as tf.Tensor1D;

  const begin = record(({ clean, labels }: { clean: Images; labels: L }) => {
    const scores = score(clean);
    const { indices } = tf.topk(scores, Math.min(resolved.candidates, scores.shape[1]));
    return { candidates: indices, finished: misclassified(scores, labels) };
  }, { name: `${resolved.name}: candidates` });

  const advance = record(
    ({ clean, labels, candidates, images, total, finished }: Progress & {
      clean: Images;
      labels: L;
      candidates: tf.Tensor2D;
    }) => {
      const [origin, ...others] = tf.unstack(candidates, 1) as tf.Tensor1D[];
      const boundaries = others.map((other) => {
        const { value, grad } = tf.valueAndGrad((pixels) => {
          const scores = score(pixels as Images);
          const classes = scores.shape[1];
          const signs = tf.sub(tf.oneHot(other, classes), tf.oneHot(origin, classes));
          return tf.sum(tf.mul(scores, tf.cast(signs, "float32")), 1);
        })(images);
        return boundary(value as tf.Tensor1D, grad as Images, resolved.norm);
      });
      const { distance, direction } = boundaries.reduce(nearer);
      const size = tf.reshape(tf.add(distance, DISTANCE_MARGIN), [-1, 1, 1, 1]);
      const moved = tf.add(total, tf.mul(size, direction)) as Images;
      const overshot = tf.add(clean, tf.mul(moved, 1 + resolved.overshoot));
      const next = selectExamples(finished, images, tf.clipByValue(overshot, 0, 1) as Images);
      return { images: next, total: moved, finished: misclassified(score(next), labels) };
    },
    { name: `${resolved.name}: step` },
  );

  return {
    name: resolved.name,
    settings: resolved,
    async perturb(clean, labels) {
      const { candidates, finished } = begin({ clean, labels });
      let progress: Progress = { images: tf.clone(clean), total: tf.zerosLike(clean), finished };
      try {
        if (candidates.shape[1] < 2) {
          throw new RangeError(
            `Cannot attack "${victim.name}" by "${resolved.name}" as it must have at least 2 classes: current value is 1`,
          );
        }
        for (let step = 0; step < resolved.steps; step++) {
          if ((await progress.finished.data()).every((value) => value !== 0)) break;
          const next = advance({
            clean,
            labels,
            candidates: candidates as tf.Tensor2D,
            ...progress,
          });
          tf.dispose(progress);
          progress = next;
        }
        const { images } = progress;
        return tf.tidy(() => project(images, ballAround(clean, resolved.epsilon)));
      } finally {
        tf.dispose([candidates, progress]);
      }
    },
    [Symbol.dispose]() {
      begin[Symbol.dispose]();
      advance[Symbol.dispose]();
    },
  };
}
