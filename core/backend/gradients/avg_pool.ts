/**
 * The gradient of average pooling over padded borders.
 *
 * @module
 */
import * as tf from "../../tf.ts";

type Pair = number | [number, number];

/**
 * Gradient of average pooling. A window that reaches beyond the image averages over the pixels it has;
 * stock tfjs divides its gradient by the size of the whole window, except on the tensorflow backend.
 *
 * Padded pooling is therefore undone as pooling of padded images, with each gradient scaled to the
 * pixels that its window has.
 *
 * @param stock What tfjs does, right where nothing is padded
 * @returns The gradient function
 */
export function avgPoolGradient(stock: tf.GradFunc): tf.GradFunc {
  return (dy, saved, attributes) => {
    const input = saved[0] as tf.Tensor4D;
    const info = tf.backend_util.computePool2DInfo(
      input.shape,
      attributes.filterSize as Pair,
      attributes.strides as Pair,
      1,
      attributes.pad as Parameters<typeof tf.backend_util.computePool2DInfo>[4],
      attributes.dimRoundingMode as "floor" | undefined,
    );
    const { top, bottom, left, right } = info.padInfo;
    if (top + bottom + left + right === 0) return stock(dy, saved, attributes);
    const rows = shares(info.outHeight, info.strideHeight, info.filterHeight, top, info.inHeight);
    const columns = shares(info.outWidth, info.strideWidth, info.filterWidth, left, info.inWidth);
    return {
      x: () => {
        const factors = tf.mul(
          tf.tensor4d(rows, [1, info.outHeight, 1, 1]),
          tf.tensor4d(columns, [1, 1, info.outWidth, 1]),
        );
        const [batch, height, width, channels] = input.shape;
        const padded = tf.zeros([batch, height + top + bottom, width + left + right, channels]);
        const gradient = tf.engine().runKernel(
          tf.AvgPoolGrad,
          { dy: tf.mul(dy as tf.Tensor, factors), input: padded },
          { filterSize: attributes.filterSize, strides: attributes.strides, pad: "valid" },
        ) as tf.Tensor4D;
        return tf.slice(gradient, [0, top, left, 0], input.shape);
      },
    };
  };
}

/** Along one axis, the size of a window divided by how many of its pixels lie in the image. */
function shares(
  outputs: number,
  stride: number,
  size: number,
  before: number,
  inputs: number,
): number[] {
  return Array.from({ length: outputs }, (_, index) => {
    const start = index * stride - before;
    return size / (Math.min(inputs, start + size) - Math.max(0, start));
  });
}
