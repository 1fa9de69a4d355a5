/**
 * Where adversarial images are kept between processes.
 *
 * @module
 */

/** Where finished parts of a cache are kept between processes. */
export interface CacheStorage {
  /** The bytes under a name, or undefined where there are none, or broken ones. */
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Forgets what is under a name. */
  remove?(name: string): Promise<void>;
  /** Forgets all. */
  clear?(): Promise<void>;
}

/** Keeps nothing beyond the process. */
export const noStorage: CacheStorage = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};
