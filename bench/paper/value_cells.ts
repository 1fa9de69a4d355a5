/**
 * What separates our values from those of the authors' code, one change at a time.
 *
 * @module
 */
import type { Override } from "../../cli/presets/overrides.ts";
import { settingOverride } from "../../cli/commands/options.ts";

/** A change of settings with a name. */
export interface ValueCell {
  /** As a row reads. */
  readonly title: string;
  /** Values by setting, as on the command line. */
  readonly values: Readonly<Record<string, string>>;
}

/** From ours to the authors'; each one but the last is a part of their bundle. */
export const VALUE_CELLS: Readonly<Record<string, ValueCell>> = {
  ours: { title: "Ours", values: {} },
  "absolute-distance": {
    title: "‖·‖₁ in Eq. 1 and 2, gradient of L_r into x̂^c",
    values: { "losses.pixelDistance": "absolute", "losses.stopGradient": "perceptual" },
  },
  "logits-as-features": {
    title: "z are the logits",
    values: { "losses.features": "logits" },
  },
  "conditional-discriminator": {
    title: "D sees the label",
    values: { "discriminator.condition": "labels" },
  },
  "class-sums": {
    title: "Class terms summed",
    values: { "losses.classReduction": "sum" },
  },
  "vgg-19": {
    title: "Φ is VGG-19",
    values: {
      "perceptual.architecture": "vgg19",
      "perceptual.taps": "first",
      "perceptual.tapWeights": "0.03125,0.0625,0.125,0.25,1",
      "perceptual.normalization": "centred",
    },
  },
  authors: { title: "All of the authors' values", values: { "losses.values": "authors" } },
};

/** The overrides of a change. */
export function valueOverrides({ values }: ValueCell): Override[] {
  return Object.entries(values).flatMap(([setting, text]) => settingOverride(setting, text));
}
