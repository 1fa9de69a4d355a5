/**
 * Segmentation suites: what `evaluate --suite` adds to a preset's attacks.
 *
 * @module
 */
import { curvesOf, type SuiteAttack, type Suites } from "@realign/core";

/** Dense attacks ascend objectives that change with the progress, so there is no best iterate to keep. */
const dense = (name: string, steps: number): SuiteAttack => ({
  name,
  steps,
  randomStart: "uniform",
});

const pgd: SuiteAttack = { ...dense("pgd", 50), objective: "cross-entropy", return: "best" };

/** By name: the dense attacks with many steps, and transfer; then restarts, curves and controls. */
export const suites: Suites = {
  standard: {
    threatModels: {
      whitebox: {
        "cospgd-20": dense("cospgd", 20),
        "segpgd-100": dense("segpgd", 100),
        "cospgd-100": dense("cospgd", 100),
      },
      transfer: { "mi-fgsm": { name: "mi-fgsm" }, "di-fgsm": { name: "di-fgsm" } },
    },
  },
  strong: {
    extends: "standard",
    threatModels: {
      whitebox: {
        "segpgd-100-restarts": { ...dense("segpgd", 100), restarts: 5 },
        "pgd-100-restarts": { ...pgd, steps: 100, restarts: 5 },
        feature: { name: "feature" },
      },
      "black-box": { noise: { name: "noise" } },
    },
    curves: { whitebox: curvesOf(pgd) },
  },
};
