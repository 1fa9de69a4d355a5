/**
 * The receptive field block (Liu et al. 2018): branches of convolutions that look ever farther, beside a
 * shortcut. Named as in ruinmessi/RFBNet.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { batchNorm, conv, heNormal, type ModalLayer } from "@realign/core/layers";
import * as tf from "@realign/core/tf";

/** Share of the batch in RFBNet's moving statistics. */
const MOMENTUM = 0.01;

/** What a convolution with batch norm can be told. */
interface BasicConvOptions {
  /** Its side, or rows and columns. */
  readonly kernel: number | readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  /** Of square kernels. @default {as many as keep the size at stride 1} */
  readonly padding?: number;
  /** @default {true} */
  readonly relu?: boolean;
}

/** A convolution without bias, a batch norm, a ReLU unless told otherwise: `NAME.conv`, `NAME.bn`. */
export function basicConv(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  { kernel, stride = 1, dilation = 1, padding, relu = true }: BasicConvOptions,
): ModalLayer {
  const initialize = heNormal("out");
  const layer = typeof kernel === "number"
    ? conv(parameters, `${name}.conv`, inputs, outputs, {
      kernel,
      stride,
      dilation,
      bias: false,
      initialize,
      ...(padding !== undefined && { padding }),
    })
    : rectangularConv(parameters, `${name}.conv`, inputs, outputs, kernel);
  const norm = batchNorm(parameters, `${name}.bn`, outputs, { momentum: MOMENTUM });
  return (input, mode) => {
    const output = norm(layer(input), mode);
    return relu ? tf.relu(output) : output;
  };
}

function rectangularConv(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  [rows, columns]: readonly [number, number],
): (input: tf.Tensor4D) => tf.Tensor4D {
  const shape = [rows, columns, inputs, outputs];
  const weight = parameters.create(`${name}.weight`, shape, heNormal("out"), { layout: "conv" });
  return (input) => tf.conv2d(input, weight as tf.Variable<tf.Rank.R4>, 1, "same");
}

/** A share of so many channels, of one at least. */
const shareOf = (channels: number, parts: number) => Math.max(1, Math.floor(channels / parts));

/** Each convolution of a branch: its outputs and the rest. */
type Branch = readonly (BasicConvOptions & { readonly outputs: number })[];

function block(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  stride: number,
  branches: readonly Branch[],
): ModalLayer {
  const built = branches.map((branch, index) => {
    let channels = inputs;
    return branch.map((options, place) => {
      const from = channels;
      channels = options.outputs;
      const own = { ...options, relu: place < branch.length - 1 };
      return basicConv(parameters, `${name}.branch${index}.${place}`, from, channels, own);
    });
  });
  const joined = branches.reduce((sum, branch) => sum + branch[branch.length - 1].outputs, 0);
  const last = { kernel: 1, relu: false };
  const linear = basicConv(parameters, `${name}.ConvLinear`, joined, outputs, last);
  const shortcut = basicConv(parameters, `${name}.shortcut`, inputs, outputs, { stride, ...last });
  return (input, mode) => {
    const maps = built.map((branch) => branch.reduce((map, layer) => layer(map, mode), input));
    return tf.relu(tf.add(linear(tf.concat(maps, 3), mode), shortcut(input, mode)));
  };
}

/**
 * The block on conv4_3, of four branches.
 *
 * @param parameters Where the weights go
 * @param name What their names begin with
 * @param channels Before and after
 * @returns The layer
 */
export function fineBlock(parameters: Parameters, name: string, channels: number): ModalLayer {
  const quarter = shareOf(channels, 4);
  const first = { outputs: quarter, kernel: 1 };
  const far = { outputs: quarter, kernel: 3, dilation: 3 };
  return block(parameters, name, channels, channels, 1, [
    [first, { outputs: quarter, kernel: 3 }],
    [first, { outputs: quarter, kernel: [3, 1] }, far],
    [first, { outputs: quarter, kernel: [1, 3] }, far],
    [
      { outputs: shareOf(quarter, 2), kernel: 1 },
      { outputs: 3 * shareOf(quarter, 4), kernel: [1, 3] },
      { outputs: quarter, kernel: [3, 1] },
      { ...far, dilation: 5 },
    ],
  ]);
}

/**
 * The block on coarser maps, of three branches, as its author has it since
 * [his code and paper agree](https://github.com/GOATmessi8/RFBNet/issues/23); the networks published since then
 * are made of it.
 *
 * @param parameters Where the weights go
 * @param name What their names begin with
 * @param inputs Channels before
 * @param outputs Channels after
 * @param stride 2 to halve the map
 * @returns The layer
 */
export function coarseBlock(
  parameters: Parameters,
  name: string,
  inputs: number,
  outputs: number,
  stride: 1 | 2,
): ModalLayer {
  const eighth = shareOf(inputs, 8);
  const first = { outputs: eighth, kernel: 1 };
  const wide = { outputs: 2 * eighth, kernel: 3 };
  return block(parameters, name, inputs, outputs, stride, [
    [{ outputs: 2 * eighth, kernel: 1, stride }, { ...wide, dilation: 2 }],
    [first, { ...wide, stride }, { ...wide, dilation: 3 }],
    [
      first,
      { outputs: 3 * shareOf(eighth, 2), kernel: 3 },
      { ...wide, stride },
      { ...wide, dilation: 5 },
    ],
  ]);
}
