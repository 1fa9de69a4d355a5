/**
 * The Square attack, Andriushchenko et al. 2020: random search by squares, without a gradient.
 *
 * @module
 */
import { between, flag, option, wholeFrom, word } from "../options.ts";
import type * as tf from "../tf.ts";
import { type AttackDefinition, defineAttack } from "./attack.ts";
import { decides } from "./decisions.ts";
import { norm, restarts } from "./gradient_options.ts";
import { type Gain, gainFor } from "./objective.ts";
import { margin } from "./objectives.ts";
import { l2Windows } from "./square_l2.ts";
import { linfWindows } from "./square_linf.ts";
import { createSquare } from "./square_search.ts";

import type { Victim } from "./victim.ts";

/** The margin of a victim that has logits. */
const MARGIN = "margin";

/**
 * Square: random search. A query changes a square window, the same for all images of a batch, and is kept
 * where the margin rises. It needs the victim's outputs only, so that no gradient, a broken or an approximate
 * one make no difference to it.
 *
 * Images that are misclassified already are returned unchanged, and one that has become so changes no more: those that
 * are left go on in a smaller batch.
 * A victim without one class per image, as in segmentation and detection, is attacked through the `objective` named, by all of the queries.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { ascend: _, ...blackBox } = createVictim({
 *   name: "is the sum above 5?",
 *   forward: (images) => {
 *     const sum = tf.sum(images, [1, 2, 3]);
 *     return tf.stack([tf.sub(5, sum), tf.sub(sum, 5)], 1) as tf.Tensor2D;
 *   },
 *   objectives: {},
 *   logits: (output) => output,
 *   classOf: (labels: tf.Tensor1D) => labels,
 * });
 * using attack = createAttack({ name: "square", epsilon: 0.1, queries: 200 }, blackBox);
 * const clean = tf.fill([1, 2, 2, 3], 0.5) as tf.Tensor4D;
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * assert.ok(tf.sum(adversarial).dataSync()[0] < 5);
 * ```
 */
export const square: AttackDefinition = defineAttack({
  title: "Square",
  version: 3,
  options: {
    norm,
    queries: option(5000, wholeFrom(1, 1e6), "number of windows to try"),
    initialShare: option(
      0.8,
      between(1e-6, 1),
      "share of the image that the first windows cover (p); it is halved nine times",
    ),
    rescaled: option(
      false,
      flag,
      "stretch the halving from 10,000 queries to the number of queries; AutoAttack does not",
    ),
    restarts,
    objective: option(
      MARGIN,
      word,
      "what is maximised: the margin of the logits, or an objective of the task",
    ),
  },
  create(settings, victim) {
    const gain = settings.objective === MARGIN && decides(victim)
      ? marginOf(victim)
      : gainFor(victim, settings.objective, settings.name);
    return settings.norm === "l2"
      ? createSquare(settings, victim, gain, l2Windows())
      : createSquare(settings, victim, gain, linfWindows(settings.epsilon));
  },
});

/** How far an example is past its decision boundary. */
function marginOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { logits, classOf }: Required<Pick<Victim<O, L>, "logits" | "classOf">>,
): Gain<O, L> {
  return {
    reference: false,
    value: (output, { labels }) => margin(logits(output), classOf(labels)),
  };
}
