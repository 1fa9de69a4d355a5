/**
 * Which columns of a model's scores are a dataset's classes.
 *
 * @module
 */
import { didYouMean } from "@realign/core";
import { exactMatMul } from "@realign/core/backend";
import * as tf from "@realign/core/tf";

/** What a file does not say of its classes. */
export interface OnnxClasses {
  /**
   * Names of the model's classes in its order, with the background or without, or by the numbers of their columns from
   * 0 on. Default: those of `classes`
   */
  readonly classNames?: readonly string[] | Readonly<Record<string, string>>;
  /** The K classes that are wanted, e.g. the dataset's. Default: all of the model's, in its order */
  readonly classes?: readonly string[];
}

/**
 * Which of C columns are the K wanted classes, in their order.
 *
 * @param count C
 * @param background The column that is no class; undefined if there is none
 * @returns K numbers below C
 * @throws {RangeError} If there are more or fewer columns than were named
 */
export type ClassColumns = (count: number, background?: number) => readonly number[];

/**
 * Looks up the wanted classes among a model's.
 *
 * @param given Both lists of names
 * @param doing Begins the message of an error, e.g. `use m.onnx as a classifier`
 * @returns From the columns of the model's scores to those of the wanted classes
 * @throws {RangeError} If the model has no class of such a name, or two: one line that tells of all
 *
 * @example Usage
 * ```ts
 * import { classColumns } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * const classNames = ["person", "cat", "dog"];
 * const columns = classColumns({ classNames, classes: ["dog", "person"] }, "use m.onnx");
 * assert.deepEqual(columns(3), [2, 0]);
 * assert.deepEqual(columns(4, 0), [3, 1]); // behind the background's
 * assert.throws(() => columns(5), /has 5 classes, and 3 names/);
 * assert.throws(() => classColumns({ classNames, classes: ["cow"] }, "use m.onnx"), /no class "cow"/);
 * ```
 */
export function classColumns({ classNames, classes }: OnnxClasses, doing: string): ClassColumns {
  const fail = (reason: string): never => {
    throw new RangeError(`Cannot ${doing} as ${reason}`);
  };
  const wanted = classNames && classes && numbersOf(classNames, classes, fail);
  return (count, background) => {
    const all = Array.from({ length: count }, (_, column) => column)
      .filter((column) => column !== background);
    if (Array.isArray(classNames)) {
      const names = classNames.length;
      if (names !== count && names !== all.length) {
        fail(`it has ${all.length} classes, and ${names} names are told in classNames`);
      }
      return wanted ? wanted.map((place) => names === count ? place : all[place]) : all;
    }
    const beyond = wanted?.find((column) => column >= count || column === background);
    if (beyond !== undefined) fail(`it has ${count} columns, and no class in ${beyond}`);
    if (!wanted && classes && classes.length !== all.length) {
      fail(`it has ${all.length} classes, and ${classes.length} are wanted: set classNames`);
    }
    return wanted ?? all;
  };
}

/** Missing classes that are told by name. */
const TOLD = 5;

/** The number of each wanted class. */
function numbersOf(
  classNames: NonNullable<OnnxClasses["classNames"]>,
  classes: readonly string[],
  fail: (reason: string) => never,
): number[] {
  const numbers = new Map<string, number[]>();
  for (const [key, name] of Object.entries(classNames)) {
    if (!/^\d+$/.test(key)) {
      fail(`classNames must have the numbers of columns from 0 on: current value is "${key}"`);
    }
    numbers.set(name, [...numbers.get(name) ?? [], Number(key)]);
  }
  const missing = classes.filter((name) => !numbers.has(name));
  if (missing.length > 0) {
    const list = missing.slice(0, TOLD).map((name) => `"${name}"`).join(", ");
    const rest = missing.length > TOLD ? ` and ${missing.length - TOLD} more` : "";
    fail(`it has no class ${list}${rest}: ${didYouMean(missing[0], numbers.keys())}`);
  }
  const twice = classes.find((name) => numbers.get(name)!.length > 1);
  if (twice !== undefined) fail(`it has the class "${twice}" twice: tell them apart in classNames`);
  return classes.map((name) => numbers.get(name)![0]);
}

/**
 * Takes columns of the last axis. By a product with a matrix of 0 and 1: its gradient is one too.
 *
 * @param values `[..., C]`
 * @param columns K numbers below C
 * @returns `[..., K]`
 *
 * @example Usage
 * ```ts
 * import { takeColumns } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * assert.deepEqual([...takeColumns(tf.tensor2d([[5, 6, 7]]), [2, 0]).dataSync()], [7, 5]);
 * ```
 */
export function takeColumns<T extends tf.Tensor>(values: T, columns: readonly number[]): T {
  const count = values.shape[values.rank - 1];
  if (columns.length === count && columns.every((column, place) => column === place)) return values;
  const chosen = new Float32Array(count * columns.length);
  columns.forEach((column, place) => chosen[column * columns.length + place] = 1);
  const product = exactMatMul(
    tf.reshape(values, [-1, count]),
    tf.tensor2d(chosen, [count, columns.length]),
  );
  return tf.reshape(product, [...values.shape.slice(0, -1), columns.length]) as T;
}
