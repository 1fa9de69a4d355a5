/**
 * Pyramid pooling (Zhao et al. 2017): means over a few large windows, beside the map itself.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { heNormal, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { resizeMap } from "./head.ts";
import { convNormRelu } from "./network.ts";

/** Windows along each axis, a level each. */
const BINS = [1, 2, 3, 6];

/**
 * `[bins, size]`: PyTorch's adaptive windows, each row with the shares of the pixels that it averages.
 * Windows overlap where the size is no multiple of their number.
 */
function windows(bins: number, size: number): number[][] {
  return Array.from({ length: bins }, (_, bin) => {
    const [start, end] = [Math.floor(bin * size / bins), Math.ceil((bin + 1) * size / bins)];
    return Array.from(
      { length: size },
      (_, at) => at >= start && at < end ? 1 / (end - start) : 0,
    );
  });
}

/** The same matrix for each of `count` products: products that stretch a matrix are slow on some backends. */
function repeated(matrix: number[][], count: number): tf.Tensor3D {
  return tf.tile(tf.expandDims(tf.tensor2d(matrix), 0), [count, 1, 1]) as tf.Tensor3D;
}

/**
 * Averages a map over adaptive windows, as PyTorch's AdaptiveAvgPool2d.
 *
 * @param map `[B, h, w, C]`
 * @param levels How many windows along each axis, for each of the results
 * @returns For each level `[B, bins, bins, C]`
 */
export function adaptiveAveragePools(
  map: tf.Tensor4D,
  levels: readonly number[],
): tf.Tensor4D[] {
  const [batch, height, width, channels] = map.shape;
  // The mean over a window is that over its rows, then over its columns; rows of all levels at once.
  const rows = tf.matMul(
    repeated(levels.flatMap((bins) => windows(bins, height)), batch),
    tf.reshape(map, [batch, height, width * channels]),
  );
  let begin = 0;
  return levels.map((bins) => {
    const own = tf.slice(rows, [0, begin, 0], [batch, bins, width * channels]);
    begin += bins;
    const pooled = tf.matMul(
      repeated(windows(bins, width), batch * bins),
      tf.reshape(own, [batch * bins, width, channels]) as tf.Tensor3D,
    );
    return tf.reshape(pooled, [batch, bins, bins, channels]);
  });
}

/**
 * Builds the pyramid: the map, and beside it each level's means after a 1x1 convolution, stretched to
 * the map's size with aligned corners.
 *
 * @param parameters Where the weights go: `NAME.features.0.1`, `.2`, ...
 * @param name The module's name
 * @param channels C of the map; each level adds a quarter of them
 * @returns The layer, from `[B, h, w, C]` to `[B, h, w, 2 C]`
 */
export function createPyramidPooling(
  parameters: Parameters,
  name: string,
  channels: number,
): { readonly layer: ModalLayer; readonly channels: number } {
  const reduced = Math.floor(channels / BINS.length);
  const levels = BINS.map((_, index) => {
    const names = { conv: `${name}.features.${index}.1`, norm: `${name}.features.${index}.2` };
    const options = { kernel: 1, initialize: heNormal("out") };
    return convNormRelu(parameters, names, channels, reduced, options);
  });
  return {
    channels: channels + BINS.length * reduced,
    layer(map, mode) {
      const [, height, width] = map.shape;
      const stretched = adaptiveAveragePools(map, BINS).map((pooled, index) =>
        resizeMap(levels[index](pooled, mode), [height, width], "corners")
      );
      return tf.concat([map, ...stretched], 3);
    },
  };
}
