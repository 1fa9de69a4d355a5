/**
 * Mean intersection over union of whole pictures that a network sees window by window.
 *
 * @module
 */
import { type Metric, resizeImages } from "@realign/core";
import * as tf from "@realign/core/tf";
import { createMeanIou, type SegmentationLogits } from "./metric.ts";
import type { WindowGrid } from "./windows.ts";

/** The softmax of one window and its labels, the right way round. */
async function readWindow(
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  row: number,
  isMirrored: boolean,
): Promise<{ shares: Float32Array; classes: Int32Array }> {
  const [, height, width] = labels.shape;
  const tensors = tf.tidy(() => {
    const [, h, w, classCount] = logits.shape;
    const own = tf.slice(logits, [row, 0, 0, 0], [1, h, w, classCount]);
    const shares = tf.softmax(resizeImages(own, [height, width]));
    const classes = tf.slice(labels, [row, 0, 0], [1, height, width]);
    if (!isMirrored) return { shares, classes: tf.clone(classes) };
    return { shares: tf.reverse(shares, 2), classes: tf.reverse(classes, 2) };
  });
  const [shares, classes] = await Promise.all([
    tensors.shares.data<"float32">(),
    tensors.classes.data<"int32">(),
  ]);
  tf.dispose([tensors.shares, tensors.classes]);
  return { shares, classes };
}

/**
 * Makes `createMeanIou` over whole pictures: the softmax of each window is added up where windows overlap, and the
 * greatest sum is a pixel's class. Windows must come in the order of the grid, picture by picture.
 *
 * @param grid The windows
 * @param classCount K
 * @param classNames To name absent classes by
 * @returns The metric; its `count` is that of whole pictures, and windows of an unfinished one are left out
 */
export function createWindowedMeanIou(
  { picture: [height, width], size: [rows, columns], windows }: WindowGrid,
  classCount: number,
  classNames?: readonly string[],
): Metric<SegmentationLogits, tf.Tensor3D> {
  const whole = createMeanIou(classCount, classNames);
  const sums = new Float32Array(height * width * classCount);
  const truth = new Int32Array(height * width);
  let next = 0;

  const add = (shares: Float32Array, classes: Int32Array) => {
    const { top, left } = windows[next];
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const [from, to] = [y * columns + x, (top + y) * width + left + x];
        truth[to] = classes[from];
        for (let index = 0; index < classCount; index++) {
          sums[to * classCount + index] += shares[from * classCount + index];
        }
      }
    }
  };
  const finish = async () => {
    const logits = tf.tensor4d(sums, [1, height, width, classCount]);
    const labels = tf.tensor3d(truth, [1, height, width], "int32");
    await whole.update({ logits }, labels, 1);
    tf.dispose([logits, labels]);
    sums.fill(0);
    truth.fill(-1);
    next = 0;
  };
  return {
    async update({ logits }, labels, count) {
      for (let row = 0; row < count; row++) {
        const { shares, classes } = await readWindow(logits, labels, row, windows[next].isMirrored);
        add(shares, classes);
        if (++next === windows.length) await finish();
      }
    },
    result: () => whole.result(),
    open: () => next,
    ...whole.ratios && { ratios: () => whole.ratios!() },
  };
}
