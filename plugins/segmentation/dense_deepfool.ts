/**
 * DeepFool (Moosavi-Dezfooli et al. 2016) for networks that decide about every pixel. There is no
 * published definition; this one is ours.
 *
 * @module
 */
import { between, HeldTensors, type Images, oneOf, option } from "@realign/core";
import {
  ballAround,
  defineTaskAttack,
  margin,
  type Perturber,
  project,
  requireGradient,
  selectExamples,
  steps,
  type TaskAttackDefinition,
  type Victim,
} from "@realign/core/attacks";
import { record } from "@realign/core/backend";
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import type { SegmentationOutput } from "./models/mod.ts";
import { meanByExample, type PixelRows, pixelRows } from "./pixels.ts";

/** Keeps divisions by a gradient's norm finite. */
const NORM_GUARD = 1e-8;
/** Added to each distance, so that a step ends beyond the linearised boundary. */
const DISTANCE_MARGIN = 1e-4;

/** What changes from step to step. */
interface Progress extends tf.TensorContainerObject {
  readonly images: Images;
  /** The sum of all steps, neither clipped nor overshot. */
  readonly total: Images;
  /** `[B]` bool: whether an example had come to its end before this step. */
  readonly finished: tf.Tensor1D;
}

/** `[B, h w]`: 1 for each pixel that counts and is given its class. */
function rightPixels({ logits, labels, valid }: PixelRows): tf.Tensor2D {
  const hits = tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32");
  return tf.mul(tf.reshape(hits, valid.shape), valid);
}

/** The step of norm 1 along a gradient, and the gradient's dual norm `[B, 1, 1, 1]`. */
function direction(gradient: Images, norm: "linf" | "l2"): { unit: Images; length: tf.Tensor } {
  const axes = [1, 2, 3];
  if (norm === "linf") {
    return { unit: tf.sign(gradient), length: tf.sum(tf.abs(gradient), axes, true) };
  }
  const length = tf.sqrt(tf.sum(tf.square(gradient), axes, true));
  return { unit: tf.div(gradient, tf.add(length, NORM_GUARD)), length };
}

/**
 * DeepFool for networks that decide about every pixel: each step goes to where the mean margin of the pixels that
 * are still right would be 0, were the network linear.
 *
 * P are the pixels of an example that count, were given their class on the clean image, and still are.
 * Each has its own nearest rival class, and the example's distance from its boundaries is their mean,
 * f(x) = mean over p in P of (max over j != y_p of z_pj, less z_py), which is negative. A step goes to
 * where the linearised f is 0: with w = grad f, r = (|f| / ||w||_1 + 1e-4) sign(w), and for `norm` "l2"
 * r = (|f| / ||w||_2 + 1e-4) w / ||w||_2; x = clip(x^c + (1 + overshoot) * sum of steps). Pixels that
 * have crossed leave P, so later steps push those that are left. An example is done when P is empty, or
 * when the sum of its steps has left the ball of `epsilon`, to which it is cut in the end.
 *
 * With one pixel an image and all pixels counting it is DeepFool with the rival of the nearest score.
 *
 * @example Usage
 * ```ts
 * import { segmentationAttacks } from "@realign/segmentation";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * // Two classes by the sign of a pixel's sum less 1.
 * const forward = (images: tf.Tensor4D) => {
 *   const sum = tf.sub(tf.sum(images, 3, true), 1);
 *   return { logits: tf.concat([tf.neg(sum), sum], 3) as tf.Tensor4D, features: images };
 * };
 * const victim = createVictim({ name: "is the sum above 1?", forward, objectives: {} });
 * const settings = { name: "deepfool", epsilon: Infinity };
 * using attack = createAttack(settings, victim, segmentationAttacks);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([1], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * const distance = tf.max(tf.abs(tf.sub(adversarial, clean))).dataSync()[0];
 * assert.ok(Math.abs(distance - 1.02 * (0.3 / 3 + 1e-4)) < 1e-6);
 * ```
 */
