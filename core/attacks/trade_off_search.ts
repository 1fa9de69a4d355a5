/**
 * The outer search of Carlini and Wagner's attack.
 *
 * @module
 */

/** From this many rounds on, the last one uses the smallest constant known to work. */
const REPEAT_FROM = 10;
/** Stands in for "none is known to work" in that last round. */
const GREATEST = 1e10;

/**
 * Searches, for each example, the smallest constant with which a descent still fools the victim:
 * times ten while it fails, then bisection.
 *
 * @example Usage
 * ```ts
 * import { TradeOffSearch } from "./trade_off_search.ts";
 * import assert from "node:assert/strict";
 *
 * const tried: number[] = [];
 * const search = new TradeOffSearch(1, 0.01, 4);
 * for (const [constant] of search) {
 *   tried.push(constant);
 *   search.report([constant >= 0.5 ? 1 : 0]);
 * }
 * assert.deepEqual(tried, [0.01, 0.1, 1, 0.55]);
 * ```
 */
export class TradeOffSearch implements Iterable<readonly number[]> {
  readonly #rounds: number;
  #constants: number[];
  readonly #failed: number[];
  readonly #worked: number[];

  /**
   * @param examples Number of examples
   * @param initial The initial constant
   * @param rounds Number of constants to try
   */
  constructor(examples: number, initial: number, rounds: number) {
    this.#rounds = rounds;
    this.#constants = Array<number>(examples).fill(initial);
    this.#failed = Array<number>(examples).fill(0);
    this.#worked = Array<number>(examples).fill(Infinity);
  }

  /** The constants of each round; call `report` before the next. */
  *[Symbol.iterator](): Generator<readonly number[], void> {
    for (let round = 0; round < this.#rounds; round++) {
      if (round === this.#rounds - 1 && this.#rounds >= REPEAT_FROM) {
        this.#constants = this.#worked.map((constant) => Math.min(constant, GREATEST));
      }
      yield this.#constants;
    }
  }

  /**
   * Reports the result of a round.
   *
   * @param found For each example, whether it was fooled (not 0)
   */
  report(found: ArrayLike<number>): void {
    this.#constants = this.#constants.map((constant, example) => {
      const bounds = found[example] !== 0 ? this.#worked : this.#failed;
      bounds[example] = constant;
      const worked = this.#worked[example];
      return worked === Infinity ? constant * 10 : (this.#failed[example] + worked) / 2;
    });
  }
}
