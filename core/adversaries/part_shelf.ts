/**
 * Parts of an attack cache that are at hand: all of them, or those used last where they are too many.
 *
 * @module
 */
import { ByteCache } from "../byte_cache.ts";
import type { CachePart } from "./cache_part.ts";

/** Reads a part again that was put aside. */
export type Reload = () => Promise<CachePart>;

/** Holds parts up to a number of bytes; what was used longest ago goes first and is read again when wanted. */
export class PartShelf {
  readonly #reloads = new Map<string, Reload>();
  readonly #held: ByteCache<string, CachePart>;

  /** @param limit Bytes; one part is held however large it is */
  constructor(limit: number) {
    this.#held = new ByteCache(
      limit,
      ({ perturbations, features }) => perturbations.byteLength + features.byteLength,
    );
  }

  /** Takes a part in. */
  put(name: string, part: CachePart, reload: Reload): void {
    this.#reloads.set(name, reload);
    this.#held.set(name, part);
  }

  /**
   * A part that was put in.
   *
   * @throws {Error} If it has to be read again and cannot
   */
  async get(name: string): Promise<CachePart> {
    const held = this.#held.get(name);
    if (held) return held;
    const part = await this.#reloads.get(name)!();
    this.#held.set(name, part);
    return part;
  }
}
