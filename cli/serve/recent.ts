/**
 * Things that are made when they are first needed, of which only the latest ones are kept.
 *
 * @module
 */

/** The things by key; dispose it. */
export class Recent<T extends Disposable> implements Disposable {
  readonly #most: number;
  /** The least recently used first. */
  readonly #kept = new Map<string, T>();

  /**
   * @param most How many are kept
   */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * The thing of a key, made if it is not there; the least recently used one goes for it.
   *
   * @param key Which one
   * @param make Makes it
   */
  async get(key: string, make: () => Promise<T>): Promise<T> {
    const found = this.#kept.get(key) ?? await make();
    this.#kept.delete(key);
    this.#kept.set(key, found);
    for (const [oldest, thing] of this.#kept) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
      thing[Symbol.dispose]();
    }
    return found;
  }

  [Symbol.dispose](): void {
    for (const thing of this.#kept.values()) thing[Symbol.dispose]();
    this.#kept.clear();
  }
}
