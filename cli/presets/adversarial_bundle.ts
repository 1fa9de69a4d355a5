/**
 * Adversarial training of O by one word: `--target.train.adversarial=trades`.
 *
 * @module
 */
import {
  adversarialTrainings,
  didYouMean,
  type Plugin,
  type Preset,
  withAdversarialTraining,
} from "@realign/core";
import { UsageError } from "../system/failure.ts";

/** The setting that takes a bundle's name. */
export const ADVERSARIAL = "target.train.adversarial";

/** Plain training. */
const NONE = "none";

/**
 * The preset with the bundle of adversarial training that the command line names.
 *
 * @param preset The preset
 * @param wanted The bundle, or "none" for plain training; undefined if none is named
 * @param own Bundles of the plugin, which go before the core's
 * @returns The preset as it is if no bundle is named
 * @throws {UsageError} If there is no such bundle
 */
export function withAdversarialBundle(
  preset: Preset,
  wanted: string | undefined,
  own: Plugin["adversarialTrainings"],
): Preset {
  if (wanted === undefined) return preset;
  if (wanted === NONE) return withAdversarialTraining(preset, undefined);
  const bundles = { ...adversarialTrainings, ...own };
  if (Object.hasOwn(bundles, wanted)) return withAdversarialTraining(preset, bundles[wanted]);
  throw new UsageError(
    `Cannot set ${ADVERSARIAL} to "${wanted}": ${
      didYouMean(wanted, [...Object.keys(bundles), NONE])
    }`,
  );
}
