/**
 * The gradient of a 1x1 filter under a stride, without the fault that TensorFlow's kernel has for few channels.
 *
 * oneDNN 3.7.3, in TensorFlow 2.21, first copies the pixels that the filter reads into a buffer of C numbers a
 * pixel, but counts its place there by whole blocks of channels: 16 with AVX-512, 8 with AVX2. With fewer
 * channels it writes past the buffer's end, into the memory of others. Here the pixels are taken out
 * beforehand, so that the gradient has no stride. Convolutions that are padded explicitly have their gradient
 * from a kernel without oneDNN, in kernels.ts.
 *
 * @module
 */
import * as tf from "../../tf.ts";

/** Channels of oneDNN's largest block; with as many or more its buffer suffices, and its own way is faster. */
const BLOCK = 16;

/** Puts a safe kernel in the place of tfjs-node's, which gradients of convolutions of all kinds run. */
export function replaceFilterKernel(): void {
  const stock = tf.getKernel(tf.Conv2DBackpropFilter, "tensorflow");
  tf.unregisterKernel(tf.Conv2DBackpropFilter, "tensorflow");
  tf.registerKernel({
    ...stock,
    kernelFunc({ inputs, attrs, backend }) {
      const attributes = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
      if (!isFaulty(attributes)) return stock.kernelFunc({ inputs, attrs, backend });
      const { x, dy } = inputs as Record<"x" | "dy", tf.Tensor4D>;
      const read = pixelsRead(x, dy.shape, attributes.strides);
      const plain = { ...attrs, strides: [1, 1], pad: "valid" };
      const gradient = stock.kernelFunc({ inputs: { x: read, dy }, attrs: plain, backend });
      read.dispose();
      return gradient;
    },
  });
}

/** Neither `same` nor `valid` pads for a filter of one pixel. */
function isFaulty({ filterShape, strides, pad }: tf.Conv2DBackpropFilterAttrs): boolean {
  const [height, width, channels] = filterShape;
  return height === 1 && width === 1 && channels < BLOCK && Math.max(...[strides].flat()) > 1 &&
    (typeof pad === "string" || pad === 0);
}

/** What a 1x1 filter reads of `[B, H, W, C]` for an output of `[B, h, w, C']`: `[B, h, w, C]`. */
function pixelsRead(
  input: tf.Tensor4D,
  [batch, height, width]: readonly number[],
  strides: number | [number, number],
): tf.Tensor4D {
  const [down, across] = typeof strides === "number" ? [strides, strides] : strides;
  const end = [batch, (height - 1) * down + 1, (width - 1) * across + 1, input.shape[3]];
  return tf.stridedSlice(input, [0, 0, 0, 0], end, [1, down, across, 1]) as tf.Tensor4D;
}
