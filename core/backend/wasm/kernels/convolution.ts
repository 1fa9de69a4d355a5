/**
 * Backward convolutions for the wasm backend, which lacks one and is slow at the other, from its fast
 * forward convolution and matrix product.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type ConvAttributes, convInfo, registerGradients, type Shape4D } from "./register.ts";
import { padToTaps } from "./taps.ts";

/** Registers the gradients of a convolution, NHWC, without dilation. */
export function registerConvolutionGradients(): void {
  registerGradients(
    { input: tf.Conv2DBackpropInput, filter: tf.Conv2DBackpropFilter },
    { input: inputGradient, filter: filterGradient },
  );
}

/**
 * Gradient with respect to the input, by one convolution for every stride.
 *
 * Of the padded input, pixel s t + r with 0 <= r < s gets Σ_a dy[t - a] w[s a + r]: for each r an
 * ordinary convolution of `dy` with every s-th tap. All r together are one convolution with s² times
 * the channels, which then move into space.
 */
function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  attributes: ConvAttributes,
): tf.Tensor {
  const { strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = convInfo(
    inputShape,
    filter.shape,
    attributes,
  );
  const [batch, height, width, channels] = inputShape;
  const outputs = filter.shape[3];
  const [tapsHigh, tapsWide] = [
    Math.ceil(filterHeight / strideHeight),
    Math.ceil(filterWidth / strideWidth),
  ];
  const whole = tf.pad(filter, [
    [0, tapsHigh * strideHeight - filterHeight],
    [0, tapsWide * strideWidth - filterWidth],
    [0, 0],
    [0, 0],
  ]);
  const phases = tf.transpose(
    tf.reshape(whole, [tapsHigh, strideHeight, tapsWide, strideWidth * channels, outputs]),
    [0, 2, 4, 1, 3],
  );
  const phaseFilter = tf.reverse(
    tf.reshape(phases, [tapsHigh, tapsWide, outputs, strideHeight * strideWidth * channels]),
    [0, 1],
  ) as tf.Tensor4D;
  const around: [number, number][] = [[0, 0], [tapsHigh - 1, tapsHigh - 1], [
    tapsWide - 1,
    tapsWide - 1,
  ], [0, 0]];
  const gradient = tf.conv2d(
    tapsHigh * tapsWide > 1 ? tf.pad(dy, around) : dy,
    phaseFilter,
    1,
    "valid",
  );
  const spread = channelsToSpace(gradient, strideHeight, strideWidth);
  return cutTo(spread, padInfo.top, padInfo.left, [batch, height, width, channels]);
}

/** `[B, h, w, s t C]` to `[B, h s, w t, C]`. */
function channelsToSpace(images: tf.Tensor4D, high: number, wide: number): tf.Tensor4D {
  if (high === 1 && wide === 1) return images;
  const [batch, height, width, depth] = images.shape;
  const row = depth / high;
  const rows = tf.transpose(tf.reshape(images, [batch * height, width, high, row]), [0, 2, 1, 3]);
  return tf.reshape(rows, [batch, height * high, width * wide, row / wide]);
}

/** The part that starts at a pixel, with zeros where images end before it does. */
function cutTo(images: tf.Tensor4D, top: number, left: number, shape: Shape4D): tf.Tensor4D {
  const [, height, width] = images.shape;
  const missing = [top + shape[1] - height, left + shape[2] - width].map((size) =>
    Math.max(0, size)
  );
  const reached = missing.some((size) => size > 0)
    ? tf.pad(images, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
    : images;
  if (tf.util.arraysEqual(reached.shape, shape)) return reached;
  return tf.slice(reached, [0, top, left, 0], shape);
}

/**
 * Gradient with respect to the filter: a matrix product for every tap. The input is transposed once,
 * into planes by channel and by position within a stride, so that what a tap sees is one block.
 */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4D,
  attributes: ConvAttributes,
): tf.Tensor {
  const info = convInfo(x.shape, filterShape, attributes);
  const { strideHeight, strideWidth, outHeight, outWidth } = info;
  const [filterHeight, filterWidth, channels, outputs] = filterShape;
  const batch = x.shape[0];
  const pixels = batch * outHeight * outWidth;
  const gradients = tf.reshape(dy, [pixels, outputs]);
  const planes = planesByStride(padToTaps(x, info), strideHeight, strideWidth);
  const taps: tf.Tensor[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const plane = (row % strideHeight) * strideWidth + column % strideWidth;
      const start = [
        plane * channels,
        0,
        Math.floor(row / strideHeight),
        Math.floor(column / strideWidth),
      ];
      taps.push(tf.tidy(() => {
        const seen = tf.slice(planes, start, [channels, batch, outHeight, outWidth]);
        return tf.matMul(tf.reshape(seen, [channels, pixels]), gradients);
      }));
    }
  }
  return tf.reshape(tf.stack(taps), filterShape);
}

/** `[B, h s, w t, C]` to `[s t C, B, h, w]`, padded to whole strides. */
function planesByStride(images: tf.Tensor4D, high: number, wide: number): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const [rows, columns] = [Math.ceil(height / high), Math.ceil(width / wide)];
  const whole = cutTo(images, 0, 0, [batch, rows * high, columns * wide, channels]);
  const planes = tf.transpose(tf.reshape(whole, [batch * rows, high, columns, wide * channels]), [
    1,
    3,
    0,
    2,
  ]);
  return tf.reshape(planes, [high * wide * channels, batch, rows, columns]);
}
