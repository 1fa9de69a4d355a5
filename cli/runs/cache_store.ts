/**
 * Byte arrays by name, kept between runs: adversarial images of a frozen target model.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { clearFolder, makeFolder, readIfThere, sha256, writeSafely } from "../system/safe_file.ts";

/** Bytes of a SHA-256 digest, which come before the content in a file. */
const DIGEST_BYTES = 32;

/** How often a folder that was removed meanwhile is made again. */
const TRIES = 20;

/** A folder of named byte arrays. What is damaged counts as absent and is made again. */
export class CacheStore {
  readonly #folder: string;
  readonly #warn: (message: string) => void;

  /**
   * @param folder Made when the first array is written
   * @param warn Called for every damaged file
   */
  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /**
   * The store of what follows from some facts; of other facts it is another.
   *
   * @param folder Of all stores of its kind
   * @param facts All that the arrays follow from
   * @param warn See the constructor
   */
  static keyed(folder: string, facts: unknown, warn: (message: string) => void): CacheStore {
    const key = sha256(new TextEncoder().encode(JSON.stringify(facts)));
    return new CacheStore(join(folder, key.slice(0, 32)), warn);
  }

  /**
   * Reads an array.
   *
   * @param name Words of letters, digits, ".", "_" and "-", separated by "/"
   * @returns Its bytes, or undefined where there is none that is whole
   */
  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.#path(name);
    const file = await readIfThere(path);
    if (file === undefined) return undefined;
    const content = file.subarray(DIGEST_BYTES);
    if (sha256(content) === file.subarray(0, DIGEST_BYTES).toHex()) return content;
    this.#warn(`${path} is damaged (truncated or modified), so it is regenerated`);
    return undefined;
  }

  /**
   * Keeps an array.
   *
   * @param name See `read`
   * @param bytes The array; a former one of this name is replaced
   * @throws {Error} One line if it cannot be written
   */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    const file = new Uint8Array(DIGEST_BYTES + bytes.length);
    file.set(Uint8Array.fromHex(sha256(bytes)));
    file.set(bytes, DIGEST_BYTES);
    for (let left = TRIES;; left--) {
      try {
        await makeFolder(dirname(path));
        return await writeSafely(path, file);
      } catch (error) {
        // Another process that has finished removed the folder before the file was begun.
        const isGone = (error as Error).cause instanceof Deno.errors.NotFound;
        if (!isGone || left === 0) throw error;
      }
    }
  }

  /** Forgets an array, if it is there. */
  async remove(name: string): Promise<void> {
    await Deno.remove(this.#path(name)).catch(() => {});
  }

  /** Forgets all arrays of this store, but for those that another process is writing. */
  async clear(): Promise<void> {
    await clearFolder(this.#folder);
  }

  #path(name: string): string {
    if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name)) {
      throw new RangeError(
        `Cannot store an array as its name must be words of letters, digits, ".", "_" and "-": got "${name}"`,
      );
    }
    return join(this.#folder, name);
  }
}
