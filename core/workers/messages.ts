/**
 * Bytes that workers tell each other between steps.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { activeWorkers } from "./workers.ts";

/** Numbers that are sent at once. */
const CHUNK = 2 ** 22;

/**
 * What the first worker reads, on every worker.
 *
 * @param read Called on the first alone
 * @returns What it gave; undefined if it gave nothing
 *
 * @example Usage
 * ```ts
 * import { fromFirst } from "@realign/core/workers";
 * import assert from "node:assert/strict";
 *
 * const bytes = new Uint8Array([1, 2, 3]);
 * assert.deepEqual(await fromFirst(() => Promise.resolve(bytes)), bytes); // a process that is alone
 * ```
 */
export async function fromFirst(
  read: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { index, count } = activeWorkers();
  const own = index === 0 ? await read() : undefined;
  if (count === 1) return own;
  // One more than the length: 0 says that there is nothing.
  const [sign] = await summed(Int32Array.of(own ? own.length + 1 : 0));
  if (sign === 0) return undefined;
  const length = sign - 1;
  const words = new Int32Array(Math.ceil(length / 4));
  if (own) new Uint8Array(words.buffer).set(own);
  for (let from = 0; from < words.length; from += CHUNK) {
    words.set(await summed(words.slice(from, from + CHUNK)), from);
  }
  return new Uint8Array(words.buffer, 0, length);
}

/**
 * What every worker has to say, on every worker, by their numbers.
 *
 * @param own int32, of the same length everywhere
 *
 * @example Usage
 * ```ts
 * import { fromAll } from "@realign/core/workers";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(await fromAll(Int32Array.of(7)), [Int32Array.of(7)]); // a process that is alone
 * ```
 */
export async function fromAll(own: Int32Array<ArrayBuffer>): Promise<Int32Array[]> {
  const { index, count } = activeWorkers();
  if (count === 1) return [own];
  const all = new Int32Array(count * own.length);
  all.set(own, index * own.length);
  const sum = await summed(all);
  return Array.from(
    { length: count },
    (_, worker) => sum.slice(worker * own.length, (worker + 1) * own.length),
  );
}

async function summed(values: Int32Array<ArrayBuffer>): Promise<Int32Array> {
  const tensor = tf.tensor1d(values, "int32");
  const sum = tf.tidy(() => activeWorkers().sum(tensor));
  const numbers = await sum.data<"int32">();
  tf.dispose([tensor, sum]);
  return numbers;
}
