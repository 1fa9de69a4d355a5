/**
 * What an operator is.
 *
 * @module
 */
import type { Attributes } from "../attributes.ts";
import type { Value } from "../value.ts";

/** One use of an operator, with its values. */
export interface Call {
  readonly attributes: Attributes;
  /** The version of ONNX's operators that the model was written for. */
  readonly opset: number;
  /** How many values it gives. */
  readonly outputCount: number;
  /** A value that must be given. Throws TypeError otherwise. */
  input(index: number): Value;
  /** A value that may be left out. */
  optional(index: number): Value | undefined;
  /** All values, of an operator that takes any number. */
  readonly all: readonly Value[];
}

/** An operator of ONNX. */
export interface Operator {
  /** Computes its values from those it takes: differentiable, without reading tensors. */
  readonly run: (call: Call) => Value | readonly Value[];
  /**
   * Which of its inputs it reads on the host: shapes, axes, options. Weights in other places may change and lie on
   * the device.
   */
  readonly host?: readonly number[];
  /** What of the operator is not here, from its attributes alone, e.g. `mode "cubic"`; undefined if all is. */
  readonly lacks?: (attributes: Attributes) => string | undefined;
}

/** Operators by ONNX's names. */
export type OperatorTable = Readonly<Record<string, Operator>>;

/** An axis counted from the front. Throws RangeError if there is none. */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (found >= 0 && found < rank) return found;
  throw new RangeError(`axis ${axis} is none of ${rank} axes`);
}

/**
 * Axes that stand in an input of the host, as newer opsets have it, or in the attribute `axes`.
 *
 * @returns Counted from the front; undefined if none are named
 */
export function axesOf(call: Call, index: number, rank: number): number[] | undefined {
  const axes = call.optional(index)?.numbers ?? call.attributes.optionalInts("axes");
  return axes?.map((axis) => axisOf(axis, rank));
}
