/**
 * Convolutions padded as TensorFlow pads ("SAME"): a stride of 2 halves a size, rounded up, and its transpose
 * doubles it. Of an odd number of padded pixels the extra one stands below and to the right.
 *
 * @module
 */
import type { Initializer, Parameters } from "../weights/parameters.ts";
import { constant } from "./initializers.ts";
import type { Layer } from "./layer.ts";
import * as tf from "../tf.ts";

/** What such a convolution can be told. */
export interface SameConvOptions {
  /** Side of the square kernel. */
  readonly kernel: number;
  /** @default {1} */
  readonly stride?: number;
  readonly initialize: Initializer;
}

/** A 2-d convolution. Weights: `NAME.weight`, `NAME.bias`. */
export function sameConv(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  { kernel, stride = 1, initialize }: SameConvOptions,
): Layer {
  const shape = [kernel, kernel, inputs, outputs];
  const weight = parameters.create(`${name}.weight`, shape, initialize, { layout: "conv" });
  const bias = parameters.create(`${name}.bias`, [outputs], constant(0));
  return (input) =>
    tf.add(tf.conv2d(input, weight as tf.Variable<tf.Rank.R4>, stride, "same"), bias);
}

/** A transposed 2-d convolution, which multiplies rows and columns by its stride. Weights: `NAME.weight`, `NAME.bias`. */
export function sameUpConv(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  { kernel, stride = 2, initialize }: SameConvOptions,
): Layer {
  const shape = [kernel, kernel, outputs, inputs];
  const options = { layout: "transposed-conv" } as const;
  const weight = parameters.create(`${name}.weight`, shape, initialize, options);
  const bias = parameters.create(`${name}.bias`, [outputs], constant(0));
  return (input) => {
    const [batch, height, width] = input.shape;
    const size: [number, number, number, number] = [
      batch,
      stride * height,
      stride * width,
      outputs,
    ];
    const kernel = weight as tf.Variable<tf.Rank.R4>;
    return tf.add(tf.conv2dTranspose(input, kernel, size, stride, "same"), bias);
  };
}
