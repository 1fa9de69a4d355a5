/**
 * A memory-limited cache.
 *
 * @module
 */

/**
 * Values by key, up to a number of bytes. The least recently used go first; the last value used stays
 * regardless of its size.
 *
 * @example Usage
 * ```ts
 * import { ByteCache } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const cache = new ByteCache<string, Uint8Array>(20, (bytes) => bytes.length);
 * for (const key of ["a", "b", "c"]) cache.set(key, new Uint8Array(10));
 * assert.equal(cache.get("a"), undefined);
 * assert.equal(cache.get("c")?.length, 10);
 * ```
 */
export class ByteCache<K, V> {
  readonly #limit: number;
  readonly #sizeOf: (value: V) => number;
  /** In order of use, the latest last. */
  readonly #kept = new Map<K, { readonly value: V; readonly size: number }>();
  #bytes = 0;

  /**
   * @param limit Maximum number of bytes
   * @param sizeOf Number of bytes of a value
   */
  constructor(limit: number, sizeOf: (value: V) => number) {
    this.#limit = limit;
    this.#sizeOf = sizeOf;
  }

  /** The value of a key, marked as used now; undefined if it is not cached. */
  get(key: K): V | undefined {
    const known = this.#kept.get(key);
    if (!known) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, known);
    return known.value;
  }

  /** Stores a value under its key, replacing any earlier one, and evicts others until all fit. */
  set(key: K, value: V): void {
    this.#forget(key);
    const size = this.#sizeOf(value);
    this.#kept.set(key, { value, size });
    this.#bytes += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#limit || oldest === key) break;
      this.#forget(oldest);
    }
  }

  #forget(key: K): void {
    this.#bytes -= this.#kept.get(key)?.size ?? 0;
    this.#kept.delete(key);
  }
}
