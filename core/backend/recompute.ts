/**
 * Gradient checkpointing (Chen et al. 2016): what a block computes inside is computed again in the backward pass
 * instead of being kept until then.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { activeRecorder } from "./record.ts";

/** Blocks that share an input are computed again one after the other: each waits for the one before. */
export class Turns {
  /** What the last block's backward pass gave. */
  last: tf.Tensor | undefined;
}

/**
 * Makes a block that keeps its input alone, and computes the rest again when its gradient is asked for. Outputs and
 * gradients are the same; the backward pass takes the block's forward pass more. A recorded step computes it again no
 * sooner than the output's gradient is there, so that the inside of one block at a time is in memory.
 *
 * The block must be pure: what it assigns would be assigned twice. It has first derivatives only.
 *
 * @param block From a tensor to a tensor; what else it reads counts as constant, unless it is in `weights`
 * @param weights Variables that the block reads and that are differentiated
 * @param turns Shared by blocks whose backward passes do not wait for each other by themselves
 * @returns The same function
 *
 * @example Usage
 * ```ts
 * import { recomputed } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.scalar(3));
 * let passes = 0;
 * const block = recomputed((input) => {
 *   passes++;
 *   return tf.mul(tf.square(input), weight);
 * }, [weight]);
 * const [ofInput, ofWeight] = tf.grads((x) => block(x))([tf.scalar(2), weight]);
 * assert.equal(ofInput.dataSync()[0], 12);
 * assert.equal(ofWeight.dataSync()[0], 4);
 * assert.equal(passes, 2);
 * ```
 */
export function recomputed<I extends tf.Tensor, R extends tf.Tensor>(
  block: (input: I) => R,
  weights: readonly tf.Variable[] = [],
  turns: Turns = new Turns(),
): (input: I) => R {
  const run = tf.customGrad((input, ...rest) => {
    const save = rest.at(-1) as tf.GradSaveFunc;
    const value = block(input as I);
    save([input as tf.Tensor, value]);
    return {
      value,
      gradFunc: (gradient: tf.Tensor, [kept, output]: tf.Tensor[]) =>
        tf.tidy(() => {
          const before = turns.last && !turns.last.isDisposed ? [turns.last] : [];
          const again = activeRecorder()?.after(kept, [gradient, output, ...before]) ?? kept;
          const gradients = gradientsThrough(block, again as I, weights, gradient);
          turns.last = gradients[0];
          return gradients;
        }),
    };
  });
  return (input) => run(input, ...weights) as R;
}

/** Gradients of a block with respect to its input and weights, from that of its output. */
function gradientsThrough<I extends tf.Tensor>(
  block: (input: I) => tf.Tensor,
  input: I,
  weights: readonly tf.Variable[],
  gradient: tf.Tensor,
): tf.Tensor[] {
  const engine = tf.engine();
  // The tape of the pass that asks is put aside, as the engine has one at a time.
  const tape = engine.state.activeTape;
  try {
    const inputs = [input, ...weights];
    const { grads } = engine.gradients(() => block(input), inputs, gradient, true);
    return inputs.map((one, index) => grads[index] ?? tf.zerosLike(one));
  } finally {
    engine.state.activeTape = tape;
  }
}
