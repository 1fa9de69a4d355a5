/**
 * Keeps examples that were read, as far as they fit, so that they need not be decoded in every epoch.
 *
 * @module
 */
import type { Example } from "@realign/core";

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
  const kept = new Map<number, { readonly example: Example<A>; readonly size: number }>();
  let total = 0;
  const forget = (index: number) => {
    total -= kept.get(index)?.size ?? 0;
    kept.delete(index);
  };
  return async (index) => {
    const known = kept.get(index);
    if (known) {
      kept.delete(index);
      kept.set(index, known); // now the youngest
      return known.example;
    }
    const example = await read(index);
    forget(index); // it may have been read twice at once
    const size = sizeOf(example);
    if (size > limit) return example;
    kept.set(index, { example, size });
    total += size;
    for (const oldest of kept.keys()) {
      if (total <= limit) break;
      forget(oldest);
    }
    return example;
  };
}
