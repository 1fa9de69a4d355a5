/**
 * What a page computes, as one function that can be recorded: a restored image, the target's outputs with and without
 * the defense, and for each the loss that an attack ascends with its gradient.
 *
 * @module
 */
import type { Images } from "@realign/core";
import * as tf from "@realign/core/tf";

/** A function of images that can be recorded. */
type ImageFunction = (images: Images) => tf.NamedTensorMap;

/** The parts. */
export interface PageParts {
  /** From images to the target's outputs. */
  readonly target: ImageFunction;
  /** From images to "restored", and the target's outputs on that. */
  readonly system: ImageFunction;
  /** Names of the outputs that the page shows; the first is attacked. */
  readonly outputs: readonly string[];
}

/**
 * Makes the function.
 *
 * @param parts The networks
 * @returns From "images" `[1, H, W, 3]` and "reference", the attacked output on the clean image, to "restored",
 * "target.NAME" and "system.NAME" for each output, and "gain" and "gradient" of both
 */
export function pageFunction(
  { target, system, outputs }: PageParts,
): (inputs: tf.NamedTensorMap) => tf.NamedTensorMap {
  const [attacked] = outputs;
  const climbs = (name: string, compute: ImageFunction, images: Images, reference: tf.Tensor) => {
    const { value, grad } = tf.valueAndGrad((x) =>
      gainOf(attacked, compute(x as Images)[attacked], reference)
    )(images);
    return { [`${name}.gain`]: tf.reshape(value, [1]), [`${name}.gradient`]: grad };
  };
  return (inputs) => {
    const [images, reference] = [inputs.images as Images, inputs.reference];
    const [own, behind] = [target(images), system(images)];
    const named = (name: string, found: tf.NamedTensorMap) =>
      Object.fromEntries(outputs.map((output) => [`${name}.${output}`, found[output]]));
    return {
      restored: behind.restored,
      ...named("target", own),
      ...named("system", behind),
      ...climbs("target", target, images, reference),
      ...climbs("system", system, images, reference),
    };
  };
}

/**
 * What an attack ascends: the mean cross-entropy of logits against the classes that they gave to the clean image; of
 * other outputs the squared distance from those on the clean image.
 */
function gainOf(name: string, output: tf.Tensor, reference: tf.Tensor): tf.Tensor {
  if (name !== "logits") return tf.sum(tf.square(tf.sub(output, reference)));
  const classCount = output.shape.at(-1)!;
  const classes = tf.oneHot(tf.argMax(reference, -1) as tf.Tensor1D, classCount);
  return tf.neg(tf.mean(tf.sum(tf.mul(classes, tf.logSoftmax(output)), -1)));
}
