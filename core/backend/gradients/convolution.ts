/**
 * The gradient of convolutions that are dilated or padded explicitly, from ordinary convolutions.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import type { ConvGeometry, ConvGradients } from "./backend_gradients.ts";

/** Shape of four axes. */
type Shape4D = [number, number, number, number];

/** Pixels before and after, of rows and of columns. */
type Borders = [rows: [number, number], columns: [number, number]];

/**
 * Gradient of a convolution with respect to its input.
 *
 * Dilated convolutions have stride 1, so theirs is one more dilated convolution, of the output's
 * gradient with the filter turned around.
 *
 * @param dy `[B, h, w, C']`, gradient of the output
 * @param filter `[kh, kw, C, C']`
 * @param inputShape `[B, H, W, C]`
 * @returns `[B, H, W, C]`
 */
export function convInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  const { strides, dilations } = geometry;
  const [batch, height, width, channels] = inputShape;
  const [rows, columns] = borders(inputShape, filter.shape, geometry);
  if (dilations[0] === 1 && dilations[1] === 1) {
    const paddedShape: Shape4D = [
      batch,
      height + rows[0] + rows[1],
      width + columns[0] + columns[1],
      channels,
    ];
    const padded = backpropInput(dy, filter, paddedShape, strides);
    return tf.slice(padded, [0, rows[0], columns[0], 0], inputShape);
  }
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  const [reachRows, reachColumns] = [0, 1].map((axis) =>
    dilations[axis] * (filter.shape[axis] - 1)
  );
  const window = moveBorders(dy, [
    [reachRows - rows[0], reachRows - rows[1]],
    [reachColumns - columns[0], reachColumns - columns[1]],
  ]);
  return tf.conv2d(window, turned, 1, "valid", "NHWC", dilations);
}

/**
 * Gradient of a convolution with respect to its filter.
 *
 * For a dilated one that is a convolution of the input, its channels taken as the batch, with the
 * output's gradient as the filter; dilation and stride change places.
 *
 * @param input `[B, H, W, C]`
 * @param dy `[B, h, w, C']`, gradient of the output
 * @param filterShape `[kh, kw, C, C']`
 * @returns `[kh, kw, C, C']`
 */
export function convFilterGradient(
  input: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  const { strides, dilations } = geometry;
  const padded = moveBorders(input, borders(input.shape, filterShape, geometry));
  if (dilations[0] === 1 && dilations[1] === 1) {
    return backpropFilter(padded, dy, filterShape, strides);
  }
  const gradient = tf.conv2d(
    tf.transpose(padded, [3, 1, 2, 0]),
    tf.transpose(dy, [1, 2, 0, 3]),
    dilations,
    "valid",
  );
  return tf.transpose(gradient, [1, 2, 0, 3]);
}

/** The two as one, for backends without their own. */
export const generalConvGradients: ConvGradients = {
  input: convInputGradient,
  filter: convFilterGradient,
};

/** Gradients that pad explicitly themselves, for kernels that cannot together with a dilation. */
export function padFirst(gradients: ConvGradients): ConvGradients {
  return {
    input(dy, filter, inputShape, geometry) {
      const [rows, columns] = borders(inputShape, filter.shape, geometry);
      const [batch, height, width, channels] = inputShape;
      const padded: Shape4D = [
        batch,
        height + rows[0] + rows[1],
        width + columns[0] + columns[1],
        channels,
      ];
      const gradient = gradients.input(dy, filter, padded, { ...geometry, pad: "valid" });
      return tf.slice(gradient, [0, rows[0], columns[0], 0], inputShape);
    },
    filter(input, dy, filterShape, geometry) {
      const padded = moveBorders(input, borders(input.shape, filterShape, geometry));
      return gradients.filter(padded, dy, filterShape, { ...geometry, pad: "valid" });
    },
  };
}

/** What `pad` comes to in pixels. */
function borders(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, dilations, pad }: ConvGeometry,
): Borders {
  const { padInfo } = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations,
    pad as Parameters<typeof tf.backend_util.computeConv2DInfo>[4],
  );
  return [[padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]];
}

/** Adds rows and columns of zeros, or takes some away where a number is negative. */
function moveBorders(images: tf.Tensor4D, [rows, columns]: Borders): tf.Tensor4D {
  const add = [...rows, ...columns].map((size) => Math.max(0, size));
  const cut = [...rows, ...columns].map((size) => Math.max(0, -size));
  const padded = add.some((size) => size > 0)
    ? tf.pad(images, [[0, 0], [add[0], add[1]], [add[2], add[3]], [0, 0]])
    : images;
  if (cut.every((size) => size === 0)) return padded;
  const [batch, height, width, channels] = padded.shape;
  return tf.slice(padded, [0, cut[0], cut[2], 0], [
    batch,
    height - cut[0] - cut[1],
    width - cut[2] - cut[3],
    channels,
  ]);
}

function backpropInput(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: Shape4D,
  strides: [number, number],
): tf.Tensor4D {
  const attributes = { strides, pad: "valid", dataFormat: "NHWC", inputShape };
  return tf.engine().runKernel(tf.Conv2DBackpropInput, { dy, filter }, attributes) as tf.Tensor4D;
}

function backpropFilter(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: Shape4D,
  strides: [number, number],
): tf.Tensor4D {
  const attributes = { strides, pad: "valid", dataFormat: "NHWC", filterShape };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, attributes) as tf.Tensor4D;
}
