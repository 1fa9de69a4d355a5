/**
 * Carlini and Wagner's attack of least L2 distance, 2017.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { ballAround, project, selectExamples } from "./ball.ts";
import { requireDecisions } from "./decisions.ts";
import { margin } from "./objectives.ts";
import { resolveSettings } from "./settings.ts";
import { TradeOffSearch } from "./trade_off_search.ts";

/** Keeps pixels of 0 and 1 at a finite place. */
const SHRINK = 0.999999;
/** Adam's constants. */
const BETA1 = 0.9, BETA2 = 0.999, DIVISION_GUARD = 1e-8;
/** An inner search ends when a tenth of its steps has not brought the loss below this share. */
const PROGRESS = 0.9999;

/** From [0, 1] to where any value is allowed. */
function toFree(images: Images): Images {
  return tf.atanh(tf.mul(tf.sub(tf.mul(images, 2), 1), SHRINK));
}

/** Back to [0, 1]. */
function toImages(free: tf.Tensor): Images {
  return tf.add(tf.mul(tf.tanh(free), 0.5), 0.5) as Images;
}

/** Where Adam stands. */
interface Descent extends tf.TensorContainerObject {
  readonly offset: Images;
  readonly mean: Images;
  readonly square: Images;
}

/** The nearest adversarial images so far. */
interface Nearest extends tf.TensorContainerObject {
  readonly images: Images;
  /** `[B]`, Infinity where there is none. */
  readonly distance: tf.Tensor1D;
  /** `[B]` bool, whether this inner search found one. */
  readonly found: tf.Tensor1D;
}

/**
 * Makes the C&W attack of least L2 distance: Adam on ||x - x^c||^2 + c * max(0, confidence - margin)
 * over x = (tanh(w) + 1) / 2, with a search for the smallest c of each example that works.
 *
 * Examples for which nothing is found come back clean. The result is cut to the L-infinity ball of
 * `epsilon`; Infinity leaves it as it is. Defaults: 9 searches of up to 10,000 steps each, c from
 * 0.001, Adam's rate 0.01, confidence 0. An inner search ends early once the loss of the whole batch
 * stands still.
 *
 * @param settings The ball, `steps`, `binarySearchSteps`, `initialConstant`, `learningRate`, `confidence`
 * @param victim What is attacked; it must have logits
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has no logits
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { carliniWagnerL2 } from "@realign/core/attacks";
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
 * const settings = { name: "carlini-wagner-l2", epsilon: Infinity, steps: 100, binarySearchSteps: 5 };
 * using attack = carliniWagnerL2(settings, victim);
 * const clean = tf.tensor4d([0.5, 0.5, 0.3], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([1], "int32"), createRandom(1));
 * const distance = tf.norm(tf.sub(adversarial, clean)).dataSync()[0];
 * assert.ok(Math.abs(distance - 0.3 / Math.sqrt(3)) < 0.01);
 * ```
 */
