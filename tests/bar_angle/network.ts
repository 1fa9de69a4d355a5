/**
 * The network O: three convolutions and two outputs.
 *
 * @module
 */
import { type Images, Parameters, type Random, type TargetModel } from "@realign/core";
import { batchNorm, conv, dense } from "@realign/core/layers";
import * as tf from "@realign/core/tf";

/** O's output for B images. */
export interface BarOutput extends tf.TensorContainerObject {
  /** (cos 2θ, sin 2θ), `[B, 2]`: with the doubled angle, θ and θ + π coincide. */
  direction: tf.Tensor2D;
  /** The last layer's input, `[B, 32]`. */
  features: tf.Tensor2D;
}

/** Builds an architecture by name. */
export function createBarNet(architecture: string, random: Random): TargetModel<BarOutput> {
  if (architecture !== "bar-net") {
    throw new RangeError(
      `Cannot build the network as its name must be "bar-net": current value is "${architecture}"`,
    );
  }
  const parameters = new Parameters(random);
  const layers = [[3, 16, 1], [16, 32, 2], [32, 32, 2]].map(([inputs, outputs, stride], index) => ({
    convolve: conv(parameters, `conv${index}`, inputs, outputs, { kernel: 3, stride, bias: false }),
    normalize: batchNorm(parameters, `norm${index}`, outputs),
  }));
  const last = dense(parameters, "last", 32, 2);
  return {
    name: architecture,
    parameters,
    forward(images: Images, mode = "inference") {
      let maps: tf.Tensor4D = tf.sub(images, 0.5);
      for (const { convolve, normalize } of layers) {
        maps = tf.relu(normalize(convolve(maps), mode));
      }
      const features = tf.mean(maps, [1, 2]) as tf.Tensor2D;
      return { direction: last(features), features };
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}
