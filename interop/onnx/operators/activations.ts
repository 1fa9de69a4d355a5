/**
 * Activations of several operations, with their gradients in few passes over the numbers.
 *
 * @module
 */
import * as tf from "@realign/core/tf";

/** x Φ(x), with Φ by the error function or, as some networks were trained, by tanh. */
export function gelu(x: tf.Tensor, isTanh: boolean): tf.Tensor {
  return isTanh ? tanhGelu(x) : exactGelu(x);
}

/**
 * x Φ(x). Its gradient is Φ(x) + x φ(x): what the library makes of the formula's own takes half as many passes again.
 * Nothing but x is saved: what both ways share is merged where a step is recorded, and a second gradient is whole.
 */
function exactGelu(input: tf.Tensor): tf.Tensor {
  /** The argument of the error function, and Φ. */
  const parts = (x: tf.Tensor) => {
    const scaled = tf.mul(x, Math.SQRT1_2);
    return { scaled, share: tf.add(tf.mul(tf.erf(scaled), 0.5), 0.5) };
  };
  return tf.customGrad((given, save) => {
    const x = given as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    return {
      value: tf.mul(x, parts(x).share),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const { scaled, share } = parts(saved);
        const density = tf.mul(tf.exp(tf.neg(tf.square(scaled))), 1 / Math.sqrt(Math.PI));
        return tf.mul(dy, tf.add(share, tf.mul(scaled, density)));
      },
    };
  })(input);
}

function tanhGelu(x: tf.Tensor): tf.Tensor {
  const cubic = tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))));
  const inner = tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), cubic));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}
