/**
 * Features of boxes: what lies in a box of a feature map, as one vector.
 *
 * @module
 */
import type { LabelledFeatures } from "@realign/core";
import { exactMatMul } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { countingBoxes, type DetectionLabels } from "./labels.ts";

/** Points along each side of a box that are looked at. */
const SAMPLES = 7;

/**
 * How much each row, or column, of a map has to do with a box: the mean over evenly spread points of
 * their bilinear weights.
 *
 * @param low `[B, M]`, where boxes begin, as shares of the map
 * @param high `[B, M]`, where they end
 * @param size Rows or columns of the map
 * @returns `[B, M, size]`; each row adds up to 1
 */
export function bilinearWeights(low: tf.Tensor2D, high: tf.Tensor2D, size: number): tf.Tensor3D {
  const shares = tf.tensor1d(
    Array.from({ length: SAMPLES }, (_, index) => (index + 0.5) / SAMPLES),
  );
  const points = tf.add(
    tf.expandDims(low, 2),
    tf.mul(tf.expandDims(tf.sub(high, low), 2), shares),
  ); // [B, M, S]
  // The middle of cell i lies at (i + .5) / size; beyond the outermost middles the map goes on as it ends.
  const places = tf.clipByValue(tf.sub(tf.mul(points, size), 0.5), 0, size - 1);
  const distances = tf.abs(tf.sub(tf.expandDims(places, 3), tf.range(0, size))); // [B, M, S, size]
  return tf.mean(tf.relu(tf.sub(1, distances)), 2) as tf.Tensor3D;
}

/**
 * How much each row, or column, of a map has to do with a box: whole cells alike, as in the authors' code. From the
 * cell of a box's begin, up to that of its end without it; the last cell of the map is never taken, and a box within
 * one cell takes the one before it, or none at the map's begin.
 *
 * @param low `[B, M]`, where boxes begin, as shares of the map
 * @param high `[B, M]`, where they end
 * @param size Rows or columns of the map
 * @returns `[B, M, size]`; each row adds up to 1, or is 0 for a box without a cell
 */
export function cellWeights(low: tf.Tensor2D, high: tf.Tensor2D, size: number): tf.Tensor3D {
  const cellOf = (share: tf.Tensor2D) =>
    tf.minimum(tf.floor(tf.mul(share, size)), size - 1) as tf.Tensor2D;
  const end = cellOf(high);
  const begin = tf.minimum(cellOf(low), tf.sub(end, 1));
  const cells = tf.range(0, size);
  const taken = tf.logicalAnd(
    tf.greaterEqual(cells, tf.expandDims(begin, 2)),
    tf.less(cells, tf.expandDims(end, 2)),
  );
  const counts = tf.cast(taken, "float32");
  return tf.div(counts, tf.maximum(tf.sum(counts, 2, true), 1)) as tf.Tensor3D;
}

/** From where boxes begin and end to how much each row, or column, of a map counts. */
export type AxisWeights = (low: tf.Tensor2D, high: tf.Tensor2D, size: number) => tf.Tensor3D;

/**
 * Crops a map to each box of the truth and takes the mean: rows x map x columns. Both weights come from the labels
 * alone, so this is one product of matrices, whose gradient is exact.
 *
 * @param map `[B, h, w, D]`
 * @param labels The boxes of the B examples
 * @param axisWeights How cells are weighted; bilinearly by default
 * @returns Vectors `[B M, D]` with the boxes' classes; -1 for padding. Difficult boxes count
 */
export function boxFeatures(
  map: tf.Tensor4D,
  { boxes, classes }: Pick<DetectionLabels, "boxes" | "classes">,
  axisWeights: AxisWeights = bilinearWeights,
): LabelledFeatures {
  const [batch, height, width, depth] = map.shape;
  const places = classes.shape[1];
  const side = (index: number) =>
    tf.reshape(tf.slice(boxes, [0, 0, index], [-1, -1, 1]), [batch, places]) as tf.Tensor2D;
  const rows = tf.expandDims(axisWeights(side(1), side(3), height), 3); // [B, M, h, 1]
  const columns = tf.expandDims(axisWeights(side(0), side(2), width), 2); // [B, M, 1, w]
  const weights = tf.reshape(tf.mul(rows, columns), [batch, places, height * width]);
  const vectors = exactMatMul(weights, tf.reshape(map, [batch, height * width, depth]));
  return {
    vectors: tf.reshape(vectors, [batch * places, depth]),
    classes: tf.reshape(classes, [batch * places]),
  };
}

/**
 * `boxFeatures` over whole cells, as in the authors' code: boxes that take none, and difficult ones, are left out.
 *
 * @param map `[B, h, w, D]`
 * @param labels The boxes of the B examples
 */
export function boxCellFeatures(
  map: tf.Tensor4D,
  labels: DetectionLabels,
): LabelledFeatures {
  const { boxes, classes } = labels;
  const [, height, width] = map.shape;
  const ends = tf.slice(boxes, [0, 0, 2], [-1, -1, 2]); // [B, M, 2]: right, bottom
  const hasCells = tf.all(tf.greaterEqual(tf.mul(ends, tf.tensor1d([width, height])), 1), 2);
  const counts = tf.logicalAnd(hasCells, tf.greater(countingBoxes(labels), 0));
  const none = tf.fill(classes.shape, -1, "int32") as tf.Tensor2D;
  return boxFeatures(map, { boxes, classes: tf.where(counts, classes, none) }, cellWeights);
}
