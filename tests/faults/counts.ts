/**
 * How often the faults are provoked. The tests go by these numbers and bear them in their names; run
 * as a program, after the tests have passed, this prints them.
 *
 * @module
 */

/** Processes killed in each stage. */
export const kills = {
  target: 15,
  attack: 15,
  train: 25,
  evaluate: 20,
  report: 10,
  defend: 15,
} as const;

/** Inputs changed at random, by what they are. */
export const mutations = {
  weights: 110,
  otherWeights: 50,
  checkpoints: 40,
  cacheParts: 50,
  wheels: 50,
  records: 150,
  columns: 30,
  oldRecords: 30,
  keptResults: 30,
  trust: 30,
  pictures: 120,
  defended: 20,
  folder: 10,
  cifar: 40,
  imagenet64: 60,
  tinyImagenet: 30,
  camvid: 40,
  cityscapes: 20,
  vocSegmentation: 20,
  voc: 40,
  coco: 30,
} as const;

/** Signals sent to commands. */
export const signals = {} as const;

/** Steps over which memory must not grow. */
export const STEPS = 2000;

/** Adds numbers up. */
export const sum = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((total, value) => total + value, 0);

if (import.meta.main) {
  const mutated = sum(mutations).toLocaleString("en");
  console.log(
    `faults: ${sum(kills)} kills, ${mutated} mutated inputs, ${
      sum(signals)
    } signals, ${STEPS} steps of flat memory`,
  );
}
