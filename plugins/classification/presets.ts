/**
 * Classification presets: the paper's settings, and small ones for two cores.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { adversarialPresets } from "./adversarial_presets.ts";
import { cifar10, paperPresets } from "./paper_presets.ts";
import { cifar10Small, shapes, smallPresets } from "./small_presets.ts";

/** All classification presets by name. */
export const presets: Readonly<Record<string, Preset>> = {
  ...smallPresets,
  ...paperPresets,
  ...adversarialPresets({ shapes, cifar10, cifar10Small }),
};
