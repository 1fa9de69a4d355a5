/**
 * FPD, the Feature Pyramid Decoder.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { meanSquaredDifference, stopGradient } from "../losses/mod.ts";
import { createFpd, gramTerm } from "../networks/fpd.ts";
import { above, atLeast, flag, oneOf, option, type ValuesOf, wholeFrom } from "../options.ts";
import { adam } from "../paper_settings.ts";
import * as tf from "../tf.ts";
import { meanOfWorkers } from "../workers/exchange.ts";
import { adamAt, defineRecipe, objectiveIn, type RecipeBatch } from "./recipe.ts";

const options = {
  encoder: option("resnet50", oneOf("resnet18", "resnet50", "resnet101"), "The encoder"),
  width: option(
    64,
    wholeFrom(4, 1024),
    "Channels of the encoder's first convolution, a multiple of 4",
  ),
  front: option(true, flag, "Whether the image's own Gram term is added to what is decoded"),
  noise: option(0.01, atLeast(0), "Bound of the uniform noise on x^c"),
  threshold: option(
    3,
    atLeast(0),
    "Mean squared error above which only images are learned, the first phase",
  ),
  secondPass: option(
    true,
    flag,
    "Whether restored images are restored once more, with the same losses",
  ),
  largestGradient: option(5, above(0), "Bound of the norm of all gradients together"),
  reconstructionWeight: option(1, atLeast(0), "Weight of the mean squared error"),
  taskWeight: option(1, atLeast(0), "Weight of O's loss in the second phase"),
};
type Values = ValuesOf<typeof options>;

/** x^c with noise, and x^a: 2 B images. */
const noisyAndAdversarial = ({ clean, adversarial, noise }: RecipeBatch, values: Values): Images =>
  tf.concat([tf.add(clean, tf.mul(noise.uniform, values.noise)), adversarial], 0) as Images;

/**
 * FPD (Li et al. 2020): an encoder's pyramid of maps, decoded to an image. It learns x^c from x^c with noise and from
 * x^a in two phases, chosen in every step: while the mean squared error is above `threshold`, that alone; then O's loss
 * as well, and both again for what is restored a second time.
 *
 * As published: decoder, denoising blocks, ELU, noise of ±.01, gradients of a norm of at most 5, and the threshold of 3,
 * which images in [0, 1] exceed only at first: set it to .02 or so for a longer first phase. The error is that of what is decoded, before the Gram term of
 * the image (`front`) is added; with it bright images leave [0, 1], and are clipped.
 *
 * Not as published: there the encoder is the classifier itself, trained along, with dropout and tanh of its logits. Here
 * O is frozen, and the encoder a ResNet of its own. Both passes are one move, where there are two. "original": Adam at 1e-4, batch 100, 100 epochs, and the attack of the published third phase.
 */
export const fpd = defineRecipe({
  title: "FPD",
  source: "Li et al. 2020",
  needs: ["attack"],
  options,
  original: ({ attack }) => ({
    train: { batchSize: 100, epochs: 100, ...adamAt(1e-4, { ...adam, beta1: 0.9 }) },
    attack: {
      name: "pgd",
      epsilon: 8 / 255,
      steps: 40,
      stepSize: 2 / 255,
      ...objectiveIn(attack),
    },
  }),
  createRestorer: (values, _size, random) => createFpd(values, random),
  draw: (shape, random) => {
    const size = tf.util.sizeFromShape(shape);
    return { uniform: tf.tensor(random.uniforms(size, -1, 1), shape) };
  },
  inputs: noisyAndAdversarial,
  largestGradient: ({ largestGradient }) => largestGradient,
  terms({ restored, restore, labels, task, target, ...batch }, values) {
    const { front, threshold, secondPass, reconstructionWeight, taskWeight } = values;
    const wholes = tf.concat([batch.clean, batch.clean], 0) as Images;
    const errorOf = (images: Images, seen: Images) =>
      meanSquaredDifference(front ? tf.sub(images, gramTerm(seen)) : images, wholes);
    const taskLossOf = (images: Images) =>
      tf.mean(tf.stack(
        tf.split(images, 2).map((half) => task.taskLoss(target.forward(half as Images), labels)),
      )) as tf.Scalar;
    const error = errorOf(restored, noisyAndAdversarial(batch, values));
    // 1 in the second phase, of all workers at once; recorded steps have no branches.
    const whole = meanOfWorkers(stopGradient(error));
    const isSecond = stopGradient(tf.cast(tf.lessEqual(whole, threshold), "float32"));
    const gated = (weight: number, loss: () => tf.Scalar) => ({
      weight,
      compute: () => tf.mul(loss(), isSecond) as tf.Scalar,
    });
    // As O and the second pass will see them.
    const visible = tf.clipByValue(restored, 0, 1) as Images;
    let second: Images | undefined;
    const again = () => second ??= restore(visible);
    const share = secondPass ? 1 : 0;
    return {
      reconstruction: { weight: reconstructionWeight, compute: () => error },
      task: gated(taskWeight, () => taskLossOf(visible)),
      secondReconstruction: gated(share * reconstructionWeight, () => errorOf(again(), visible)),
      secondTask: gated(
        share * taskWeight,
        () => taskLossOf(tf.clipByValue(again(), 0, 1) as Images),
      ),
    };
  },
});
