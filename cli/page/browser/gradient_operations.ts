/**
 * Operations of gradients that graph models of TensorFlow.js lack, or run without a part of their attributes.
 *
 * @module
 */
import type * as tf from "@realign/core/tf";

/** TensorFlow.js, as a page has it and as Deno has it. */
export type Tf = typeof tf;

/** An operation of a graph as it is run. */
export interface RunningNode {
  readonly inputs: tf.Tensor[];
  readonly attrs: { readonly [name: string]: unknown };
}

/** Above the smallest normal float32, and lost in any sum with a number above 1e-29. */
const TINY = 2e-38;

/** The operations, by TensorFlow's names. */
export const GRADIENT_OPERATIONS = [
  "ReluGrad",
  "Relu6Grad",
  "MaxPoolGrad",
  "AvgPoolGrad",
  "Conv2DBackpropInput",
] as const;

/** Those whose first input is the shape of their result, which only the device knows: the export writes it beside. */
export const SHAPED_OPERATIONS: readonly string[] = ["AvgPoolGrad", "Conv2DBackpropInput"];

/**
 * The operations as functions.
 *
 * @param tf TensorFlow.js
 * @returns From a node to its result
 */
export function gradientOperations(
  tf: Tf,
): Record<typeof GRADIENT_OPERATIONS[number], (node: RunningNode) => tf.Tensor> {
  const kernel = (name: string, inputs: object, attributes: object) =>
    tf.engine().runKernel(
      name,
      inputs as tf.NamedTensorMap,
      attributes as tf.NamedAttrMap,
    ) as tf.Tensor;
  return {
    ReluGrad: ({ inputs: [dy, y] }) => tf.mul(dy, tf.step(y)),
    Relu6Grad: ({ inputs: [dy, y] }) => tf.mul(dy, tf.mul(tf.step(y), tf.step(tf.sub(6, y)))),
    MaxPoolGrad({ inputs: [input, output, dy], attrs }) {
      // The kernel of the wasm backend gives nothing to windows without a positive number.
      const lowest = tf.minimum(tf.min(input), 0);
      const raised = tf.add(tf.sub(input, lowest), TINY);
      return kernel("MaxPoolGrad", { dy, input: raised, output }, poolingOf(attrs));
    },
    AvgPoolGrad({ inputs: [_, dy], attrs }) {
      const input = tf.zeros(attrs.inputShape as number[]);
      return kernel("AvgPoolGrad", { dy, input }, poolingOf(attrs));
    },
    Conv2DBackpropInput({ inputs: [_, filter, dy], attrs }) {
      const pad = attrs.padding as "valid" | "same";
      const [strides, dilations] = [attrs.strides, attrs.dilations].map(planeOf);
      const inputShape = attrs.inputShape as Shape4D;
      if (dilations.every((dilation) => dilation === 1)) {
        const attributes = { strides, pad, dataFormat: "NHWC", inputShape };
        return kernel("Conv2DBackpropInput", { dy, filter }, attributes);
      }
      return dilatedInputGradient(tf, dy as tf.Tensor4D, filter as tf.Tensor4D, {
        ...{ inputShape, strides, dilations, pad },
      });
    },
  };
}

type Shape4D = [number, number, number, number];
type Plane = [number, number];

/** Rows and columns of an attribute with four axes. */
function planeOf(axes: unknown): Plane {
  const [, rows, columns] = axes as number[];
  return [rows, columns];
}

/** A pooling's attributes, as kernels want them. */
function poolingOf({ ksize, strides, padding }: RunningNode["attrs"]) {
  return { filterSize: planeOf(ksize), strides: planeOf(strides), pad: padding };
}

/** A dilated convolution has stride 1, so its gradient is one more, by the filter turned around. */
function dilatedInputGradient(
  tf: Tf,
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { inputShape, strides, dilations, pad }: {
    readonly inputShape: Shape4D;
    readonly strides: Plane;
    readonly dilations: Plane;
    readonly pad: "valid" | "same";
  },
): tf.Tensor {
  const { padInfo: { top, bottom, left, right } } = tf.backend_util.computeConv2DInfo(
    inputShape,
    filter.shape,
    strides,
    dilations,
    pad,
  );
  const [rows, columns] = [0, 1].map((axis) => dilations[axis] * (filter.shape[axis] - 1));
  const borders: [number, number][] = [
    ...[[0, 0] as Plane, [rows - top, rows - bottom] as Plane],
    ...[[columns - left, columns - right] as Plane, [0, 0] as Plane],
  ];
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(tf.pad(dy, borders), turned, 1, "valid", "NHWC", dilations);
}

/** Lets graph models run them. */
export function registerGradientOperations(tf: Tf): void {
  for (const [name, run] of Object.entries(gradientOperations(tf))) {
    tf.registerOp(name, (node) => run(node as unknown as RunningNode));
  }
}
