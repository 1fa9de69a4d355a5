/**
 * Classification suites: what `evaluate --suite` adds to a preset's attacks.
 *
 * @module
 */
import { curvesOf, type SuiteAttack, type Suites } from "@realign/core";

/** PGD long enough that its loss has settled, from several starts, keeping the best iterate. */
const pgd: SuiteAttack = {
  name: "pgd",
  objective: "cross-entropy",
  steps: 100,
  randomStart: "uniform",
  restarts: 5,
  return: "best",
  untilFooled: true,
};

/** By name: AutoAttack, its like without gradients, transfer; then restarts, curves and controls. */
export const suites: Suites = {
  standard: {
    threatModels: {
      whitebox: { autoattack: { name: "autoattack", version: "standard" } },
      transfer: { "mi-fgsm": { name: "mi-fgsm" }, "di-fgsm": { name: "di-fgsm" } },
      "black-box": { square: { name: "square", queries: 5000 } },
    },
  },
  strong: {
    extends: "standard",
    everySystem: true,
    threatModels: {
      whitebox: {
        "pgd-100": pgd,
        "pgd-margin-100": { ...pgd, objective: "margin" },
        feature: { name: "feature" },
      },
      "black-box": { noise: { name: "noise" } },
    },
    curves: { whitebox: curvesOf({ ...pgd, steps: 50, restarts: 1 }) },
  },
};
