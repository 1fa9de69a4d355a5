/**
 * Brightness and colour difference in place of red, green and blue.
 *
 * @module
 */
import * as tf from "../tf.ts";

/** Columns are Y, Cb and Cr of red, green and blue (ITU-T T.871), without the shift of chroma. */
const YCBCR = [
  [0.299, -0.168736, 0.5],
  [0.587, -0.331264, -0.418688],
  [0.114, 0.5, -0.081312],
];

/** Columns are red, green and blue of Y, Cb and Cr. */
const RGB = [
  [1, 1, 1],
  [0, -0.344136, 1.772],
  [1.402, -0.714136, 0],
];

/** Y, Cb and Cr of red, green and blue, Cb and Cr around 0; `[B, H, W, 3]`, in the unit of what is given. */
export function ycbcrOf(images: tf.Tensor4D): tf.Tensor4D {
  return product(images, YCBCR);
}

/** Red, green and blue of Y, Cb and Cr; `[B, H, W, 3]`. */
export function rgbOf(planes: tf.Tensor4D): tf.Tensor4D {
  return product(planes, RGB);
}

/** Another basis for the last axis. */
function product(images: tf.Tensor4D, basis: number[][]): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const flat = tf.reshape(images, [-1, basis.length]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(flat, tf.tensor2d(basis)), [batch, height, width, basis[0].length]);
}
