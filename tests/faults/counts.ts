/**
 * How often the faults are provoked. The tests go by these numbers and bear them in their names; run
 * as a program, after the tests have passed, this prints them.
 *
 * @module
 */

import { BROKEN, HONEST } from "../broken/counts.ts";

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
  records: 120,
  openings: 30,
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

/** Ctrl-C, `kill`, and the warning of a queue. */
const ALL = ["SIGINT", "SIGTERM", "SIGUSR1"] as const;

/** Signals that commands are sent, one after the other, each time going on from the one before. */
export const signals = {
  "train-target": ALL,
  attack: ALL,
  train: ALL,
  evaluate: ALL,
  report: ALL,
  defend: ALL,
  "bench paper": ALL,
  demo: ["SIGINT"],
  "last steps": ["SIGINT", "SIGTERM"],
  "attacks in every step": ["SIGINT"],
  "long computations": ["SIGINT", "SIGTERM"],
} as const;

/** How many signals that are. */
const SIGNALS = Object.values(signals).reduce((total, { length }) => total + length, 0);

/** Steps over which memory must not grow. */
export const STEPS = 2000;

/** Adds numbers up. */
export const sum = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((total, value) => total + value, 0);

if (import.meta.main) {
  console.log(
    `alarms: ${BROKEN} broken defenses caught, 0 false alarms on ${HONEST} honest systems`,
  );
  const mutated = sum(mutations).toLocaleString("en");
  console.log(
    `faults: ${
      sum(kills)
    } kills, ${mutated} mutated inputs, ${SIGNALS} signals, ${STEPS} steps of flat memory`,
  );
}
