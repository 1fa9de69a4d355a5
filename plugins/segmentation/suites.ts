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

/** A run of SEA, in a column of its own: the worst case chooses among all columns, as SEA does among its runs. */
const seaRun = (objective: string): SuiteAttack => ({ name: "apgd-stages", objective, steps: 300 });

const square: SuiteAttack = { name: "square", objective: "cross-entropy" };

/** By name: SEA, dense attacks with many steps, transfer and questions; then SEA's runs, restarts, curves and controls. */
export const suites: Suites = {
  standard: {
    threatModels: {
      whitebox: {
        "sea-100": { name: "sea", steps: 100 },
        "cospgd-20": dense("cospgd", 20),
        "segpgd-100": dense("segpgd", 100),
        "cospgd-100": dense("cospgd", 100),
      },
      transfer: { "mi-fgsm": { name: "mi-fgsm" }, "di-fgsm": { name: "di-fgsm" } },
      // Fewer queries than classification's, as none ends early; so the windows shrink sooner.
      "black-box": { "square-1000": { ...square, queries: 1000, rescaled: true } },
    },
  },
  strong: {
    extends: "standard",
    everySystem: true,
    threatModels: {
      whitebox: {
        "sea-balanced-300": seaRun("balanced-cross-entropy"),
        "sea-masked-300": seaRun("masked-cross-entropy"),
        "sea-js-300": seaRun("jensen-shannon"),
        "segpgd-100-restarts": { ...dense("segpgd", 100), restarts: 5 },
        "pgd-100-restarts": { ...pgd, steps: 100, restarts: 5 },
        feature: { name: "feature" },
      },
      "black-box": { "square-5000": { ...square, queries: 5000 }, noise: { name: "noise" } },
    },
    curves: { whitebox: curvesOf(pgd) },
  },
};
