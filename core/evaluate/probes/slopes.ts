/**
 * Gradients of a probe: whether there are any, and where an attack that follows them ends.
 *
 * @module
 */
import { ballAround, project } from "../../attacks/ball.ts";
import { decides, misclassified } from "../../attacks/decisions.ts";
import { margin } from "../../attacks/objectives.ts";
import type { Ascent, Query, Victim } from "../../attacks/victim.ts";
import type { Images } from "../../dataset.ts";
import { HeldTensors } from "../../held_tensors.ts";
import * as tf from "../../tf.ts";
import { type Asked, lossOf } from "./subject.ts";
import type { Tally } from "./tally.ts";
import { readTrace, type Trace } from "./trace.ts";

/** Steps of both attacks. */
const STEPS = 20;

/** Length of a step, as a share of epsilon. */
const STEP = 0.25;

/** The same within the whole box, which is crossed twice. */
const WIDE_STEP = 0.1;

interface Given<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly labels: L;
}

/** The loss's gradient; `read` has a 1 for each example that is right. */
type Slope<L extends tf.TensorContainer> = Query<Given<L>, Ascent<tf.Tensor1D>>;

/** Gradients of a system; dispose it. */
export interface Slopes<L> extends Disposable {
  /** Takes the numbers of a batch up; attacks stay within `epsilon`, then within the whole box. */
  measure(asked: Asked<L>, tally: Tally, epsilon: number): Promise<void>;
}

/** Prepares the gradients of a victim; undefined if it has none. */
export function createSlopes<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
): Slopes<L> | undefined {
  const loss = lossOf(victim);
  const ascend = victim.ascend?.bind(victim);
  if (!loss || !ascend) return undefined;
  const deciding = decides(victim) ? victim : undefined;
  const slope: Slope<L> = ascend((output: O, { labels }: Given<L>) => {
    const gain = loss(output, labels);
    if (!deciding) return { gains: [gain], read: tf.onesLike(gain) };
    const right = tf.logicalNot(misclassified(deciding, deciding.logits(output), labels));
    return { gains: [gain], read: tf.cast(right, "float32") as tf.Tensor1D };
  }, "probe: gradient");
  const marginal = deciding && ascend((output: O, { labels }: Given<L>) => ({
    gains: [margin(deciding.logits(output), deciding.classOf(labels))],
    read: [],
  }), "probe: gradient of the margin");
  return {
    async measure(asked, tally, epsilon) {
      const { images, labels, random, count } = asked;
      {
        using held = new HeldTensors();
        const { gradients: [gradient] } = held.keep(
          await slope(images, { labels }, random.fork("gradient")),
        );
        await countEntries(gradient, count, tally);
        if (marginal) {
          const { gradients } = held.keep(
            await marginal(images, { labels }, random.fork("margin")),
          );
          tally.add("imagesWithoutMarginGradient", await without(gradients[0], count));
        }
      }
      const near = await climb(slope, { ...asked, random: random.fork("near") }, {
        epsilon,
        stepSize: STEP * epsilon,
      });
      const { silent, rises } = readTrace(near, count, deciding !== undefined);
      tally.add("silentSuccesses", silent);
      tally.add("lossRiseAtEnd", rises);
      if (!deciding) return;
      const wide = { epsilon: 1, stepSize: WIDE_STEP };
      const far = await climb(slope, { ...asked, random: random.fork("far") }, wide);
      tally.add("unconstrainedSurvivors", readTrace(far, count, true).surviving);
    },
    [Symbol.dispose]() {
      slope[Symbol.dispose]();
      marginal?.[Symbol.dispose]();
    },
  };
}

/** Takes up which entries of the loss's gradient are zero or not numbers, and which images have none. */
async function countEntries(gradient: Images, count: number, tally: Tally): Promise<void> {
  using held = new HeldTensors();
  const share = (mask: tf.Tensor) => tf.mean(tf.cast(mask, "float32"), [1, 2, 3]);
  const [zeros, broken] = held.keep(
    tf.tidy(() => [share(tf.equal(gradient, 0)), share(tf.isNaN(gradient))]),
  );
  const [zero, notANumber] = await Promise.all([zeros.data(), broken.data()]);
  tally.add("zeroGradientEntries", zero.slice(0, count));
  tally.add("notANumberGradientEntries", notANumber.slice(0, count));
  tally.add(
    "imagesWithoutGradient",
    Array.from(zero.slice(0, count), (share) => Number(share === 1)),
  );
}

/** A 1 for each image whose gradient is zero everywhere. */
async function without(gradient: Images, count: number): Promise<number[]> {
  using held = new HeldTensors();
  const lengths = held.keep(tf.tidy(() => tf.sum(tf.abs(gradient), [1, 2, 3])));
  return Array.from((await lengths.data()).slice(0, count), (length) => Number(length === 0));
}

/** Follows the gradient's sign from the clean images. */
async function climb<L extends tf.TensorContainer>(
  slope: Slope<L>,
  { images: clean, labels, random }: Asked<L>,
  { epsilon, stepSize }: { readonly epsilon: number; readonly stepSize: number },
): Promise<Trace> {
  using held = new HeldTensors();
  const ball = held.keep(tf.tidy(() => ballAround(clean, epsilon)));
  const seen: { readonly gain: tf.Tensor1D; readonly right: tf.Tensor1D }[] = [];
  let images = tf.clone(clean);
  try {
    for (let step = 0; step <= STEPS; step++) {
      const { gains: [gain], gradients: [gradient], read: right } = await slope(
        images,
        { labels },
        random.fork("step", step),
      );
      seen.push(held.keep({ gain, right }));
      const before = images;
      images = tf.tidy(() =>
        project(tf.add<Images>(before, tf.mul(stepSize, tf.sign(gradient))), ball)
      );
      tf.dispose([before, gradient]);
    }
  } finally {
    images.dispose();
  }
  const [losses, rights] = held.keep(tf.tidy(() => [
    tf.stack(seen.map(({ gain }) => gain)),
    tf.stack(seen.map(({ right }) => right)),
  ])) as tf.Tensor2D[];
  return { losses: await losses.array(), right: await rights.array() };
}
