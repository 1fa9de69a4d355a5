/**
 * How often the faults are provoked. The tests go by these numbers and bear them in their names; run
 * as a program, after the tests have passed, this prints them.
 *
 * @module
 */

/** Processes killed in each stage. */
export const kills = { attack: 6, train: 8, evaluate: 6 } as const;

/** Inputs changed at random, by what they are. */
export const mutations = {
  weights: 150,
  checkpoints: 40,
  cacheParts: 40,
  records: 80,
  pictures: 100,
  labels: 90,
} as const;

/** Steps over which memory must not grow. */
export const STEPS = 2000;

/** Adds numbers up. */
export const sum = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((total, value) => total + value, 0);

if (import.meta.main) {
  console.log(
    `faults: ${sum(kills)} kills, ${sum(mutations)} mutated inputs, ${STEPS} steps of flat memory`,
  );
}
