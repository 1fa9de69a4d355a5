/**
 * The nearest of many patches, found exactly.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import { HeldTensors } from "../held_tensors.ts";
import * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";

/** Patches, and queries, of one matrix product at most. */
const MOST_ROWS = 4096;
/** Middle of the levels: numbers around 0 stay exact in float32. */
const MIDDLE = 128;
/** Squared length of what only fills up a block, so that it is never near. */
const FAR = 1e12;

/** Finds nearest patches. Holds them on the device; dispose it. */
export interface PatchSearch extends Disposable {
  /** How many are found for each query: as asked, or all patches if there are fewer. */
  readonly neighbours: number;
  /**
   * Finds the nearest patches by squared distance; of equals, the first.
   *
   * @param queries Rows of levels from 0 to 255
   * @returns Indices of patches, `neighbours` for each query, the nearest first
   */
  find(queries: Float32Array): Promise<Int32Array>;
}

/**
 * Prepares an exact search: |q - p|^2 = |q|^2 - 2 q.p + |p|^2, by matrix products of blocks. For queries of whole levels
 * every number is exact.
 *
 * @param patches `[N, D]`, levels from 0 to 255
 * @param wanted Number of patches that are found for a query
 * @returns The search; dispose it
 *
 * @example Usage
 * ```ts
 * import { createPatchSearch } from "./patch_search.ts";
 * import * as tf from "../tf.ts";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const patches = { shape: [3, 2], data: Float32Array.of(0, 0, 100, 100, 255, 0) };
 * using search = createPatchSearch(patches, 2);
 * assert.deepEqual([...await search.find(Float32Array.of(90, 80))], [1, 0]);
 * ```
 */
export function createPatchSearch({ shape, data }: HostTensor, wanted: number): PatchSearch {
  const [count, size] = shape;
  const neighbours = Math.min(wanted, count);
  const blocks = rowsOf(data, count, size).map((numbers, part) => {
    const rows = numbers.length / size;
    const first = part * rows;
    const norms = lengthsOf(numbers, size).fill(FAR, Math.min(rows, count - first));
    return { first, patches: tf.tensor2d(numbers, [rows, size]), norms: tf.tensor1d(norms) };
  });
  const step = record(
    ({ queries, patches, norms }: Record<"queries" | "patches", tf.Tensor2D> & {
      norms: tf.Tensor1D;
    }) => {
      const nearness = tf.sub(tf.mul(tf.matMul(queries, patches, false, true), 2), norms);
      const { values, indices } = tf.topk(nearness, Math.min(neighbours, norms.shape[0]));
      return { values, indices };
    },
    { name: "nearest patches" },
  );
  return {
    neighbours,
    async find(queries) {
      const total = queries.length / size;
      const parts = rowsOf(queries, total, size);
      const rows = parts[0].length / size;
      // The last part may be filled up.
      const nearness = new Float32Array(parts.length * rows * neighbours).fill(-Infinity);
      const found = new Int32Array(nearness.length);
      for (const [part, numbers] of parts.entries()) {
        using held = new HeldTensors();
        const asked = held.keep(tf.tensor2d(numbers, [rows, size]));
        const place = { first: part * rows, last: (part + 1) * rows };
        for (const { first, patches, norms } of blocks) {
          const { values, indices } = step({ queries: asked, patches, norms });
          const read = await Promise.all([values.data<"float32">(), indices.data<"int32">()]);
          tf.dispose([values, indices]);
          merge(read, place, { found, nearness, neighbours }, first);
        }
      }
      return found.subarray(0, total * neighbours);
    },
    [Symbol.dispose]() {
      tf.dispose(blocks.map(({ patches, norms }) => [patches, norms]));
      step[Symbol.dispose]();
    },
  };
}

/** Rows of numbers in equal parts, moved to lie around 0; what fills up the last part is 0. */
function rowsOf(data: Float32Array, count: number, size: number): Float32Array[] {
  const parts = Math.ceil(count / MOST_ROWS);
  const rows = Math.ceil(count / parts);
  return Array.from({ length: parts }, (_, part) => {
    const own = new Float32Array(rows * size);
    const given = data.subarray(part * rows * size, Math.min(count, (part + 1) * rows) * size);
    for (let at = 0; at < given.length; at++) own[at] = given[at] - MIDDLE;
    return own;
  });
}

/** Squared length of each row. */
function lengthsOf(numbers: Float32Array, size: number): Float32Array {
  const lengths = new Float32Array(numbers.length / size);
  for (let at = 0; at < numbers.length; at++) {
    lengths[Math.floor(at / size)] += numbers[at] * numbers[at];
  }
  return lengths;
}

/** The nearest patches known so far. */
interface Nearest {
  readonly found: Int32Array;
  /** Minus the squared distance, but for the query's own length. */
  readonly nearness: Float32Array;
  readonly neighbours: number;
}

/** Puts what a block has where it is nearer than what is known. */
function merge(
  [values, indices]: readonly [Float32Array, Int32Array],
  { first, last }: { readonly first: number; readonly last: number },
  { found, nearness, neighbours }: Nearest,
  from: number,
): void {
  const each = values.length / (last - first);
  for (let query = first; query < last; query++) {
    const begin = query * neighbours;
    for (let rank = 0; rank < each; rank++) {
      const at = (query - first) * each + rank;
      let place = begin + neighbours;
      while (place > begin && values[at] > nearness[place - 1]) place--;
      if (place === begin + neighbours) break;
      nearness.copyWithin(place + 1, place, begin + neighbours - 1);
      found.copyWithin(place + 1, place, begin + neighbours - 1);
      nearness[place] = values[at];
      found[place] = from + indices[at];
    }
  }
}