export const denseDeepfool: TaskAttackDefinition<SegmentationOutput, tf.Tensor3D> =
  defineTaskAttack<
    SegmentationOutput,
    tf.Tensor3D
  >()({
    title: "DeepFool",
    version: 1,
    unbounded: true,
    options: {
      norm: option<"linf" | "l2">(
        "linf",
        oneOf("linf", "l2"),
        "the norm that is minimised",
      ),
      steps: option(50, steps.range, "maximum number of steps"),
      overshoot: option(0.02, between(0, 10), "share by which the sum of steps overshoots"),
    },
    create: (settings, victim) => createDenseDeepfool(settings, victim),
  });

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly norm: "linf" | "l2";
  readonly steps: number;
  readonly overshoot: number;
}

function createDenseDeepfool(
  { name, epsilon, norm, steps, overshoot }: Settings,
  victim: Victim<SegmentationOutput, tf.Tensor3D>,
): Perturber<tf.Tensor3D> {
  const stretch = 1 + overshoot;
  // A number that no sum of steps within [0, 1] reaches stands for Infinity, which not every backend takes.
  const radius = Math.min(epsilon, 1e6);

  const begin = victim.forward(
    ({ logits }, { labels }: { labels: tf.Tensor3D }) => rightPixels(pixelRows(logits, labels)),
    `${name}: pixels`,
  );

  /** f of the pixels that are left, its gradient, and which these are. */
  const ascend = requireGradient(victim, name)(
    ({ logits }: SegmentationOutput, { labels, right }: {
      labels: tf.Tensor3D;
      right: tf.Tensor2D;
    }) => {
      const rows = pixelRows(logits, labels);
      const left = stopGradient<tf.Tensor2D>(tf.mul(rightPixels(rows), right));
      return { gains: [meanByExample(margin(rows.logits, rows.labels), left)], read: left };
    },
    `${name}: gradient`,
  );

  const advance = record(
    ({ clean, images, total, value, gradient, left }: Pick<Progress, "images" | "total"> & {
      clean: Images;
      value: tf.Tensor1D;
      gradient: Images;
      left: tf.Tensor2D;
    }): Progress => {
      const remaining = tf.sum(left, 1);
      const reach = tf.mul(tf.max(tf.abs(total), [1, 2, 3]), stretch);
      const finished = tf.logicalOr(
        tf.equal(remaining, 0),
        tf.greaterEqual(reach, radius),
      ) as tf.Tensor1D;
      const { unit, length } = direction(gradient, norm);
      const distance = tf.div(
        tf.abs(tf.reshape(value, [-1, 1, 1, 1])),
        tf.add(length, NORM_GUARD),
      );
      const moved = tf.add(total, tf.mul(tf.add(distance, DISTANCE_MARGIN), unit)) as Images;
      const overshot = tf.clipByValue(tf.add(clean, tf.mul(moved, stretch)), 0, 1) as Images;
      return {
        images: selectExamples(finished, images, overshot),
        total: selectExamples(finished, total, moved),
        finished,
      };
    },
    { name: `${name}: step` },
  );

  return {
    async perturb(clean, labels, random) {
      const right = await begin(clean, { labels }, random.fork("begin"));
      let images = tf.clone(clean);
      let total: Images = tf.zerosLike(clean);
      try {
        for (let step = 0; step < steps; step++) {
          using held = new HeldTensors();
          const { gains: [value], gradients: [gradient], read: left } = held.keep(
            await ascend(images, { labels, right }, random.fork("step", step)),
          );
          const next = advance({ clean, images, total, value, gradient, left });
          tf.dispose([images, total]);
          ({ images, total } = next);
          const finished = await held.keep(next.finished).data();
          if (finished.every((value) => value !== 0)) break;
        }
        return tf.tidy(() => project(images, ballAround(clean, epsilon)));
      } finally {
        tf.dispose([right, images, total]);
      }
    },
    [Symbol.dispose]() {
      for (const part of [begin, ascend, advance]) part[Symbol.dispose]();
    },
  };
}
