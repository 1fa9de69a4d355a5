/**
 * Parts of an attack cache in memory: all of them, or the most recently used ones if they do not fit.
 *
 * @module
 */
import { ByteCache } from "../byte_cache.ts";
import type { CachePart } from "./cache_part.ts";

/** Rereads a part that was evicted. */
export type Reload = () => Promise<CachePart>;

/** Holds parts up to a number of bytes; the least recently used are evicted and reread when needed. */
export class PartShelf {
  readonly #reloads = new Map<string, Reload>();
  readonly #held: ByteCache<string, CachePart>;

  /** @param limit In bytes; at least one part is held, whatever its size */
  constructor(limit: number) {
    this.#held = new ByteCache(
      limit,
      ({ perturbations, features }) => perturbations.byteLength + features.byteLength,
    );
  }

  /** Adds a part. */
  put(name: string, part: CachePart, reload: Reload): void {
    this.#reloads.set(name, reload);
    this.#held.set(name, part);
  }

  /**
   * A part that was added.
   *
   * @throws {Error} If it has to be reread and cannot be
   */
  async get(name: string): Promise<CachePart> {
    const held = this.#held.get(name);
    if (held) return held;
    const part = await this.#reloads.get(name)!();
    this.#held.set(name, part);
    return part;
  }
}
