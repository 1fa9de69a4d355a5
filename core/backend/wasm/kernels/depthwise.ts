/**
 * Backward depthwise convolutions, which the wasm backend lacks.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { type ConvAttributes, convInfo, registerGradients, type Shape4D } from "./register.ts";
import { padToTaps } from "./taps.ts";

/** Registers the gradients of a depthwise convolution, NHWC. */
export function registerDepthwiseGradients(): void {
  registerGradients(
    {
      input: tf.DepthwiseConv2dNativeBackpropInput,
      filter: tf.DepthwiseConv2dNativeBackpropFilter,
    },
    { input: inputGradient, filter: filterGradient },
  );
}

/** One depthwise convolution of `dy`, zeros between its pixels, with the filter turned around. */
function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  attributes: ConvAttributes,
): tf.Tensor {
  const info = convInfo(inputShape, filter.shape, attributes, true);
  const [batch, height, width, channels] = inputShape;
  const [filterHeight, filterWidth, , multiplier] = filter.shape;
  const [reachHeight, reachWidth] = [info.effectiveFilterHeight - 1, info.effectiveFilterWidth - 1];
  const spread = spreadPixels(dy, info.strideHeight, info.strideWidth);
  const around = tf.pad(spread, [
    [0, 0],
    [reachHeight, Math.max(0, info.padInfo.top + height - spread.shape[1])],
    [reachWidth, Math.max(0, info.padInfo.left + width - spread.shape[2])],
    [0, 0],
  ]);
  const window = tf.slice(
    around,
    [0, info.padInfo.top, info.padInfo.left, 0],
    [batch, height + reachHeight, width + reachWidth, channels * multiplier],
  );
  const turned = tf.reshape(tf.reverse(filter, [0, 1]), [
    filterHeight,
    filterWidth,
    channels * multiplier,
    1,
  ]) as tf.Tensor4D;
  const gradient = tf.depthwiseConv2d(window, turned, 1, "valid", "NHWC", [
    info.dilationHeight,
    info.dilationWidth,
  ]);
  return multiplier === 1
    ? gradient
    : tf.sum(tf.reshape(gradient, [batch, height, width, channels, multiplier]), 4);
}

/** Puts zeros after every pixel so that pixels lie `high` rows and `wide` columns apart. */
function spreadPixels(images: tf.Tensor4D, high: number, wide: number): tf.Tensor4D {
  if (high === 1 && wide === 1) return images;
  const [batch, height, width, channels] = images.shape;
  const columns = tf.pad(tf.reshape(images, [batch * height, width, channels]), [[0, 0], [0, 0], [
    0,
    (wide - 1) * channels,
  ]]);
  const rows = tf.pad(tf.reshape(columns, [batch, height, width * wide * channels]), [
    [0, 0],
    [0, 0],
    [0, (high - 1) * width * wide * channels],
  ]);
  return tf.reshape(rows, [batch, height * high, width * wide, channels]);
}

/** For every tap, the products of what it sees and `dy`, summed over all pixels. */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4D,
  attributes: ConvAttributes,
): tf.Tensor {
  const info = convInfo(x.shape, filterShape, attributes, true);
  const [filterHeight, filterWidth, channels, multiplier] = filterShape;
  const [batch, outHeight, outWidth] = dy.shape;
  const padded = padToTaps(x, info);
  const gradients = tf.reshape(dy, [batch, outHeight, outWidth, channels, multiplier]);
  const taps: tf.Tensor[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      taps.push(tf.tidy(() => {
        const [top, left] = [row * info.dilationHeight, column * info.dilationWidth];
        const end = [
          batch,
          top + (outHeight - 1) * info.strideHeight + 1,
          left + (outWidth - 1) * info.strideWidth + 1,
          channels,
        ];
        const seen = tf.stridedSlice(padded, [0, top, left, 0], end, [
          1,
          info.strideHeight,
          info.strideWidth,
          1,
        ]);
        return tf.sum(tf.mul(tf.expandDims(seen, 4), gradients), [0, 1, 2]);
      }));
    }
  }
  return tf.reshape(tf.stack(taps), filterShape);
}
