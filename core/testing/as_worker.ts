/**
 * One of several workers, without the others: what they would give is told.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { setWorkers } from "../workers/workers.ts";

/** Runs `use` as one of `count` workers; the others give `others` of each tensor, by default what this one gives. */
export function asWorker<T>(
  index: number,
  count: number,
  use: () => T,
  others: (tensor: tf.Tensor) => tf.Tensor = (tensor) => tf.mul(tensor, count - 1),
): T {
  const sum = <S extends tf.Tensor>(tensor: S) => tf.add(tensor, others(tensor)) as S;
  setWorkers({ index, count, sum, lost: () => [] });
  const alone = () => setWorkers(undefined);
  try {
    const result = use();
    if (result instanceof Promise) return result.finally(alone) as T;
    alone();
    return result;
  } catch (error) {
    alone();
    throw error;
  }
}
