/**
 * What tests of segmentation have in common.
 *
 * @module
 */
import { createRandom, IGNORED_CLASS, type Images } from "@realign/core";
import { createVictim, type Victim } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import type { SegmentationAnnotation } from "./labels.ts";
import type { SegmentationOutput } from "./models/mod.ts";
import { segmentationObjectives } from "./objectives.ts";

/** A label map from rows of classes. */
export function labelMapOf(...rows: number[][]): SegmentationAnnotation {
  const classes = Uint8Array.from(rows.flat());
  return { labelMap: { height: rows.length, width: rows[0].length, classes } };
}

/** A label map of random classes, every seventh pixel ignored. */
export function randomLabelMap(
  seed: number,
  [height, width]: readonly [number, number],
  classCount: number,
): SegmentationAnnotation {
  const random = createRandom(seed, "labels");
  const classes = Uint8Array.from(
    { length: height * width },
    (_, index) => index % 7 === 3 ? IGNORED_CLASS : random.integer(classCount),
  );
  return { labelMap: { height, width, classes } };
}

/** A network that decides about each pixel by a linear function of its colour: `weights` `[K][3]`. */
export function linearVictim(
  weights: readonly (readonly number[])[],
  bias: readonly number[],
): Victim<SegmentationOutput, tf.Tensor3D> & { predict(images: Images): SegmentationOutput } {
  const count = weights.length;
  const predict = (images: Images) => {
    const filter = tf.transpose(tf.tensor2d(weights.map((row) => [...row])));
    const kernel = tf.reshape(filter, [1, 1, 3, count]) as tf.Tensor4D;
    const logits = tf.add(tf.conv2d(images, kernel, 1, "valid"), tf.tensor1d([...bias]));
    return { logits: logits as tf.Tensor4D, features: images };
  };
  const model = { name: "linear", objectives: segmentationObjectives, forward: predict };
  return { ...createVictim<SegmentationOutput, tf.Tensor3D>(model), predict };
}
