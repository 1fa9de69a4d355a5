/**
 * Detection suites: what `evaluate --suite` adds to a preset's attacks.
 *
 * @module
 */
import { curvesOf, type SuiteAttack, type SuiteAttacks, type Suites } from "@realign/core";

const pgd: SuiteAttack = {
  name: "pgd",
  objective: "cls+loc",
  steps: 50,
  randomStart: "uniform",
  return: "best",
};

/** What an attacker of a detector may ascend: the parts of its loss, and whether there is anything at all. */
const OBJECTIVES = ["cls", "loc", "cls+loc", "vanish", "fabricate", "objectness"];

/** APGD on each objective. Which of them leaves least, the table tells: mAP is of the whole set. */
const apgd = (ending: string, settings: Omit<SuiteAttack, "name">): SuiteAttacks =>
  Object.fromEntries(
    OBJECTIVES.map((objective) => [
      `apgd-${objective}-${ending}`,
      { name: "apgd", objective, ...settings },
    ]),
  );

const square: SuiteAttack = { name: "square", objective: "cls+loc" };

/** By name: APGD on each objective, the stronger of two, transfer and questions; then restarts, curves and controls. */
export const suites: Suites = {
  standard: {
    threatModels: {
      whitebox: {
        ...apgd("50", { steps: 50 }),
        "mtd-50": { name: "mtd", steps: 50, randomStart: "uniform" },
        dag: { name: "dag" },
      },
      transfer: {
        "mi-fgsm": { name: "mi-fgsm", objective: "cls+loc" },
        "di-fgsm": { name: "di-fgsm", objective: "cls+loc" },
      },
      // Fewer queries than classification's, as none ends early; so the windows shrink sooner.
      "black-box": { "square-1000": { ...square, queries: 1000, rescaled: true } },
    },
  },
  strong: {
    extends: "standard",
    everySystem: true,
    threatModels: {
      whitebox: {
        ...apgd("100-restarts", { steps: 100, restarts: 5 }),
        feature: { name: "feature" },
      },
      "black-box": {
        "square-5000": { ...square, queries: 5000 },
        noise: { name: "noise", objective: "cls+loc" },
      },
    },
    curves: { whitebox: curvesOf(pgd) },
  },
};
