/**
 * Small networks, and functions of each kind of operation, that tests write in other formats.
 *
 * @module
 */
import { createClassifier } from "@realign/classification";
import { createRandom, type Preset } from "@realign/core";
import { createRestorer } from "@realign/core/recipes";
import * as tf from "@realign/core/tf";
import { createSegmenter } from "@realign/segmentation";
import { freezeFunction, type FrozenFunction } from "@realign/interop";

/** A function of images. */
export interface Exported {
  readonly name: string;
  readonly size: readonly [number, number];
  readonly compute: (images: tf.Tensor4D) => tf.NamedTensorMap;
}

/** What runs a function, and what it should give. */
export interface ExportedCase extends Exported {
  readonly frozen: FrozenFunction;
}

const generator = {
  width: 4,
  blocks: 1,
  downsamplings: 1,
  norm: "layer",
  upsampling: "resize",
  size: [16, 16],
} as const;

const drawn = (name: string, shape: number[]) => {
  const count = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(createRandom(1, name).uniforms(count, -1, 1), shape);
};

/** Images `[count, H, W, 3]`. */
export function drawImages(count: number, [height, width]: readonly [number, number]): tf.Tensor4D {
  const values = createRandom(3, "images").uniforms(count * height * width * 3, 0, 1);
  return tf.tensor4d(values, [count, height, width, 3]);
}

/** Makes the functions; the stack owns their weights. */
export function createExported(stack: DisposableStack): Exported[] {
  const restorer = (settings: Partial<Preset["generator"]>, recipe?: Preset["recipe"]) =>
    stack.use(createRestorer({ seed: 1, generator: { ...generator, ...settings }, recipe }));
  const plain = restorer({ skip: true });
  const transposed = restorer({ norm: "instance", upsampling: "transposed" });
  const apeGan = restorer({}, { name: "ape-gan", width: 4 });
  const classifier = stack.use(createClassifier("resnet20", 10, [16, 16], createRandom(2)));
  const segmenter = stack.use(
    createSegmenter("pspnet-resnet18-w0.1", 4, [33, 33], createRandom(2)),
  );
  const outputs = ({ logits, features }: { logits: tf.Tensor; features: tf.Tensor }) => (
    { logits, features }
  );
  return [
    {
      name: "G, resized",
      size: [20, 24],
      compute: (images) => ({ restored: plain.restore(images) }),
    },
    {
      name: "G of instance norms and transposed convolutions",
      size: [16, 16],
      compute: (images) => ({ restored: transposed.restore(images) }),
    },
    {
      name: "APE-GAN",
      size: [16, 16],
      compute: (images) => ({ restored: apeGan.restore(images) }),
    },
    {
      name: "G, then a classifier",
      size: [16, 16],
      compute: (images) => {
        const restored = plain.restore(images);
        return { restored, ...outputs(classifier.forward(restored)) };
      },
    },
    {
      name: "a segmenter",
      size: [32, 32],
      compute: (images) => outputs(segmenter.forward(images)),
    },
    ...operations(stack),
  ];
}

/** Operations that the networks lack. */
function operations(stack: DisposableStack): Exported[] {
  const own = <T extends tf.Tensor>(tensor: tf.Tensor) => stack.adopt(tensor, tf.dispose) as T;
  const depthwise = own<tf.Tensor4D>(drawn("depthwise", [3, 3, 3, 2]));
  const filter = own<tf.Tensor4D>(drawn("filter", [3, 3, 3, 4]));
  const row = own<tf.Tensor4D>(drawn("row", [1, 1, 1, 3]));
  const mean = own<tf.Tensor1D>(drawn("mean", [3]));
  const spread = own<tf.Tensor1D>(drawn("spread", [3]));
  const matrix = own<tf.Tensor2D>(drawn("matrix", [5, 3]));
  const size = [9, 8] as const;
  return [
    {
      name: "windows",
      size,
      compute: (images) => ({
        depthwise: tf.depthwiseConv2d(images, depthwise, 1, "same"),
        dilated: tf.conv2d(images, filter, 1, "same", "NHWC", 2),
        strided: tf.conv2d(images, filter, 2, "same"),
        most: tf.maxPool(images, 3, 2, "same"),
        mean: tf.avgPool(images, 3, 2, "same"),
        nearest: tf.image.resizeNearestNeighbor(images, [13, 5]),
        corners: tf.image.resizeBilinear(images, [5, 13], true),
        normalised: tf.batchNorm4d(images, mean, tf.square(spread), mean, spread, 1e-3),
        doubled: tf.mirrorPad(images, [[0, 0], [2, 1], [0, 3], [0, 0]], "symmetric"),
        mirrored: tf.mirrorPad(images, [[0, 0], [2, 1], [0, 3], [0, 0]], "reflect"),
      }),
    },
    {
      name: "elements",
      size,
      compute: (images) => {
        const x = tf.sub(tf.mul(images, 4), 2);
        const [first, rest] = tf.split(x, [1, 2], 3);
        return {
          activations: tf.stack([
            ...[tf.leakyRelu(x, 0.1), tf.elu(x), tf.sigmoid(x), tf.tanh(x), tf.softplus(x)],
            ...[tf.relu6(x), tf.exp(x), tf.abs(x), tf.neg(x), tf.sqrt(images), tf.square(x)],
            ...[tf.erf(x), tf.log(tf.add(images, 1)), tf.pow(images, 2.5), tf.floor(x), tf.ceil(x)],
            ...[tf.sin(x), tf.cos(x), tf.sign(x)],
          ], 1),
          chosen: tf.where(tf.greater(x, 0), x, tf.maximum(tf.minimum(x, -1), row)),
          logic: tf.cast(
            tf.logicalOr(
              tf.logicalAnd(tf.greaterEqual(x, 0), tf.lessEqual(x, 1)),
              tf.logicalNot(tf.less(x, -1)),
            ),
            "float32",
          ),
          reduced: tf.concat([tf.sum(x, [1, 2]), tf.min(x, [1, 2]), tf.prod(images, 1).sum(1)], 1),
          parts: tf.concat([rest, tf.div(first, tf.add(images, 1))], 3),
          merged: tf.reshape(tf.slice(x, [0, 0, 0, 0], [images.shape[0], 1, 1, 3]), [
            images.shape[0],
            -1,
            3,
          ]),
          softmax: tf.softmax(tf.mean(x, [1, 2])),
          spread: tf.tile(tf.expandDims(tf.max(x, 3), 3), [1, 1, 2, 3]),
          product: tf.matMul(tf.mean(x, [1, 2]) as tf.Tensor2D, matrix, false, true),
          rows: tf.tile(row, [images.shape[0], 2, 1, 1]),
          part: tf.slice(x, [0, 1, 2, 0], [images.shape[0], 3, 4, 3]),
        };
      },
    },
  ];
}

/** Freezes the functions, of a free batch size. */
export function freezeExported(stack: DisposableStack): ExportedCase[] {
  return createExported(stack).map((exported) => {
    const { compute, size, name } = exported;
    return { ...exported, frozen: freezeFunction(compute, { size, name }) };
  });
}
