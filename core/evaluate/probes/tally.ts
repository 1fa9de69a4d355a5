/**
 * Means over the examples of several batches.
 *
 * @module
 */

/** Adds up numbers of examples by name. */
export class Tally {
  readonly #sums = new Map<string, { total: number; count: number }>();

  /** Adds the values of some examples; what is not finite is left out. */
  add(name: string, values: Iterable<number>): void {
    const sum = this.#sums.get(name) ?? { total: 0, count: 0 };
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      sum.total += value;
      sum.count += 1;
    }
    if (sum.count > 0) this.#sums.set(name, sum);
  }

  /** The mean of each name that has a value. */
  means(): Record<string, number> {
    return Object.fromEntries(
      Array.from(this.#sums, ([name, { total, count }]) => [name, total / count]),
    );
  }
}
