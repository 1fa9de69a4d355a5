/**
 * Parts of an attack cache that are at hand: all of them, or those used last where they are too many.
 *
 * @module
 */
import type { CachePart } from "./cache_part.ts";

/** Reads a part again that was put aside. */
export type Reload = () => Promise<CachePart>;

interface Place {
  readonly reload: Reload;
  part: CachePart | undefined;
}

/** Holds parts up to a number of bytes; what was used longest ago goes first and is read again when wanted. */
export class PartShelf {
  readonly #limit: number;
  /** In the order of their use, the latest last. */
  readonly #places = new Map<string, Place>();
  #bytes = 0;

  /** @param limit Bytes; one part is held however large it is */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a part in. */
  put(name: string, part: CachePart, reload: Reload): void {
    this.#hold(name, { reload, part: undefined }, part);
  }

  /**
   * A part that was put in.
   *
   * @throws {Error} If it has to be read again and cannot
   */
  async get(name: string): Promise<CachePart> {
    const place = this.#places.get(name)!;
    const part = place.part ?? await place.reload();
    this.#hold(name, place, part);
    return part;
  }

  #hold(name: string, place: Place, part: CachePart): void {
    if (!place.part) this.#bytes += sizeOf(part);
    place.part = part;
    this.#places.delete(name);
    this.#places.set(name, place);
    for (const [other, old] of this.#places) {
      if (this.#bytes <= this.#limit || other === name) break;
      if (!old.part) continue;
      this.#bytes -= sizeOf(old.part);
      old.part = undefined;
    }
  }
}

function sizeOf({ perturbations, features }: CachePart): number {
  return perturbations.byteLength + features.byteLength;
}
