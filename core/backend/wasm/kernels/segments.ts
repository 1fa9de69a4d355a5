/**
 * Sums of segments (the gradient of `tf.gather`), which the wasm backend lacks.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { registerComposed } from "./register.ts";

interface SegmentInputs {
  readonly x: tf.Tensor;
  readonly segmentIds: tf.Tensor;
}

/** Registers the sum of rows by segment. */
export function registerSegmentSum(): void {
  registerComposed(
    tf.UnsortedSegmentSum,
    ({ x, segmentIds }: SegmentInputs, attributes: { readonly numSegments: number }) => {
      const { numSegments } = attributes;
      return tf.scatterND(tf.reshape(segmentIds, [-1, 1]), x, [numSegments, ...x.shape.slice(1)]);
    },
  );
}
