/**
 * The branches of atrous spatial pyramid pooling (Chen et al. 2017).
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { heNormal, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { type Alignment, resizeMap } from "./head.ts";
import { convNormRelu } from "./network.ts";

/** How the branches are built. */
export interface AtrousSettings {
  readonly inputs: number;
  /** Channels of each branch. */
  readonly outputs: number;
  /** Dilations of the 3x3 convolutions. */
  readonly rates: readonly number[];
  /** How the mean of the whole map is stretched. */
  readonly alignment: Alignment;
}

/**
 * Builds a 1x1 convolution, dilated 3x3 ones and the mean of the whole map after a 1x1 convolution, beside each other.
 *
 * @param parameters Where the weights go: `NAME.convs.0.0`, ...; the mean's are `NAME.convs.N.1`
 * @param name The module's name
 * @param settings Channels and dilations
 * @returns The layer, from `[B, h, w, C]` to `[B, h, w, channels]`
 */
export function createAtrousBranches(
  parameters: Parameters,
  name: string,
  { inputs, outputs, rates, alignment }: AtrousSettings,
): { readonly layer: ModalLayer; readonly channels: number } {
  const initialize = heNormal("out");
  const branch = (index: number, kernel: number, dilation: number) => {
    const names = { conv: `${name}.convs.${index}.0`, norm: `${name}.convs.${index}.1` };
    return convNormRelu(parameters, names, inputs, outputs, { kernel, dilation, initialize });
  };
  const branches = [branch(0, 1, 1), ...rates.map((rate, index) => branch(index + 1, 3, rate))];
  const last = `${name}.convs.${branches.length}`;
  const pool = convNormRelu(
    parameters,
    { conv: `${last}.1`, norm: `${last}.2` },
    inputs,
    outputs,
    { kernel: 1, initialize },
  );
  return {
    channels: (branches.length + 1) * outputs,
    layer(map, mode) {
      const [, height, width] = map.shape;
      const whole = pool(tf.mean(map, [1, 2], true) as tf.Tensor4D, mode);
      const maps = [
        ...branches.map((layer) => layer(map, mode)),
        resizeMap(whole, [height, width], alignment),
      ];
      return tf.concat(maps, 3);
    },
  };
}
