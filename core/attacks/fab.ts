/**
 * FAB, Croce and Hein 2020: the nearest adversarial image, along projections onto linearised decision
 * boundaries within [0, 1].
 *
 * @module
 */
import { option, wholeFrom } from "../options.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { requireDecisions } from "./decisions.ts";
import { createFab } from "./fab_search.ts";
import { norm, restarts, steps } from "./gradient_options.ts";

const shared = {
  norm,
  steps: option(100, steps.range, "steps of each search"),
  restarts: option(
    1,
    restarts.range,
    "searches for the same boundary; the first starts at the clean image, further ones at random",
  ),
};

/**
 * FAB against the nearest of all other classes. Each step takes one gradient per other class: with many
 * classes, "fab-t" is far cheaper.
 *
 * A step projects the iterate and the clean image onto the boundary of the linearised network, and goes to a
 * mixture of both, 1.05 times as far. What is misclassified is kept if it is nearer than all before, and
 * then drawn back to 0.9 times its distance. An example succeeds if the least distance is at most epsilon;
 * all others, and those that are misclassified already, are returned clean.
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
 * using attack = createAttack({ name: "fab", epsilon: 0.25 }, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * const distance = tf.max(tf.abs(tf.sub(adversarial, clean))).dataSync()[0];
 * assert.ok(distance >= 0.1 && distance < 0.102);
 * ```
 */
export const fab: AttackDefinition = defineAttack({
  title: "FAB",
  version: 2,
  options: shared,
  create: (settings, victim) =>
    createFab(settings, requireDecisions(victim, settings.name), {
      count: Infinity,
      rounds: (others) => [others],
    }),
});

/**
 * FAB-T: FAB against one class at a time, the likeliest others of the clean image first. Each attacks only
 * what was not fooled before.
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
 * // 0.1 away from the boundary.
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * for (const [epsilon, succeeds] of [[0.098, false], [0.105, true]] as const) {
 *   using attack = createAttack({ name: "fab-t", epsilon }, victim);
 *   const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 *   assert.equal(tf.max(tf.abs(tf.sub(adversarial, clean))).dataSync()[0] > 0, succeeds);
 * }
 * ```
 */
export const fabTargeted: AttackDefinition = defineAttack({
  title: "FAB-T",
  version: 2,
  options: {
    ...shared,
    targets: option(
      9,
      wholeFrom(1),
      "number of likeliest other classes to try, one after the other; at most as many as there are",
    ),
  },
  create: (settings, victim) =>
    createFab(settings, requireDecisions(victim, settings.name), {
      count: settings.targets,
      rounds: (others) => others.map((other) => [other]),
    }),
});
