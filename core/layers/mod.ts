/**
 * Layers as plain functions over {@linkcode Parameters}: a layer makes its weights at once and returns
 * the function that applies it. Padding and statistics are PyTorch's, so that its weights fit.
 *
 * @module
 */
import { type BatchNormOptions, createBatchNorm } from "./batch_norm.ts";
import type { Layer, ModalLayer } from "./layer.ts";
import { constant, heNormal, uniformByFanIn } from "./initializers.ts";
import type { Initializer, Parameters } from "../weights/parameters.ts";
import { packedConv, packs } from "./packed_conv.ts";
import { reflectPad } from "./reflect_pad.ts";
import * as tf from "../tf.ts";

export { batchNorm, type BatchNormOptions } from "./batch_norm.ts";
export type { Layer, ModalLayer } from "./layer.ts";
export { constant, heNormal, normal, uniformByFanIn } from "./initializers.ts";
export { layerNorm } from "./layer_norm.ts";
export { packedConv } from "./packed_conv.ts";
export { pixelShuffle } from "./pixel_shuffle.ts";
export { reflectPad } from "./reflect_pad.ts";

/**
 * Whether a convolution has a bias. "unused" makes the weight, so that checkpoints that hold one fit,
 * and does not add it: right before an instance norm, which takes away whatever was added to a channel.
 */
export type Bias = boolean | "unused";

/** What a convolution can be told. */
export interface ConvOptions {
  /** Side of the square kernel. */
  readonly kernel: number;
  /** @default {1} */
  readonly stride?: number;
  /** Pixels from one of the kernel's taps to the next, for stride 1 alone. @default {1} */
  readonly dilation?: number;
  /** Pixels on every side. @default {dilation * Math.floor(kernel / 2)} */
  readonly padding?: number;
  /** What they hold. @default {"zero"} */
  readonly paddingMode?: "zero" | "reflect";
  /** @default {true} */
  readonly bias?: Bias;
  /** @default {heNormal()} */
  readonly initialize?: Initializer;
}

/** Pads rows and columns by `size` on every side. */
export function padImages(
  input: tf.Tensor4D,
  size: number,
  mode: "zero" | "reflect" = "zero",
): tf.Tensor4D {
  if (size === 0) return input;
  const paddings: [number, number][] = [[0, 0], [size, size], [size, size], [0, 0]];
  return mode === "zero" ? tf.pad(input, paddings) : reflectPad(input, size);
}

/** A convolution that is given its kernel when it is applied. */
interface Convolution {
  /** `[k, k, inputs, outputs]` */
  readonly weight: tf.Tensor4D;
  readonly convolve: (input: tf.Tensor4D, weight: tf.Tensor4D) => tf.Tensor4D;
}

function createConvolution(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  options: ConvOptions,
): Convolution {
  const {
    kernel,
    stride = 1,
    dilation = 1,
    padding = dilation * Math.floor(kernel / 2),
    paddingMode = "zero",
    initialize = heNormal(),
  } = options;
  if (stride !== 1 && dilation !== 1) {
    throw new RangeError(
      `Cannot build the convolution "${name}" as its stride or its dilation must be 1: current values are ${stride} and ${dilation}`,
    );
  }
  const weight = parameters.create(
    `${name}.weight`,
    [kernel, kernel, inputs, outputs],
    initialize,
    { layout: "conv" },
  ) as tf.Variable<tf.Rank.R4>;
  // At stride 1 "same" is the same as padding by half the kernel; at stride 2 it pads the other side.
  const same = paddingMode === "zero" && stride === 1 && kernel % 2 === 1 &&
    padding === dilation * (kernel - 1) / 2;
  return {
    weight,
    convolve(input, given) {
      if (same) return tf.conv2d(input, given, stride, "same", "NHWC", dilation);
      const padded = padImages(input, padding, paddingMode);
      return dilation === 1 && packs(padded, given, stride)
        ? packedConv(padded, given)
        : tf.conv2d(padded, given, stride, "valid", "NHWC", dilation);
    },
  };
}

/**
 * A 2-d convolution. Weights: `NAME.weight`, `NAME.bias`.
 *
 * @throws {RangeError} If it is both strided and dilated, which no backend computes
 */
export function conv(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  options: ConvOptions,
): Layer {
  const { weight, convolve } = createConvolution(parameters, name, inputs, outputs, options);
  const shift = createBias(parameters, name, outputs, options.bias ?? true);
  return (input) => {
    const output = convolve(input, weight);
    return shift ? tf.add(output, shift) : output;
  };
}

/** The names of a convolution and of the batch norm behind it. */
export interface ConvNormNames {
  readonly conv: string;
  readonly norm: string;
}

