/**
 * The gradients of resizing images, as products with the matrices that resize.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { exactMatMul } from "../precision.ts";
import type { ResizeGeometry } from "./backend_gradients.ts";

/** Which entries of an axis make up one entry of the resized axis: pairs of index and weight. */
type Taps = (position: number, last: number) => [number, number][];

const bilinearTaps: Taps = (position, last) => {
  const below = Math.floor(position);
  const [low, high] = [Math.max(0, below), Math.min(last, Math.ceil(position))];
  return [[low, 1 - (position - below)], [high, position - below]];
};

const nearestTaps = (alignCorners: boolean): Taps => (position, last) => {
  const nearest = alignCorners ? Math.round(position) : Math.floor(position);
  return [[Math.min(last, nearest), 1]];
};

/**
 * Gradient of bilinear resizing. Stock tfjs ignores `halfPixelCenters` here, and its cpu backend fails
 * on images that are not square.
 *
 * @param dy `[B, H, W, C]`, gradient of the resized images
 * @param images `[B, h, w, C]`, only its shape counts
 * @returns `[B, h, w, C]`, gradient of the images
 */
export function resizeBilinearGradient(
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  geometry: ResizeGeometry,
): tf.Tensor4D {
  const offset = geometry.halfPixelCenters ? -0.5 : 0;
  return resizeTransposed(dy, images, geometry, bilinearTaps, offset);
}

/**
 * Gradient of resizing to the nearest neighbour. Stock tfjs ignores `halfPixelCenters` here, and its
 * cpu backend is wrong for every geometry.
 *
 * @param dy `[B, H, W, C]`, gradient of the resized images
 * @param images `[B, h, w, C]`, only its shape counts
 * @returns `[B, h, w, C]`, gradient of the images
 */
export function resizeNearestNeighborGradient(
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  geometry: ResizeGeometry,
): tf.Tensor4D {
  return resizeTransposed(dy, images, geometry, nearestTaps(geometry.alignCorners), 0);
}

/** Resizing is `R X Cᵀ` with one matrix for rows and one for columns, so its gradient is `Rᵀ dY C`. */
function resizeTransposed(
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  geometry: ResizeGeometry,
  taps: Taps,
  offset: number,
): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const [, resizedHeight, resizedWidth] = dy.shape;
  const rows = transposedMatrix(height, resizedHeight, geometry, taps, offset);
  const columns = transposedMatrix(width, resizedWidth, geometry, taps, offset);
  const foldedRows = exactMatMul(
    rows,
    tf.reshape(dy, [batch, resizedHeight, resizedWidth * channels]),
  );
  const folded = exactMatMul(
    columns,
    tf.reshape(foldedRows, [batch * height, resizedWidth, channels]),
  );
  return tf.reshape(folded, [batch, height, width, channels]);
}

/** `[1, size, resized]`: how much every entry of an axis counts in every entry of the resized axis. */
function transposedMatrix(
  size: number,
  resized: number,
  geometry: ResizeGeometry,
  taps: Taps,
  offset: number,
): tf.Tensor3D {
  const { alignCorners, halfPixelCenters } = geometry;
  const scale = alignCorners && resized > 1 ? (size - 1) / (resized - 1) : size / resized;
  const matrix = new Float32Array(size * resized);
  for (let index = 0; index < resized; index++) {
    const position = scale * (halfPixelCenters ? index + 0.5 : index) + offset;
    for (const [source, weight] of taps(position, size - 1)) {
      matrix[source * resized + index] += weight;
    }
  }
  return tf.tensor3d(matrix, [1, size, resized]);
}
