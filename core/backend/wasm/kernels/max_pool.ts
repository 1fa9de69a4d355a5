/**
 * The gradient of max pooling, which the wasm backend has wrong.
 *
 * @module
 */
import * as tf from "../../../tf.ts";
import { registerComposed, stockKernel } from "./register.ts";

interface MaxPoolGradInputs {
  readonly dy: tf.Tensor;
  readonly input: tf.Tensor;
  readonly output: tf.Tensor;
}

/** Above the smallest normal float32, 1.2e-38, and lost in any sum with a number above 1e-29. */
const tiny = 2e-38;

/**
 * Replaces the gradient of max pooling. The stock kernel starts its search at the smallest positive
 * number, so that a window without a greater one gets no gradient: hand it values moved above that.
 *
 * Values that are not negative, such as those after a ReLU, keep their exact order. Where some are
 * negative, two whose difference is below 1e-7 of the whole range may change places.
 */
export function registerMaxPoolGradient(): void {
  const stock = stockKernel(tf.MaxPoolGrad);
  registerComposed(
    tf.MaxPoolGrad,
    ({ dy, input, output }: MaxPoolGradInputs, attributes: object) => {
      const lowest = tf.minimum(tf.min(input), 0);
      return stock({ dy, input: tf.add(tf.sub(input, lowest), tiny), output }, attributes);
    },
  );
}
