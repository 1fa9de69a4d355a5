/**
 * What every segmentation network here gives.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import {
  convNorm,
  type ConvNormNames,
  type ConvNormOptions,
  type ModalLayer,
} from "@realign/core/layers";
import * as tf from "@realign/core/tf";

/** What a network says of a batch. A type, not an interface: tensor containers need its index signature. */
export type SegmentationOutput = {
  /** `[B, H', W', K]` at the size that the network resizes its images to. */
  readonly logits: tf.Tensor4D;
  /** `[B, h, w, D]`, what the last convolution is given. */
  readonly features: tf.Tensor4D;
  /** `[B, H', W', K]`, the auxiliary head's logits; in training alone. */
  readonly auxiliary?: tf.Tensor4D;
};

/** "training" uses the statistics of the batch, moves the averages, and runs the auxiliary head. */
export type Mode = "inference" | "training";

/** A pass through a network over normalised images of its own size. */
export type Pass<T> = (images: tf.Tensor4D, mode: Mode) => T;

/** What more heads say of a batch beside the network's output: `[B, H', W', C]` each, by their names. */
export type WithHeads = SegmentationOutput & {
  readonly more: Readonly<Record<string, tf.Tensor4D>>;
};

/** A network over normalised images of its own size. */
export interface Network {
  readonly forward: Pass<SegmentationOutput>;
  /** The name of the main head's weights, e.g. "cls". */
  readonly head: string;
  /**
   * Puts more heads of the main head's form behind the same map.
   *
   * @param parameters Where their weights go
   * @param heads How many channels each has, by the name of its weights
   * @returns The pass through network and heads; logits of all are resized alike
   */
  withHeads(parameters: Parameters, heads: Readonly<Record<string, number>>): Pass<WithHeads>;
}

/** Channels of a layer that has `full` in the published network, at a share of its width. */
export function scaledChannels(full: number, width: number): number {
  return Math.max(1, Math.round(full * width));
}

/** A convolution without bias, batch norm and ReLU, by the names that a Sequential gives them. */
export function convNormRelu(
  parameters: Parameters,
  names: ConvNormNames,
  inputs: number,
  outputs: number,
  options: ConvNormOptions,
): ModalLayer {
  const layer = convNorm(parameters, names, inputs, outputs, options);
  return (input, mode) => tf.relu(layer(input, mode));
}
