/**
 * SEA, the segmentation ensemble attack, Croce et al. 2023.
 *
 * @module
 */
import { type Images, oneOf, option, wholeFrom } from "@realign/core";
import {
  createClimb,
  createMembers,
  defineTaskAttack,
  type Gain,
  gainOf,
  linf,
  members,
  strongestOf,
  type TaskAttackDefinition,
} from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import type { SegmentationOutput } from "./models/mod.ts";
import { segmentationObjectives } from "./objectives.ts";
import { pixelRows } from "./pixels.ts";
import { pixelErrors } from "./sea_losses.ts";

/** Radii that a run goes through, over epsilon, the last of them the ball's. */
const RADII = [2, 1.5, 1];

/** Share of the steps in each stage but the last, which has the rest. */
const STAGE_SHARE = 0.3;

/** The losses of SEA's runs. */
const LOSSES = ["balanced-cross-entropy", "masked-cross-entropy", "jensen-shannon"] as const;

const steps = option(
  300,
  wholeFrom(RADII.length, 1e6),
  "number of steps: 30 % of them at 2 epsilon, 30 % at 1.5 epsilon, the rest at epsilon",
);

const define = defineTaskAttack<SegmentationOutput, tf.Tensor3D>();

/** How many pixels are wrong: which iterate is best, and which run. */
const errors: Gain<SegmentationOutput, tf.Tensor3D> = {
  reference: false,
  value: ({ logits }, { labels }) => pixelErrors(pixelRows(logits, labels)),
};

/** Steps at each radius. */
function stagesOf(steps: number): { readonly radius: number; readonly steps: number }[] {
  const share = Math.max(1, Math.floor(STAGE_SHARE * steps));
  const last = RADII.length - 1;
  return RADII.map((radius, index) => ({
    radius,
    steps: index < last ? share : steps - last * share,
  }));
}

/**
 * One run of SEA: APGD that begins in a ball of 2 epsilon and goes on in balls of 1.5 epsilon and of epsilon,
 * each time from the images that were best, projected. Steps are halved, and begun from again, by the mean
 * cross-entropy, whatever the loss ascended; of the iterates the one with the fewest right pixels is kept.
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
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = createVictim({ name: "which channel?", forward, objectives: {} });
 * using attack = createAttack({ name: "apgd-stages", epsilon: 0.25, steps: 10 }, victim, segmentationAttacks);
 * const clean = tf.tensor4d([0.5, 0.25, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.equal(tf.argMax(adversarial, 3).dataSync()[0] === 0, false);
 * ```
 */
export const apgdStages: TaskAttackDefinition<SegmentationOutput, tf.Tensor3D> = define({
  title: "APGD in stages",
  version: 1,
  options: {
    objective: option(
      "masked-cross-entropy",
      oneOf(...LOSSES, "cross-entropy"),
      "objective of the task to maximise",
    ),
    steps,
  },
  create({ name, epsilon, objective, steps }, victim) {
    const gain = (of: string) => gainOf(segmentationObjectives, of, `set up "${name}"`);
    const climb = createClimb(name, linf, victim, {
      gain: gain(objective),
      control: gain("cross-entropy"),
      success: errors.value,
    });
    const inBall = (images: Images, clean: Images, radius: number) =>
      tf.tidy(() => linf.project(images, linf.around(clean, radius)));
    return {
      async perturb(clean, labels, random) {
        const progress = tf.scalar(1);
        const given = { labels, reference: undefined, progress, drawn: undefined };
        const first = RADII[0] * epsilon;
        let images = tf.tidy(() =>
          tf.add<Images>(clean, linf.sample(clean.shape, first, random.fork("start")))
        );
        try {
          for (const [index, stage] of stagesOf(steps).entries()) {
            const radius = stage.radius * epsilon;
            const start = inBall(images, clean, radius);
            images.dispose();
            images = start;
            const from = { start, clean, epsilon: radius, steps: stage.steps };
            images = await climb(from, given, random.fork("stage", index));
            start.dispose();
          }
          return images;
        } catch (error) {
          images.dispose();
          throw error;
        } finally {
          progress.dispose();
        }
      },
      [Symbol.dispose]: () => climb[Symbol.dispose](),
    };
  },
});

/**
 * SEA: three runs of APGD in stages, on the cross-entropy of the pixels that are still right, with classes
 * balanced and without, and on the Jensen-Shannon divergence. Of each picture the images with the fewest right
 * pixels are taken.
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
 * const forward = (images: tf.Tensor4D) => ({ logits: images, features: images });
 * const victim = createVictim({ name: "which channel?", forward, objectives: {} });
 * using attack = createAttack({ name: "sea", epsilon: 0.25, steps: 10 }, victim, segmentationAttacks);
 * assert.equal(attack.version, "sea 1 (apgd-stages 1, apgd-stages 1, apgd-stages 1)");
 * const clean = tf.tensor4d([0.5, 0.25, 0.25], [1, 1, 1, 3]);
 * const labels = tf.tensor3d([0], [1, 1, 1], "int32");
 * const adversarial = await attack.perturb(clean, labels, createRandom(1));
 * assert.equal(tf.argMax(adversarial, 3).dataSync()[0] === 0, false);
 * ```
 */
export const sea: TaskAttackDefinition<SegmentationOutput, tf.Tensor3D> = define({
  title: "SEA",
  version: 1,
  options: {
    steps: { ...steps, help: `${steps.help}; of each run` },
    members: option(
      {
        text: "apgd-stages on each of its three losses",
        derive: ({ steps: given = steps.default }) =>
          LOSSES.map((objective) => ({ name: "apgd-stages", objective, steps: given })),
      },
      members.range,
      members.help,
    ),
  },
  create(settings, victim, table) {
    return strongestOf(settings.name, victim, createMembers(settings, victim, table), errors);
  },
});
