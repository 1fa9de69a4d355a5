/**
 * One line of the conformance table.
 *
 * @module
 */
import type * as tf from "../../tf.ts";

/** A tensor as the table's operations take it: their types ask for one rank or another. */
// deno-lint-ignore no-explicit-any -- one table holds operations on tensors of every rank
export type AnyRank = tf.Tensor<any>;

/** An operation, what it is given and what is expected of it. */
export interface ConformanceCase {
  /** Unique; seeds the inputs. */
  readonly name: string;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly compute: (...inputs: AnyRank[]) => tf.Tensor;
  /** Least value of inputs. @default {-1} */
  readonly low?: number;
  /** Greatest value of inputs. @default {1} */
  readonly high?: number;
  /** Whether the gradient is compared as well. @default {true} */
  readonly differentiable?: boolean;
  /** The values in closed form; without it, those of the cpu backend. */
  readonly expected?: (...inputs: Float32Array[]) => ArrayLike<number>;
}

/** Writes a line of the table. */
export function item(
  name: string,
  shapes: readonly (readonly number[])[],
  compute: ConformanceCase["compute"],
  options: Omit<ConformanceCase, "name" | "shapes" | "compute"> = {},
): ConformanceCase {
  return { name, shapes, compute, ...options };
}
