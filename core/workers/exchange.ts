/**
 * What workers exchange within a step, with the gradients that make N workers of a share each equal to one process.
 *
 * The rule: every worker's loss is either a mean over its own examples, or computed of what was gathered from all;
 * gradients of weights are then averaged over workers.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import * as tf from "../tf.ts";
import { activeWorkers } from "./workers.ts";

/** Numbers that are summed at once: small sums cost a round trip each, large ones begin late. */
const BUCKET = 2 ** 20;

/**
 * The rows of all workers, in the order of the whole batch. Its gradient is that of this worker's rows.
 *
 * @param container Tensors whose first axis is this worker's examples
 * @param groups Blocks of the first axis that each hold all examples: 2 if clean ones are followed by adversarial ones
 * @returns The same with the rows of all workers in each block
 *
 * @example Usage
 * ```ts
 * import { gathered } from "@realign/core/workers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const { labels } = gathered({ labels: tf.tensor1d([3, 1], "int32") }); // a process that is alone
 * assert.deepEqual([...labels.dataSync()], [3, 1]);
 * ```
 */
export function gathered<C extends tf.TensorContainer>(container: C, groups = 1): C {
  const { index, count, sum } = activeWorkers();
  if (count === 1) return container;
  return copied(container, (tensor) => {
    const [rows, ...rest] = tensor.shape;
    const own = rows / groups;
    const wide = tensor.dtype === "bool" ? tf.cast(tensor, "int32") : tensor;
    const collect = (part: tf.Tensor) => {
      const blocks = tf.reshape(part, [groups, 1, own, -1]);
      const padded = tf.pad(blocks, [[0, 0], [index, count - 1 - index], [0, 0], [0, 0]]);
      return tf.reshape(sum(padded), [groups * count * own, ...rest]);
    };
    if (wide.dtype !== "float32") return tf.cast(collect(wide), tensor.dtype);
    return tf.customGrad((part) => ({
      value: collect(part as tf.Tensor),
      gradFunc: (gradient: tf.Tensor) => {
        const blocks = tf.reshape(gradient, [groups, count, own, -1]);
        const mine = tf.slice(blocks, [0, index, 0, 0], [groups, 1, own, -1]);
        return tf.mul(tf.reshape(mine, tensor.shape), count);
      },
    }))(wide);
  });
}

/**
 * The mean of a statistic of each worker's examples over all workers; so is its gradient.
 *
 * @param statistic float32, e.g. the mean over this worker's examples
 *
 * @example Usage
 * ```ts
 * import { meanOfWorkers } from "@realign/core/workers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * assert.equal(meanOfWorkers(tf.scalar(2)).dataSync()[0], 2); // a process that is alone
 * ```
 */
export function meanOfWorkers<T extends tf.Tensor>(statistic: T): T {
  const { count, sum } = activeWorkers();
  if (count === 1) return statistic;
  const mean = (tensor: tf.Tensor) => tf.div(sum(tensor), count);
  return tf.customGrad((tensor) => ({
    value: mean(tensor as tf.Tensor),
    gradFunc: (gradient: tf.Tensor) => mean(gradient),
  }))(statistic) as T;
}

/**
 * Means over workers of many tensors, exchanged in buckets: each is on its way as soon as its tensors are known.
 *
 * @param tensors float32; undefined where there is none, on every worker alike
 * @returns The means, in the same places; no gradient flows through them
 *
 * @example Usage
 * ```ts
 * import { meansOfWorkers } from "@realign/core/workers";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const [first, second] = meansOfWorkers([tf.scalar(2), undefined]);
 * assert.deepEqual([first?.dataSync()[0], second], [2, undefined]);
 * ```
 */
export function meansOfWorkers(
  tensors: readonly (tf.Tensor | undefined)[],
): (tf.Tensor | undefined)[] {
  const { count, sum } = activeWorkers();
  if (count === 1) return [...tensors];
  const means: (tf.Tensor | undefined)[] = tensors.map(() => undefined);
  for (const bucket of bucketsOf(tensors)) {
    const flat = tf.concat(bucket.map(({ tensor }) => tf.reshape(tensor, [-1])));
    const mean = tf.div(sum(flat), count);
    let from = 0;
    for (const { tensor, place } of bucket) {
      means[place] = tf.reshape(tf.slice(mean, from, tensor.size), tensor.shape);
      from += tensor.size;
    }
  }
  return means;
}

/** Tensors that go together. A backward pass knows the last weights' gradients first, so buckets begin there. */
function bucketsOf(
  tensors: readonly (tf.Tensor | undefined)[],
): { readonly tensor: tf.Tensor; readonly place: number }[][] {
  const buckets: { tensor: tf.Tensor; place: number }[][] = [];
  let size = Infinity;
  for (const [place, tensor] of [...tensors.entries()].reverse()) {
    if (!tensor) continue;
    if (size + tensor.size > BUCKET) {
      buckets.push([]);
      size = 0;
    }
    buckets.at(-1)!.push({ tensor, place });
    size += tensor.size;
  }
  return buckets;
}
