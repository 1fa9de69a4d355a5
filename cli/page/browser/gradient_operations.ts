/**
 * Operations of gradients that graph models of TensorFlow.js lack.
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

/**
 * The operations by TensorFlow's names.
 *
 * @param tf TensorFlow.js
 * @returns From a node to its result
 */
export function gradientOperations(
  tf: Tf,
): Record<
  "ReluGrad" | "Relu6Grad" | "MaxPoolGrad" | "AvgPoolGrad",
  (node: RunningNode) => tf.Tensor
> {
  const pooling = ({ ksize, strides, padding }: RunningNode["attrs"]) => ({
    filterSize: (ksize as number[]).slice(1, 3),
    strides: (strides as number[]).slice(1, 3),
    pad: padding as string,
  });
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
      return kernel("MaxPoolGrad", { dy, input: raised, output }, pooling(attrs));
    },
    // The export puts the input's shape beside the kernel's size: here only the device knows the first input.
    AvgPoolGrad({ inputs: [_, dy], attrs }) {
      const input = tf.zeros(attrs.inputShape as number[]);
      return kernel("AvgPoolGrad", { dy, input }, pooling(attrs));
    },
  };
}

/** Lets graph models run them. */
export function registerGradientOperations(tf: Tf): void {
  for (const [name, run] of Object.entries(gradientOperations(tf))) {
    tf.registerOp(name, (node) => run(node as unknown as RunningNode));
  }
}
