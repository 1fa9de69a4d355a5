/**
 * How a kernel of the wasm backend is written in terms of its other kernels.
 *
 * @module
 */
import * as tf from "../../../tf.ts";

/** Attributes of a convolution kernel. */
export interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: number | "same" | "valid" | [number, number][];
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Computes a kernel by ordinary operations. */
export type ComposedKernel<I, A> = (inputs: I, attributes: A) => tf.Tensor;

/**
 * Registers a kernel that is made of other kernels, in place of the one that is there. While it runs,
 * nothing is written on the gradient tape, and what it leaves behind is freed.
 */
export function registerComposed<I, A>(kernelName: string, compute: ComposedKernel<I, A>): void {
  if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(inputs as I, attrs as A)),
  });
}

/** `[B, H, W, C]`, or the shape of a filter. */
export type Shape4D = [number, number, number, number];

/** The two gradients of a kind of convolution, NHWC. */
export interface ConvolutionGradients {
  /** With respect to the input, of the given shape. */
  readonly input: (
    dy: tf.Tensor4D,
    filter: tf.Tensor4D,
    inputShape: Shape4D,
    attributes: ConvAttributes,
  ) => tf.Tensor;
  /** With respect to the filter, of the given shape. */
  readonly filter: (
    x: tf.Tensor4D,
    dy: tf.Tensor4D,
    filterShape: Shape4D,
    attributes: ConvAttributes,
  ) => tf.Tensor;
}

/**
 * Registers the gradients of a kind of convolution.
 *
 * @param names TensorFlow.js's names of the two kernels
 * @param gradients What computes them
 */
export function registerGradients(
  names: { readonly input: string; readonly filter: string },
  gradients: ConvolutionGradients,
): void {
  registerComposed(
    names.input,
    (
      { dy, filter }: { readonly dy: tf.Tensor4D; readonly filter: tf.Tensor4D },
      attributes: ConvAttributes & { readonly inputShape: Shape4D },
    ) => gradients.input(dy, filter, attributes.inputShape, attributes),
  );
  registerComposed(
    names.filter,
    (
      { x, dy }: { readonly x: tf.Tensor4D; readonly dy: tf.Tensor4D },
      attributes: ConvAttributes & { readonly filterShape: Shape4D },
    ) => gradients.filter(x, dy, attributes.filterShape, attributes),
  );
}

/** The kernel that the backend came with, as a function of tensors. */
export function stockKernel(
  kernelName: string,
): (inputs: tf.NamedTensorMap, attributes: object) => tf.Tensor {
  const { kernelFunc } = tf.getKernel(kernelName, "wasm");
  return (inputs, attributes) => {
    const result = kernelFunc({
      inputs,
      attrs: attributes as tf.NamedAttrMap,
      backend: tf.backend(),
    });
    return tf.engine().makeTensorFromTensorInfo(result as tf.TensorInfo);
  };
}

/** Sizes and paddings of a convolution, NHWC. */
export function convInfo(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, pad, dilations = 1, dimRoundingMode }: ConvAttributes,
  depthwise = false,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    dilations,
    pad as Parameters<typeof tf.backend_util.computeConv2DInfo>[4],
    dimRoundingMode,
    depthwise,
  );
}
