/**
 * Keeps examples that were read, as far as they fit, so that they need not be decoded in every epoch.
 *
 * @module
 */
import { ByteCache, type Example } from "@realign/core";

/** The most bytes that a dataset keeps: 256 MiB. */
const DEFAULT_LIMIT = 2 ** 28;

/**
 * Wraps a reader. Examples are handed out as they were read the first time: whoever changes one must make
 * a copy, as augmentations do.
 *
 * @param read Reads an example
 * @param sizeOf Its bytes in memory
 * @param limit The most bytes that are kept; what was asked for longest ago goes first
 * @returns A reader of the same examples
 */
export function remember<A>(
  read: (index: number) => Promise<Example<A>>,
  sizeOf: (example: Example<A>) => number,
  limit: number = DEFAULT_LIMIT,
): (index: number) => Promise<Example<A>> {
  const kept = new ByteCache<number, Example<A>>(limit, sizeOf);
  return async (index) => {
    const known = kept.get(index);
    if (known) return known;
    const example = await read(index);
    if (sizeOf(example) <= limit) kept.set(index, example);
    return example;
  };
}
