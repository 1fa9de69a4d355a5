/**
 * How a kernel of the wasm backend is written in terms of its other kernels.
 *
 * @module
 */
import * as tf from "../../tf.ts";

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
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
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
