/**
 * Seeded random numbers: the source of every draw of a run.
 *
 * A stream is named by a seed and a path ("augment", epoch, index), so any draw can be reproduced
 * without the draws before it. That makes a resumed run equal bit for bit.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, limit). */
  integer(limit: number): number;
  /** A number from the standard normal distribution. */
  normal(): number;
  /** `count` numbers from low to high, where high itself only occurs through rounding to float32. */
  uniforms(count: number, low: number, high: number): Float32Array<ArrayBuffer>;
  /** `count` numbers from a normal distribution of mean 0. */
  normals(count: number, deviation: number): Float32Array<ArrayBuffer>;
  /** The numbers 0 to count - 1 in random order. */
  permutation(count: number): Uint32Array<ArrayBuffer>;
  /** An independent stream, named by a path below this one's. */
  fork(...path: readonly (string | number)[]): Random;
}

/** Mixes a path of words and numbers into 32 bits (FNV-1a, then a finishing mix). */
function hash(path: readonly (string | number)[]): number {
  let state = 0x811c9dc5;
  for (const part of path) {
    for (const character of `${part}/`) {
      state = Math.imul(state ^ character.codePointAt(0)!, 0x01000193);
    }
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}

/** The operation that currently forbids draws, for the error message. */
let forbidding: string | undefined;

/**
 * Runs code that must not draw random numbers, from here or from `Math.random`: a
 * recording would freeze them.
 *
 * @param doing What is done, e.g. `record "step"`
 * @param body What is run
 * @returns What `body` returns
 * @throws {Error} If `body` draws a number
 *
 * @example Usage
 * ```ts
 * import { withoutDraws } from "./random.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => withoutDraws("record", () => Math.random()), /Cannot record as it draws/);
 * ```
 */
export function withoutDraws<T>(doing: string, body: () => T): T {
  const draw = Math.random;
  const outer = forbidding;
  forbidding = doing;
  Math.random = () => refuse(doing);
  try {
    return body();
  } finally {
    Math.random = draw;
    forbidding = outer;
  }
}

function refuse(doing: string): never {
  throw new Error(
    `Cannot ${doing} as it draws a random number: draw before the step and pass it in as an input`,
  );
}

/**
 * Opens the random stream of a seed and a path.
 *
 * @param seed An integer
 * @param path Words and numbers that identify the stream
 * @returns The stream, at its start
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(createRandom(7, "flip", 3).next(), createRandom(7).fork("flip", 3).next());
 * assert.notEqual(createRandom(7, "flip", 3).next(), createRandom(8, "flip", 3).next());
 * ```
 */
export function createRandom(seed: number, ...path: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(hash([seed, ...path]));
  const next = () => {
    if (forbidding !== undefined) refuse(forbidding);
    return (generator.next() >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    normal,
    integer: (limit) => Math.floor(next() * limit),
    uniforms: (count, low, high) =>
      Float32Array.from({ length: count }, () => low + (high - low) * next()),
    normals: (count, deviation) => Float32Array.from({ length: count }, () => deviation * normal()),
    permutation(count) {
      const order = Uint32Array.from({ length: count }, (_, index) => index);
      for (let last = count - 1; last > 0; last--) {
        const other = Math.floor(next() * (last + 1));
        [order[last], order[other]] = [order[other], order[last]];
      }
      return order;
    },
    fork: (...more) => createRandom(seed, ...path, ...more),
  };
}
