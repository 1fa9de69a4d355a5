/**
 * Gradients of activations in few passes: the stock ones are right, but on tfjs-node ReLU's takes six.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { backendGradients } from "./backend_gradients.ts";

/**
 * A backend's own gradient, which is linear in dy and flat in what it is taken at, so that it has a gradient itself:
 * what a kernel computes outside of the library would end the way back, and leave a second gradient without a part.
 */
function linear(
  dy: tf.Tensor,
  at: tf.Tensor,
  compute: (dy: tf.Tensor, at: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return tf.customGrad((given, save) => {
    (save as tf.GradSaveFunc)([at]);
    return {
      value: compute(given as tf.Tensor, at),
      gradFunc: (above: tf.Tensor, [saved]: tf.Tensor[]) => linear(above, saved, compute),
    };
  })(dy);
}

/** dy where the output is above 0. */
export const reluGradient: tf.GradFunc = (dy, [output]) => ({
  x: () => {
    const own = backendGradients(tf.getBackend()).relu;
    if (own) return linear(dy as tf.Tensor, output, own);
    return tf.mul(dy as tf.Tensor, tf.cast(tf.greater(output, 0), "float32"));
  },
});

/** dy where the input is above 0, alpha dy elsewhere. */
export const leakyReluGradient: tf.GradFunc = (dy, [input], attributes) => ({
  x: () => {
    const alpha = attributes.alpha as number;
    const own = backendGradients(tf.getBackend()).leakyRelu;
    if (own) return linear(dy as tf.Tensor, input, (dy, at) => own(dy, at, alpha));
    const slope = tf.add(tf.mul(tf.cast(tf.greater(input, 0), "float32"), 1 - alpha), alpha);
    return tf.mul(dy as tf.Tensor, slope);
  },
});

/** dy times the sign of the input; 0 at 0. */
export const absGradient: tf.GradFunc = (dy, [input]) => ({
  x: () => tf.mul(dy as tf.Tensor, tf.sign(input)),
});
