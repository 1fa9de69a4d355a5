/**
 * Convolutions over rows and columns.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { Value } from "../value.ts";
import type { Call, OperatorTable } from "./operator.ts";
import { fitted, isPaddedByBackends, lacksWindows, type Pair, windowsOf } from "./windows.ts";

/** Adds the bias, if there is one. */
function shifted(output: tf.Tensor4D, call: Call): Value {
  const bias = call.optional(2);
  return Value.last(bias ? tf.add(output, bias.plain) : output);
}

function conv(call: Call): Value {
  const { attributes } = call;
  const weight = call.input(1);
  if (weight.rank !== 4) {
    throw new RangeError(`a convolution along ${weight.rank - 2} axes is not here`);
  }
  const [outputs, , ...size] = weight.dims;
  const group = attributes.int("group", 1);
  const images = call.input(0).last;
  const [, height, width, channels] = images.shape;
  const windows = windowsOf(attributes, [height, width], size);
  const strides = windows.map(({ stride }) => stride) as Pair;
  const dilations = windows.map(({ dilation }) => dilation) as Pair;
  // Backends pad by themselves, without a copy, where as many pixels are put before as behind.
  const isDepthwise = group === channels && group > 1;
  const isDilated = dilations.some((dilation) => dilation > 1);
  const isEven = windows.every(({ before, after, kernel, stride, dilation }) =>
    stride === 1 && before === after && 2 * before === dilation * (kernel - 1)
  );
  const isSame = (isEven || isPaddedByBackends(attributes)) && !(isDepthwise && isDilated);
  const input = isSame ? images : fitted(images, windows, 0);
  const mode = isSame ? "same" : "valid";
  const kernel = weight.kernel;
  const convolve = (input: tf.Tensor4D, kernel: tf.Tensor4D) =>
    tf.conv2d(input, kernel, strides, mode, "NHWC", dilations);
  let output: tf.Tensor4D;
  if (group === 1) output = convolve(input, kernel);
  else if (isDepthwise) {
    // A channel's outputs stand together in both: only the shape differs.
    const shape: [number, number, number, number] = [
      size[0],
      size[1],
      channels,
      outputs / channels,
    ];
    const depthwise = (images: tf.Tensor4D) =>
      tf.depthwiseConv2d(images, tf.reshape(kernel, shape), strides, mode);
    output = isDilated ? dilated(input, dilations, depthwise) : depthwise(input);
  } else {
    const kernels = tf.split(kernel, group, 3) as tf.Tensor4D[];
    const parts = tf.split(input, group, 3) as tf.Tensor4D[];
    output = tf.concat(parts.map((part, index) => convolve(part, kernels[index])), 3);
  }
  return shifted(output, call);
}

/**
 * A convolution with dilations as one without, of images of every such pixel: that of channels alone has no gradient
 * in TensorFlow.js.
 */
function dilated(
  input: tf.Tensor4D,
  [rows, columns]: Pair,
  convolve: (images: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const [h, w] = [Math.ceil(height / rows), Math.ceil(width / columns)];
  const whole = tf.pad(input, [[0, 0], [0, h * rows - height], [0, w * columns - width], [0, 0]]);
  const phases = tf.transpose(
    tf.reshape(whole, [batch, h, rows, w, columns, channels]),
    [2, 4, 0, 1, 3, 5],
  );
  const output = convolve(tf.reshape(phases, [rows * columns * batch, h, w, channels]));
  const [, oh, ow, outputs] = output.shape;
  const woven = tf.transpose(
    tf.reshape(output, [rows, columns, batch, oh, ow, outputs]),
    [2, 3, 0, 4, 1, 5],
  );
  const even = tf.reshape(woven, [batch, oh * rows, ow * columns, outputs]) as tf.Tensor4D;
  // What was put behind the image gave rows and columns of its own.
  const size = [height - (h - oh) * rows, width - (w - ow) * columns];
  return tf.slice(even, [0, 0, 0, 0], [batch, size[0], size[1], outputs]);
}

function convTranspose(call: Call): Value {
  const { attributes } = call;
  const [, outputs, ...size] = call.input(1).dims;
  const images = call.input(0).last;
  const [batch, height, width] = images.shape;
  const strides = attributes.ints("strides", [1, 1]) as Pair;
  const pads = attributes.ints("pads", [0, 0, 0, 0]);
  const extra = attributes.ints("output_padding", [0, 0]);
  const whole = [height, width].map((length, axis) => (length - 1) * strides[axis] + size[axis]);
  // ONNX's `[in, out, kh, kw]` as `[kh, kw, out, in]`: the same axes as of a convolution's kernel.
  const full = tf.conv2dTranspose(
    images,
    call.input(1).kernel,
    [batch, whole[0], whole[1], outputs],
    [...strides] as Pair,
    "valid",
  );
  const longer = extra.some((length) => length > 0)
    ? tf.pad(full, [[0, 0], [0, extra[0]], [0, extra[1]], [0, 0]])
    : full;
  const kept = whole.map((length, axis) => length + extra[axis] - pads[axis] - pads[axis + 2]);
  const output = tf.slice(longer, [0, pads[0], pads[1], 0], [batch, kept[0], kept[1], outputs]);
  return shifted(output, call);
}

/** Convolution operators. */
export const convolutionOperators: OperatorTable = {
  Conv: { run: conv, lacks: lacksWindows },
  ConvTranspose: {
    run: convTranspose,
    lacks: (attributes) => {
      if (attributes.int("group", 1) !== 1) return "groups";
      if (attributes.ints("dilations", []).some((step) => step !== 1)) return "dilations";
      if (attributes.has("output_shape")) return "an output_shape";
      if (attributes.text("auto_pad", "NOTSET") !== "NOTSET") return "auto_pad";
      return lacksWindows(attributes);
    },
  },
};