export function carliniWagnerL2<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
): Attack<L> {
  const resolved = resolveSettings(settings, {
    steps: 10000,
    binarySearchSteps: 9,
    initialConstant: 1e-3,
    learningRate: 0.01,
    confidence: 0,
    targeted: false,
  }, { unbounded: true });
  const { logits, classOf } = requireDecisions(victim, resolved.name);
  const { confidence, learningRate, steps } = resolved;
  const direction = resolved.targeted ? -1 : 1;

  const begin = record(({ clean }: { clean: Images }) => {
    const free = toFree(clean);
    return { free, origin: toImages(free) };
  }, { name: `${resolved.name}: start` });

  interface Inputs extends tf.TensorContainerObject {
    readonly clean: Images;
    readonly free: Images;
    readonly origin: Images;
    readonly labels: L;
    /** `[B]` c of the objective. */
    readonly constants: tf.Tensor1D;
    /** 1 - beta1^t */
    readonly meanCorrection: tf.Scalar;
    /** 1 - beta2^t */
    readonly squareCorrection: tf.Scalar;
    readonly descent: Descent;
    readonly nearest: Nearest;
  }

  const advance = record((inputs: Inputs) => {
    const { clean, free, origin, labels, constants, descent, nearest } = inputs;
    const gapOf = (images: Images) =>
      tf.mul(margin(logits(victim.forward(images)), classOf(labels)), direction);
    // The gap rides along as a second column that no gradient is asked of.
    const batch = clean.shape[0];
    const onlyLoss = tf.stack([tf.ones([batch]), tf.zeros([batch])], 1);
    const { value, grad } = tf.valueAndGrad((offset) => {
      const images = toImages(tf.add(free, offset));
      const gap = gapOf(images);
      const hinge = tf.mul(constants, tf.relu(tf.sub(confidence, gap)));
      const distance = tf.sum(tf.square(tf.sub(images, origin)), [1, 2, 3]);
      return tf.stack([tf.add(hinge, distance), gap], 1);
    })(descent.offset, onlyLoss);
    const [losses, gap] = tf.unstack(value, 1) as tf.Tensor1D[];

    const mean = tf.add(tf.mul(descent.mean, BETA1), tf.mul(grad, 1 - BETA1)) as Images;
    const square = tf.add(
      tf.mul(descent.square, BETA2),
      tf.mul(tf.square(grad), 1 - BETA2),
    ) as Images;
    const scale = tf.add(tf.sqrt(tf.div(square, inputs.squareCorrection)), DIVISION_GUARD);
    const step = tf.mul(tf.div(tf.div(mean, inputs.meanCorrection), scale), learningRate);

    const images = toImages(tf.add(free, descent.offset));
    const distance = tf.sqrt(tf.sum(tf.square(tf.sub(images, clean)), [1, 2, 3])) as tf.Tensor1D;
    const fools = tf.greater(gap, confidence) as tf.Tensor1D;
    const better = tf.logicalAnd(fools, tf.less(distance, nearest.distance)) as tf.Tensor1D;
    return {
      loss: tf.sum(losses) as tf.Scalar,
      descent: { offset: tf.sub(descent.offset, step) as Images, mean, square },
      nearest: {
        images: selectExamples(better, images, nearest.images),
        distance: tf.where(better, distance, nearest.distance),
        found: tf.logicalOr(nearest.found, fools) as tf.Tensor1D,
      },
    };
  }, { name: `${resolved.name}: step` });

  /** One descent with given constants; takes ownership of `nearest` and gives it back improved. */
  async function descend(
    fixed: Pick<Inputs, "clean" | "free" | "origin" | "labels" | "constants">,
    nearest: Nearest,
  ): Promise<Nearest> {
    const zeros = () => tf.zerosLike(fixed.clean);
    let current = { descent: { offset: zeros(), mean: zeros(), square: zeros() }, nearest };
    let lastLoss = Infinity;
    try {
      for (let step = 0; step < steps; step++) {
        const meanCorrection = tf.scalar(1 - BETA1 ** (step + 1));
        const squareCorrection = tf.scalar(1 - BETA2 ** (step + 1));
        const { loss, ...next } = advance({
          ...fixed,
          ...current,
          meanCorrection,
          squareCorrection,
        });
        tf.dispose([meanCorrection, squareCorrection]);
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
    name: resolved.name,
    settings: resolved,
    async perturb(clean, labels) {
      const [batch] = clean.shape;
      const { free, origin } = begin({ clean });
      const search = new TradeOffSearch(
        batch,
        resolved.initialConstant,
        resolved.binarySearchSteps,
      );
      let nearest: Nearest = {
        images: tf.clone(clean),
        distance: tf.fill([batch], Infinity),
        found: tf.zeros([batch], "bool"),
      };
      try {
        for (const values of search) {
          nearest.found.dispose();
          const found = tf.zeros<tf.Rank.R1>([batch], "bool");
          const constants = tf.tensor1d([...values]);
          const fixed = { clean, free, origin, labels, constants };
          nearest = await descend(fixed, { ...nearest, found }).finally(() => constants.dispose());
          search.report(await nearest.found.data());
        }
        const { images } = nearest;
        return tf.tidy(() => project(images, ballAround(clean, resolved.epsilon)));
      } finally {
        tf.dispose([free, origin, nearest]);
      }
    },
    [Symbol.dispose]() {
      begin[Symbol.dispose]();
      advance[Symbol.dispose]();
    },
  };
}
