/**
 * The terms of each row of Table 1.
 *
 * @module
 */
import type { LossSetting, LossSettings, LossWeights } from "../preset.ts";

/** The name of what a task's `extractFeatures` gives. */
export const PENULTIMATE = "penultimate";

/** What losses are unless their settings say otherwise. */
const DEFAULTS = {
  intraReduction: "classes",
  features: PENULTIMATE,
  reconstructionFeatures: "rows",
  ignored: "skip",
  cleanFeatures: "loaded",
  at: "dataset",
  cleanWeight: 1,
} as const satisfies Partial<LossSettings>;

/** Loss settings resolved for a row of Table 1. */
export interface ResolvedLosses extends Required<LossSettings> {
  /**
   * D's real images: x̂^c as in Eq. 3, with x̂^a as fake; or x^c, the traditional setting, with
   * both x̂^c and x̂^a as fake.
   */
  readonly real: "restored" | "clean";
  /** Whether any term needs D; if none does, D is not trained. */
  readonly usesDiscriminator: boolean;
}

type Level = "pixel" | "feature" | "class";

const LEVELS: Readonly<Record<keyof LossWeights, Level>> = {
  reconstruction: "pixel",
  perceptual: "pixel",
  adversarial: "pixel",
  featureMatching: "pixel",
  task: "feature",
  featureReconstruction: "feature",
  classAlign: "class",
  classInter: "class",
  classIntra: "class",
};

const SETTINGS: Readonly<Record<LossSetting, readonly Level[]>> = {
  "full": ["pixel", "feature", "class"],
  "L_I": ["pixel"],
  "L_F": ["feature"],
  "L_I+F": ["pixel", "feature"],
  "L_T": ["pixel"],
  "L_T+F": ["pixel", "feature"],
};

/**
 * Resolves loss settings for a row of Table 1: missing terms get weight 0, and the
 * traditional rows (L_T) pull all restored images to x^c and use x^c as D's real images (section 3.1).
 *
 * @param settings Of a preset
 * @returns The resolved settings
 * @throws {RangeError} If a weight is negative or not finite, if no term is left, or if the
 * hinge has no margin
 *
 * @example Usage
 * ```ts
 * import { resolveLosses } from "@realign/core/losses";
 * import assert from "node:assert/strict";
 *
 * const { weights, pixelTarget, real } = resolveLosses({
 *   setting: "L_T",
 *   pixelTarget: "intermediate",
 *   stopGradient: "none",
 *   pixelDistance: "absolute",
 *   weights: {
 *     reconstruction: 1,
 *     perceptual: 1,
 *     adversarial: 1,
 *     featureMatching: 10,
 *     task: 1,
 *     featureReconstruction: 1,
 *     classAlign: 1,
 *     classInter: 1,
 *     classIntra: 1,
 *   },
 *   margin: 1,
 *   interClass: "hinge",
 *   classReduction: "mean",
 * });
 * assert.equal(weights.featureMatching, 10);
 * assert.equal(weights.task, 0);
 * assert.deepEqual([pixelTarget, real], ["clean", "clean"]);
 * ```
 */
export function resolveLosses(settings: LossSettings): ResolvedLosses {
  const levels = SETTINGS[settings.setting];
  const names = Object.keys(LEVELS) as (keyof LossWeights)[];
  for (const name of names) {
    const weight = settings.weights[name];
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new RangeError(
        `Cannot weight the losses as the weight of ${name} must be a number of at least 0: current value is ${weight}`,
      );
    }
  }
  const { cleanWeight = 1 } = settings;
  if (!(cleanWeight >= 0 && Number.isFinite(cleanWeight))) {
    throw new RangeError(
      `Cannot weight the losses as losses.cleanWeight must be a number of at least 0: current value is ${cleanWeight}`,
    );
  }
  const weights = Object.fromEntries(
    names.map((name) => [name, levels.includes(LEVELS[name]) ? settings.weights[name] : 0]),
  ) as unknown as LossWeights;
  if (names.every((name) => weights[name] === 0)) {
    throw new RangeError(
      `Cannot train with the losses "${settings.setting}" as at least one weight must be above 0: current values are all 0`,
    );
  }
  if (weights.classInter > 0 && settings.interClass === "hinge" && settings.margin === 0) {
    throw new RangeError(
      "Cannot train with the inter-class hinge max(0, M - d) as its margin must be above 0: current value is 0, with which it is always 0",
    );
  }
  const traditional = settings.setting === "L_T" || settings.setting === "L_T+F";
  return {
    ...DEFAULTS,
    ...settings,
    weights,
    pixelTarget: traditional ? "clean" : settings.pixelTarget,
    real: traditional ? "clean" : "restored",
    usesDiscriminator: weights.adversarial > 0 || weights.featureMatching > 0,
  };
}
