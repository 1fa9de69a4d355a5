/**
 * Gradients of activations in few passes: the stock ones are right, but on tfjs-node ReLU's takes six.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { backendGradients } from "./backend_gradients.ts";

/** dy where the output is above 0. */
export const reluGradient: tf.GradFunc = (dy, [output]) => ({
  x: () => {
    const own = backendGradients(tf.getBackend()).relu;
    if (own) return own(dy as tf.Tensor, output);
    return tf.mul(dy as tf.Tensor, tf.cast(tf.greater(output, 0), "float32"));
  },
});

/** dy where the input is above 0, alpha dy elsewhere. */
export const leakyReluGradient: tf.GradFunc = (dy, [input], attributes) => ({
  x: () => {
    const alpha = attributes.alpha as number;
    const own = backendGradients(tf.getBackend()).leakyRelu;
    if (own) return own(dy as tf.Tensor, input, alpha);
    const slope = tf.add(tf.mul(tf.cast(tf.greater(input, 0), "float32"), 1 - alpha), alpha);
    return tf.mul(dy as tf.Tensor, slope);
  },
});

/** dy times the sign of the input; 0 at 0. */
export const absGradient: tf.GradFunc = (dy, [input]) => ({
  x: () => tf.mul(dy as tf.Tensor, tf.sign(input)),
});
