/**
 * ResNets as encoders: their maps of four sizes, with ELU in place of ReLU.
 *
 * @module
 */
import { convNorm, heNormal, type Layer, type ModalLayer } from "../layers/mod.ts";
import * as tf from "../tf.ts";
import type { Parameters } from "../weights/parameters.ts";

/** The encoders: blocks of each stage, and whether they are bottlenecks, which have four times the channels. */
const ENCODERS = {
  resnet18: { blocks: [2, 2, 2, 2], bottleneck: false },
  resnet50: { blocks: [3, 4, 6, 3], bottleneck: true },
  resnet101: { blocks: [3, 4, 23, 3], bottleneck: true },
} as const;

/** A ResNet by name. */
export type EncoderName = keyof typeof ENCODERS;

/** How an encoder is built. */
export interface EncoderSettings {
  readonly encoder: EncoderName;
  /** Channels of the first convolution; 64 is the published network. */
  readonly width: number;
}

/** An encoder that was given its weights. */
export interface Encoder {
  /** Channels of its four maps. */
  readonly channels: readonly number[];
  /** Maps of a quarter, an eighth, a 16th, a 32nd of the size, sides rounded up. */
  encode(images: tf.Tensor4D, mode: "inference" | "training"): tf.Tensor4D[];
}

/**
 * Makes a ResNet (He et al. 2016) without its classifier, ELU in place of ReLU. Weights have torchvision's names. Those
 * of `resnet18`, `resnet50` and `resnet101` are 11,176,512, 23,508,032 and 42,500,160 at width 64.
 *
 * @param parameters Where the weights are made
 * @param settings Which, and its width
 * @param denoise Applied to the map behind the stem, and to that behind the first stage
 * @returns The encoder
 *
 * @example Usage
 * ```ts
 * import { createEncoder } from "./resnet_encoder.ts";
 * import { createRandom, Parameters } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using parameters = new Parameters(createRandom(1));
 * const settings = { encoder: "resnet18", width: 2 } as const;
 * const { encode } = createEncoder(parameters, settings, (map) => map);
 * const maps = encode(tf.zeros([1, 32, 32, 3]), "inference");
 * assert.deepEqual(maps.map(({ shape }) => shape.at(-1)), [2, 4, 8, 16]);
 * ```
 */
export function createEncoder(
  parameters: Parameters,
  { encoder, width }: EncoderSettings,
  denoise: Layer,
): Encoder {
  const { blocks, bottleneck } = ENCODERS[encoder];
  const expansion = bottleneck ? 4 : 1;
  const stem = convNorm(parameters, { conv: "conv1", norm: "bn1" }, 3, width, {
    kernel: 7,
    stride: 2,
    initialize: heNormal(),
  });
  const channels = blocks.map((_, stage) => expansion * width * 2 ** stage);
  const stages = blocks.map((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const name = `layer${stage + 1}.${index}`;
      const inputs = index > 0 ? channels[stage] : stage > 0 ? channels[stage - 1] : width;
      const stride = index === 0 && stage > 0 ? 2 : 1;
      return createBlock(parameters, name, {
        inputs,
        outputs: channels[stage],
        stride,
        bottleneck,
      });
    })
  );
  return {
    channels,
    encode(images, mode) {
      let map = denoise(shrink(tf.elu(stem(images, mode))));
      return stages.map((stage, index) => {
        map = stage.reduce((input, block) => block(input, mode), map);
        if (index === 0) map = denoise(map);
        return map;
      });
    },
  };
}

/** The largest of 3 x 3, every second one; the padding is ELU's lower bound. */
function shrink(input: tf.Tensor4D): tf.Tensor4D {
  const padded: tf.Tensor4D = tf.pad(input, [[0, 0], [1, 1], [1, 1], [0, 0]], -1);
  return tf.maxPool(padded, 3, 2, "valid");
}

function createBlock(
  parameters: Parameters,
  name: string,
  { inputs, outputs, stride, bottleneck }: {
    readonly inputs: number;
    readonly outputs: number;
    readonly stride: number;
    readonly bottleneck: boolean;
  },
): ModalLayer {
  const inner = bottleneck ? outputs / 4 : outputs;
  const layer = (at: number, from: number, to: number, kernel: number, stride = 1) =>
    convNorm(parameters, { conv: `${name}.conv${at}`, norm: `${name}.bn${at}` }, from, to, {
      kernel,
      stride,
    });
  const layers = bottleneck
    ? [layer(1, inputs, inner, 1), layer(2, inner, inner, 3, stride), layer(3, inner, outputs, 1)]
    : [layer(1, inputs, inner, 3, stride), layer(2, inner, outputs, 3)];
  const [last, ...others] = layers.toReversed();
  const names = { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` };
  const shortcut: ModalLayer = stride > 1 || inputs !== outputs
    ? convNorm(parameters, names, inputs, outputs, { kernel: 1, stride })
    : (input) => input;
  return (input, mode) => {
    const deep = others.reduceRight((map, apply) => tf.elu(apply(map, mode)), input);
    return tf.elu(tf.add(last(deep, mode), shortcut(input, mode)));
  };
}
