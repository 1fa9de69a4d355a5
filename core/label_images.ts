/**
 * Labels drawn as pictures, a channel for each class.
 *
 * @module
 */
import type { LabelImages } from "./task.ts";
import * as tf from "./tf.ts";

/**
 * Draws one class per image: its channel is 1 everywhere.
 *
 * @param classCount K
 * @returns From classes `[B]`, int32 in `[0, K)`, to pictures `[B, H, W, K]`
 *
 * @example Usage
 * ```ts
 * import { constantLabelImages } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { draw } = constantLabelImages(3);
 * const drawn = draw(tf.tensor1d([2], "int32"), [1, 2]);
 * assert.deepEqual(drawn.arraySync(), [[[[0, 0, 1], [0, 0, 1]]]]);
 * ```
 */
export function constantLabelImages(classCount: number): LabelImages<tf.Tensor1D> {
  return {
    channels: classCount,
    draw(labels, [height, width]) {
      const marks = tf.cast(
        tf.equal(tf.expandDims(labels, 1), tf.range(0, classCount, 1, "int32")),
        "float32",
      );
      return tf.tile(tf.reshape(marks, [-1, 1, 1, classCount]), [1, height, width, 1]);
    },
  };
}
