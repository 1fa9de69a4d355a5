/**
 * Detection suites: what `evaluate --suite` adds to a preset's attacks.
 *
 * @module
 */
import { curvesOf, type SuiteAttack, type Suites } from "@realign/core";

const pgd = (objective: string, steps: number): SuiteAttack => ({
  name: "pgd",
  objective,
  steps,
  randomStart: "uniform",
  return: "best",
});

/** By name: both losses, each of them and the stronger of both with many steps, and transfer; then restarts, curves and controls. */
export const suites: Suites = {
  standard: {
    threatModels: {
      whitebox: {
        "cls-50": pgd("cls", 50),
        "loc-50": pgd("loc", 50),
        "cls+loc-50": pgd("cls+loc", 50),
        "mtd-50": { name: "mtd", steps: 50, randomStart: "uniform" },
        dag: { name: "dag" },
      },
      transfer: {
        "mi-fgsm": { name: "mi-fgsm", objective: "cls+loc" },
        "di-fgsm": { name: "di-fgsm", objective: "cls+loc" },
      },
    },
  },
  strong: {
    extends: "standard",
    threatModels: {
      whitebox: {
        "cls+loc-100-restarts": { ...pgd("cls+loc", 100), restarts: 5 },
        "cls-100-restarts": { ...pgd("cls", 100), restarts: 5 },
        feature: { name: "feature" },
      },
      "black-box": { noise: { name: "noise" } },
    },
    curves: { whitebox: curvesOf(pgd("cls+loc", 50)) },
  },
};
