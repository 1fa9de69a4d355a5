/**
 * A loss, its gradients and intermediate results.
 *
 * @module
 */
import { mapTensors } from "../backend/containers.ts";
import * as tf from "../tf.ts";
import { meansOfWorkers } from "../workers/exchange.ts";

/** Gradients in the order of the weights; undefined for a weight that the loss does not reach. */
export type Gradients = readonly (tf.Tensor | undefined)[];

/**
 * Computes a loss and its gradients with respect to weights. Of several workers each computes its own loss, and the
 * gradients are the means of all.
 *
 * @param weights The weights
 * @param compute Returns the loss and intermediate tensors to keep
 * @returns The loss, the gradients, and those tensors, detached from the differentiation
 *
 * @example Usage
 * ```ts
 * import { gradientsOf } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.scalar(3));
 * const { loss, kept, gradients } = gradientsOf([weight], () => {
 *   const square = tf.square(weight) as tf.Scalar;
 *   return { loss: tf.mul(square, 2), kept: { square } };
 * });
 * const numbers = [loss, kept.square, gradients[0]!].map((tensor) => tensor.dataSync()[0]);
 * assert.deepEqual(numbers, [18, 9, 12]);
 * ```
 */
export function gradientsOf<K extends tf.TensorContainerObject>(
  weights: readonly tf.Variable[],
  compute: () => { loss: tf.Scalar; kept?: K },
): { loss: tf.Scalar; kept: K; gradients: Gradients } {
  // Intermediate tensors must be kept past the end of the closure's scope.
  const past: tf.Tensor[] = [];
  let rebuild: ReturnType<typeof mapTensors> | undefined;
  const { value: loss, grads } = tf.variableGrads(() => {
    const { loss, kept } = compute();
    rebuild = mapTensors(kept ?? {}, (tensor) => past.push(tf.keep(tensor)) - 1);
    return loss;
  }, [...weights]);
  // A clone belongs to the current scope.
  const owned = past.map((tensor) => tf.clone(tensor));
  tf.dispose(past);
  return {
    loss,
    kept: rebuild!((place) => owned[place]) as K,
    gradients: meansOfWorkers(weights.map(({ name }) => grads[name])),
  };
}