/** What {@linkcode convNorm} can be told. */
export interface ConvNormOptions extends ConvOptions, BatchNormOptions {
  /** A bias would be taken away by the norm. @default {false} */
  readonly bias?: false | "unused";
}

/**
 * A 2-d convolution and the batch norm behind it. In inference they are one convolution, whose kernel
 * the norm's factor is multiplied into: a pass over the map less forward, and one less backward.
 *
 * @throws {RangeError} If it is both strided and dilated, which no backend computes
 */
export function convNorm(
  parameters: Parameters,
  names: ConvNormNames,
  inputs: number,
  outputs: number,
  options: ConvNormOptions,
): ModalLayer {
  const { weight, convolve } = createConvolution(parameters, names.conv, inputs, outputs, options);
  createBias(parameters, names.conv, outputs, options.bias ?? false);
  const norm = createBatchNorm(parameters, names.norm, outputs, options);
  return (input, mode) => {
    if (mode === "training") return norm.train(convolve(input, weight));
    const { factor, shift } = norm.fold();
    return tf.add(convolve(input, tf.mul(weight, factor)), shift);
  };
}

function createBias(
  parameters: Parameters,
  name: string,
  outputs: number,
  bias: Bias,
): tf.Variable | undefined {
  if (bias === false) return undefined;
  const trainable = bias !== "unused";
  const shift = parameters.create(`${name}.bias`, [outputs], constant(0), { trainable });
  return trainable ? shift : undefined;
}

/** What a transposed convolution can be told. */
export interface UpConvOptions {
  /** @default {true} */
  readonly bias?: Bias;
  /** @default {heNormal()} */
  readonly initialize?: Initializer;
}

/**
 * A transposed convolution of stride 2 that doubles rows and columns: kernel 3, padding 1, output
 * padding 1, as PyTorch's. Weights: `NAME.weight`, `NAME.bias`.
 */
export function upConv(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  options: UpConvOptions = {},
): Layer {
  const { bias = true, initialize = heNormal() } = options;
  const weight = parameters.create(`${name}.weight`, [3, 3, outputs, inputs], initialize, {
    layout: "transposed-conv",
  }) as tf.Variable<tf.Rank.R4>;
  const shift = createBias(parameters, name, outputs, bias);
  return (input) => {
    const [batch, height, width] = input.shape;
    // PyTorch's output o takes input i by kernel k where o = 2 i - 1 + k. "valid" gives o' = 2 i + k: drop the first.
    const whole = tf.conv2dTranspose(
      input,
      weight,
      [batch, 2 * height + 1, 2 * width + 1, outputs],
      2,
      "valid",
    );
    const output = tf.slice(whole, [0, 1, 1, 0], [batch, 2 * height, 2 * width, outputs]);
    return shift ? tf.add(output, shift) : output;
  };
}

/** Doubles rows and columns by repeating them. Made of concatenations, whose gradient every backend has. */
export function repeatPixels(input: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const rows = tf.reshape(tf.concat([input, input], 3), [batch, height, 2 * width * channels]);
  return tf.reshape(tf.concat([rows, rows], 2), [batch, 2 * height, 2 * width, channels]);
}

/** A dense layer. Weights: `NAME.weight`, `NAME.bias`. */
export function dense(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  initialize: Initializer = uniformByFanIn,
): (input: tf.Tensor2D) => tf.Tensor2D {
  const weight = parameters.create(`${name}.weight`, [inputs, outputs], initialize, {
    layout: "dense",
  }) as tf.Variable<tf.Rank.R2>;
  const shift = parameters.create(`${name}.bias`, [outputs], constant(0));
  return (input) => tf.add(tf.matMul(input, weight), shift);
}

/** Instance norm without weights: every channel of every image to mean 0 and variance 1. */
export function instanceNorm(input: tf.Tensor4D, epsilon = 1e-5): tf.Tensor4D {
  // The gradient by hand, r (dy - mean dy - y mean(dy y)), takes half the time of the one by parts.
  const normalize = tf.customGrad((images, save) => {
    const centred = tf.sub(images as tf.Tensor4D, tf.mean(images as tf.Tensor4D, [1, 2], true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), [1, 2], true), epsilon));
    const value = tf.mul(centred, scale);
    (save as tf.GradSaveFunc)([value, scale]);
    return {
      value,
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
        const [output, factor] = saved;
        const along = tf.mul(output, tf.mean(tf.mul(gradient, output), [1, 2], true));
        return tf.mul(factor, tf.sub(tf.sub(gradient, tf.mean(gradient, [1, 2], true)), along));
      },
    };
  });
  return normalize(input) as tf.Tensor4D;
}
