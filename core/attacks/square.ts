/**
 * The Square attack, Andriushchenko et al. 2020: random search by squares, without a gradient.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { between, flag, option, wholeFrom, word } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { selectExamples } from "./ball.ts";
import { decides } from "./decisions.ts";
import { norm, restarts } from "./gradient_options.ts";
import { createComparison, givenFor, type Iterate, strongestImages, verdict } from "./judge.ts";
import { type Gain, gainFor, type Given } from "./objective.ts";
import { margin } from "./objectives.ts";
import { l2Windows } from "./square_l2.ts";
import { linfWindows } from "./square_linf.ts";
import { shareOf, type Windows } from "./square_windows.ts";
import type { Victim } from "./victim.ts";

/** Queries between two looks at whether all are fooled. */
const LOOK_EVERY = 20;

/** The margin of a victim that has logits. */
const MARGIN = "margin";

/**
 * Square: random search. A query changes a square window, the same for all images of a batch, and is kept
 * where the margin rises. It needs the victim's outputs only, so that no gradient, a broken or an approximate
 * one make no difference to it.
 *
 * Images that are misclassified already are returned unchanged, and one that has become so changes no more.
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
  version: 1,
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

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly norm: "linf" | "l2";
  readonly queries: number;
  readonly initialShare: number;
  readonly rescaled: boolean;
  readonly restarts: number;
}

function createSquare<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  Bounds extends tf.TensorContainerObject,
>(
  settings: Settings,
  victim: Victim<O, L>,
  gain: Gain<O, L>,
  windows: Windows<Bounds>,
): Perturber<L> {
  const { name, epsilon, queries, initialShare, restarts } = settings;
  const comparison = createComparison(name, victim, gain, false);
  const judged = verdict(victim, gain, false);

  const start = record(
    ({ clean, bounds, change }: { clean: Images; bounds: Bounds; change: tf.Tensor4D }) =>
      windows.start(clean, bounds, change),
    { name: `${name}: start` },
  );
  const propose = record(
    ({ best, bounds, drawn }: {
      best: Images;
      bounds: Bounds;
      drawn: tf.TensorContainerObject;
    }) => windows.propose(best, bounds, drawn),
    { name: `${name}: window` },
  );

  interface Asked extends tf.TensorContainerObject {
    readonly given: Given<O, L>;
    readonly images: Images;
    readonly best: Iterate;
  }
  /** The best images, with a candidate where it is better and the best has not succeeded yet. */
  const accept = victim.forward((output: O, { given, images, best }: Asked): Iterate => {
    const { gain, success } = judged(output, given);
    const better = tf.logicalAnd(
      tf.equal(best.success, 0),
      tf.logicalOr(tf.greater(success, 0), tf.greater(gain, best.gain)),
    ) as tf.Tensor1D;
    return {
      images: selectExamples(better, images, best.images),
      success: tf.where(better, success, best.success),
      gain: tf.where(better, gain, best.gain),
    };
  }, `${name}: query`);

  /** Whether there is nothing left to fool. */
  async function isDone({ success }: Iterate): Promise<boolean> {
    return decides(victim) && (await success.data()).every((value) => value !== 0);
  }

  async function search(
    clean: Images,
    bounds: Bounds,
    given: Given<O, L>,
    random: Random,
  ): Promise<Images> {
    const before = await comparison.judge(clean, given, random.fork("clean"));
    // Whatever the start gains, it takes the place of the clean image.
    let best: Iterate = {
      images: tf.clone(clean),
      success: before.success,
      gain: tf.fill([clean.shape[0]], -1e30) as tf.Tensor1D,
    };
    before.gain.dispose();
    const query = async (images: Images, stream: Random) => {
      const next = await accept(images, { given, images, best }, stream.fork("query"));
      tf.dispose(best);
      best = next;
    };
    try {
      if (await isDone(best)) return tf.clone(best.images);
      {
        using held = new HeldTensors();
        const change = held.keep(windows.drawStart(clean.shape, random.fork("start")));
        await query(held.keep(start({ clean, bounds, change })), random.fork("start"));
      }
      for (let index = 0; index < queries; index++) {
        if (index % LOOK_EVERY === 0 && await isDone(best)) break;
        using held = new HeldTensors();
        const share = shareOf(index, initialShare, settings.rescaled ? queries : undefined);
        const stream = random.fork("window", index);
        const drawn = held.keep(windows.draw(clean.shape, share, stream));
        await query(held.keep(propose({ best: best.images, bounds, drawn })), stream);
      }
      return tf.clone(best.images);
    } finally {
      tf.dispose(best);
    }
  }

  return {
    norm: settings.norm,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const bounds = held.keep(tf.tidy(() => windows.around(clean, epsilon)));
      const given = await givenFor(comparison, clean, labels, random, held);
      const run = (restart: number) =>
        search(clean, bounds, given, random.fork("restart", restart));
      if (restarts === 1) return await run(0);
      return await strongestImages(comparison.judge, restarts, run, given, random);
    },
    [Symbol.dispose]() {
      for (const part of [comparison, start, propose, accept]) part[Symbol.dispose]();
    },
  };
}
