/**
 * DeepFool (Moosavi-Dezfooli et al. 2016) for networks that decide about every pixel. There is no
 * published definition; this one is ours.
 *
 * @module
 */
import { record } from "@realign/core/backend";
import type { Images } from "@realign/core";
import {
  type Attack,
  type AttackSettings,
  ballAround,
  margin,
  project,
  resolveSettings,
  selectExamples,
  type Victim,
} from "@realign/core/attacks";
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
 * Makes dense DeepFool.
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
 * Defaults: `norm` "linf", 50 steps, overshoot 0.02.
 *
 * @param settings The ball, `norm`, `steps` and `overshoot`
 * @param victim What is attacked
 * @returns The attack
 * @throws {RangeError} If a setting cannot work
 *
 * @example Usage
 * ```ts
 * import { denseDeepfool } from "@realign/segmentation";
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
 * const victim = { name: "is the sum above 1?", forward, objectives: {} };
 * using attack = denseDeepfool({ name: "deepfool", epsilon: Infinity }, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([1], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * const distance = tf.max(tf.abs(tf.sub(adversarial, clean))).dataSync()[0];
 * assert.ok(Math.abs(distance - 1.02 * (0.3 / 3 + 1e-4)) < 1e-6);
 * ```
 */
export function denseDeepfool(
  settings: AttackSettings,
  victim: Victim<SegmentationOutput, tf.Tensor3D>,
): Attack<tf.Tensor3D> {
  const resolved = resolveSettings(
    settings,
    { norm: "linf", steps: 50, overshoot: 0.02 },
    { unbounded: true },
  );
  const stretch = 1 + resolved.overshoot;
  // A number that no sum of steps within [0, 1] reaches stands for Infinity, which not every backend takes.
  const radius = Math.min(resolved.epsilon, 1e6);

  const begin = record(
    ({ clean, labels }: { clean: Images; labels: tf.Tensor3D }) =>
      rightPixels(pixelRows(victim.forward(clean).logits, labels)),
    { name: `${resolved.name}: pixels` },
  );

  const advance = record(
    ({ clean, labels, right, images, total }: Pick<Progress, "images" | "total"> & {
      clean: Images;
      labels: tf.Tensor3D;
      right: tf.Tensor2D;
    }): Progress => {
      const left: tf.Tensor2D[] = [];
      const { value, grad } = tf.valueAndGrad((pixels) => {
        const rows = pixelRows(victim.forward(pixels as Images).logits, labels);
        const still = stopGradient<tf.Tensor2D>(tf.mul(rightPixels(rows), right));
        left.push(tf.keep(still));
        return meanByExample(margin(rows.logits, rows.labels), still);
      })(images);
      const remaining = tf.sum(left[0], 1);
      left[0].dispose();
      const reach = tf.mul(tf.max(tf.abs(total), [1, 2, 3]), stretch);
      const finished = tf.logicalOr(
        tf.equal(remaining, 0),
        tf.greaterEqual(reach, radius),
      ) as tf.Tensor1D;
      const { unit, length } = direction(grad as Images, resolved.norm);
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
    { name: `${resolved.name}: step` },
  );

  return {
    name: resolved.name,
    settings: resolved,
    async perturb(clean, labels) {
      const right = begin({ clean, labels });
      let images = tf.clone(clean);
      let total: Images = tf.zerosLike(clean);
      try {
        for (let step = 0; step < resolved.steps; step++) {
          const next = advance({ clean, labels, right, images, total });
          tf.dispose([images, total]);
          ({ images, total } = next);
          const finished = await next.finished.data();
          next.finished.dispose();
          if (finished.every((value) => value !== 0)) break;
        }
        return tf.tidy(() => project(images, ballAround(clean, resolved.epsilon)));
      } finally {
        tf.dispose([right, images, total]);
      }
    },
    [Symbol.dispose]() {
      begin[Symbol.dispose]();
      advance[Symbol.dispose]();
    },
  };
}
