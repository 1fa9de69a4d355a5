/**
 * Forward passes of a probe: whether predictions stand still, what they look like, whether noise moves the loss.
 *
 * @module
 */
import { record } from "../../backend/record.ts";
import type { Images } from "../../dataset.ts";
import { answerBehind } from "../../defenses/behind.ts";
import { HeldTensors } from "../../held_tensors.ts";
import type { Random } from "../../random.ts";
import * as tf from "../../tf.ts";
import { type Asked, lossOf, type Subject } from "./subject.ts";
import type { Tally } from "./tally.ts";

/** Repeated passes over the same images, as AutoAttack's check of random defenses has. */
const REPEATS = 5;

/** AutoAttack: logits of unit length that move by more are of a random defense. */
const MOVED = 1e-4;

/** AutoAttack: how near outputs must be to [0, 1] and a sum of 1 to be probabilities. */
const NEAR = 1e-5;

/** Draws of noise. */
const DRAWS = 5;

/** A pixel this near to 0 or 1 is beyond |8| before a tanh, whose slope there is below 5e-7. */
const SATURATED = 1e-6;

/** Nearer to 0 or 1 than this, an image's own pixel may well be black or white. */
const OWN = 1 / 255;

/** What a pass gives, on this side. */
interface Seen {
  readonly losses: Float32Array;
  readonly logits?: number[][];
}

/** Forward passes of a system; dispose it. */
export interface Passes<L> extends Disposable {
  /**
   * @param asked The images
   * @param tally Takes the numbers up
   * @param radius Of the noise
   */
  measure(asked: Asked<L>, tally: Tally, radius: number): Promise<void>;
}

/** Prepares the passes of a system. */
export function createPasses<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  subject: Subject<O, L>,
): Passes<L> {
  const { task, target, defense } = subject;
  const objective = lossOf(task);
  const answer = answerBehind(subject);
  interface Inputs extends tf.TensorContainerObject {
    readonly images: Images;
    readonly labels: L;
  }
  const pass = record(
    ({ images, labels }: Inputs) => {
      const output = answer(images);
      return {
        losses: objective ? objective(output, labels) : tf.zeros<tf.Rank.R1>([images.shape[0]]),
        ...task.logits && task.classOf && { logits: tf.clone(task.logits(output)) },
      };
    },
    { name: "probe: pass", variables: target.parameters.variables },
  );

  async function see(images: Images, { labels, random }: Asked<L>, tally?: Tally): Promise<Seen> {
    using held = new HeldTensors();
    const restored = held.keep(
      defense ? await defense.restore(images, random) : tf.clone(images),
    );
    if (tally && defense && !defense.changesSize) {
      tally.add("saturatedOutputs", [await saturated(images, restored)]);
    }
    const { losses, logits } = held.keep(pass({ images: restored, labels }));
    return {
      losses: await losses.data<"float32">(),
      ...logits && { logits: await logits.array() },
    };
  }

  return {
    async measure(asked, tally, radius) {
      const { images, count, random } = asked;
      const again = (name: string, index: number, tally?: Tally) =>
        see(images, { ...asked, random: random.fork(name, index) }, tally);
      const first = await again("repeat", 0, tally);
      if (first.logits) {
        const own = first.logits.slice(0, count);
        const others: number[][][] = [];
        for (let repeat = 1; repeat < REPEATS; repeat++) {
          others.push((await again("repeat", repeat)).logits!);
        }
        const anyOther = (differs: (other: number[], row: number) => boolean) =>
          own.map((_, row) => Number(others.some((other) => differs(other[row], row))));
        tally.add("changedPredictions", anyOther((other, row) => best(other) !== best(own[row])));
        tally.add("changedLogits", anyOther((other, row) => distance(other, own[row]) > MOVED));
        tally.add("probabilities", own.map(isProbabilities));
      }
      if (!objective) return;
      // The same draw of a random defense on both sides: only the images differ.
      const base = await again("noise", 0);
      for (let draw = 0; draw < DRAWS; draw++) {
        using held = new HeldTensors();
        const noise = random.fork("uniform", draw);
        const noisy = held.keep(tf.tidy(() => shaken(images, radius, noise)));
        const { losses } = await see(noisy, { ...asked, random: random.fork("noise", 0) });
        tally.add(
          "lossChangeByNoise",
          Array.from(
            base.losses.slice(0, count),
            (loss, row) => Math.min(1, Math.abs(losses[row] - loss) / Math.max(1, Math.abs(loss))),
          ),
        );
      }
    },
    [Symbol.dispose]: () => pass[Symbol.dispose](),
  };
}

/** Images with uniform noise within a radius, clipped to [0, 1]. */
function shaken(images: Images, radius: number, random: Random): Images {
  const noise = tf.tensor4d(random.uniforms(images.size, -radius, radius), images.shape);
  return tf.clipByValue(tf.add(images, noise), 0, 1);
}

/** The share of pixels that a defense made black or white where the image's own are neither. */
async function saturated(images: Images, restored: Images): Promise<number> {
  using held = new HeldTensors();
  const within = (tensor: tf.Tensor, edge: number) =>
    tf.less(tf.abs(tf.sub(tensor, 0.5)), 0.5 - edge);
  const [hit, all] = held.keep(tf.tidy(() => {
    const own = within(images, OWN);
    const made = tf.logicalAnd(own, tf.logicalNot(within(restored, SATURATED)));
    return [made, own].map((mask) => tf.sum(tf.cast(mask, "float32")));
  }));
  const [[saturated], [total]] = await Promise.all([hit.data(), all.data()]);
  return saturated / total;
}

const best = (logits: readonly number[]) => logits.indexOf(Math.max(...logits));

const length = (values: readonly number[]) => Math.hypot(...values) || 1;

/** Between two lists, each scaled to length 1. */
const distance = (one: readonly number[], other: readonly number[]) => {
  const [a, b] = [length(one), length(other)];
  return Math.hypot(...one.map((value, index) => value / a - other[index] / b));
};

const isProbabilities = (logits: readonly number[]) =>
  Number(
    logits.every((value) => value >= -NEAR && value <= 1 + NEAR) &&
      Math.abs(logits.reduce((sum, value) => sum + value, 0) - 1) <= NEAR,
  );
