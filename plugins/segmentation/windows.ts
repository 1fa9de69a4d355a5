/**
 * Sliding windows: cutting them, and putting what a network says of them together.
 *
 * @module
 */
import {
  type Example,
  flipPicture,
  type Metric,
  resizeImages,
  type Window,
  type WindowLayout,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import { flipLabels } from "./augment.ts";
import { NOT_A_CLASS, PixelConfusion } from "./confusion.ts";
import type { SegmentationAnnotation } from "./labels.ts";
import { assertClasses, type SegmentationLogits } from "./metric.ts";

/** Cuts a rectangle out of rows of `depth` values a pixel. */
function crop(
  values: Uint8Array,
  width: number,
  depth: number,
  [rows, columns]: readonly [number, number],
  { top, left }: Window,
): Uint8Array {
  const part = new Uint8Array(rows * columns * depth);
  for (let row = 0; row < rows; row++) {
    const from = ((top + row) * width + left) * depth;
    part.set(values.subarray(from, from + columns * depth), row * columns * depth);
  }
  return part;
}

/** Where the greatest value stands; NOT_A_CLASS if one is not a number. */
function greatest(values: Float32Array): number {
  let best = 0;
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) return NOT_A_CLASS;
    if (values[index] > values[best]) best = index;
  }
  return best;
}

/** Cuts a window out of a picture and its label map, mirrored where the window is. */
export function cutWindow(
  { id, picture, annotation }: Example<SegmentationAnnotation>,
  size: readonly [number, number],
  window: Window,
): Example<SegmentationAnnotation> {
  const [height, width] = size;
  const { labelMap } = annotation;
  const pixels = crop(picture.pixels, picture.width, 3, size, window);
  const classes = crop(labelMap.classes, labelMap.width, 1, size, window);
  const own = { height, width, pixels };
  const labels = { height, width, classes };
  return {
    id,
    picture: window.mirrored ? flipPicture(own) : own,
    annotation: { labelMap: window.mirrored ? flipLabels(labels) : labels },
  };
}

/**
 * The mIoU of whole pictures from their windows: softmax outputs are added where windows overlap, mirrored
 * ones turned back, and the class with the greatest sum counts, as semseg tests PSPNet.
 *
 * @param classNames Of the K classes
 * @param layout The windows of a picture; they must come in this order
 * @returns The metric; its `count` is that of pictures
 *
 * @example Usage
 * ```ts
 * import { layWindows } from "@realign/core";
 * import { createWindowedMeanIou } from "@realign/segmentation";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const layout = layWindows({ picture: [1, 3], size: [1, 2], stride: 0.5, mirror: false });
 * const metric = createWindowedMeanIou(["road", "sky"], layout);
 * const logits = tf.tensor4d([9, 0, 1, 0, 0, 3, 0, 9], [2, 1, 2, 2]); // the middle: 1 to 0, 0 to 3
 * await metric.update({ logits }, tf.tensor3d([0, 1, 1, 1], [2, 1, 2], "int32"), 2);
 * assert.deepEqual([metric.result().count, metric.result().value], [1, 1]);
 * ```
 */
export function createWindowedMeanIou(
  classNames: readonly string[],
  { picture: [height, width], size, windows }: WindowLayout,
): Metric<SegmentationLogits, tf.Tensor3D> {
  const classCount = classNames.length;
  const confusion = new PixelConfusion(classNames);
  const sums = new Float32Array(height * width * classCount);
  const truth = new Int32Array(height * width);
  let [seen, count] = [0, 0];

  const add = (shares: Float32Array, labels: Int32Array, { top, left, mirrored }: Window) => {
    for (let row = 0; row < size[0]; row++) {
      for (let column = 0; column < size[1]; column++) {
        const to = (top + row) * width + left + (mirrored ? size[1] - 1 - column : column);
        const from = row * size[1] + column;
        truth[to] = labels[from];
        for (let index = 0; index < classCount; index++) {
          sums[to * classCount + index] += shares[from * classCount + index];
        }
      }
    }
  };
  const finish = () => {
    const predicted = truth.map((_, at) => {
      const own = sums.subarray(at * classCount, (at + 1) * classCount);
      return greatest(own);
    });
    confusion.add(predicted, truth);
    sums.fill(0);
    count++;
  };
  return {
    async update({ logits }, labels, rows) {
      assertClasses(logits, classCount);
      const area = size[0] * size[1];
      const classes = await labels.data<"int32">();
      const shares = tf.tidy(() => tf.softmax(resizeImages(logits, [size[0], size[1]])));
      const values = await shares.data<"float32">();
      shares.dispose();
      for (let row = 0; row < rows; row++) {
        add(
          values.subarray(row * area * classCount, (row + 1) * area * classCount),
          classes.subarray(row * area, (row + 1) * area),
          windows[seen++ % windows.length],
        );
        if (seen % windows.length === 0) finish();
      }
    },
    result() {
      if (seen % windows.length > 0) {
        throw new RangeError(
          `Cannot compute the mIoU as the last picture lacks ${
            windows.length - seen % windows.length
          } of its ${windows.length} windows`,
        );
      }
      return confusion.result(count);
    },
  };
}
