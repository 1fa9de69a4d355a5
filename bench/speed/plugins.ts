/**
 * The plugins whose presets are measured.
 *
 * @module
 */
import classification from "@realign/classification";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import type { Plugin, Preset } from "@realign/core";

/** The built-in plugin of a preset's task. Throws RangeError for another task. */
export function pluginOf({ task }: Pick<Preset, "task">): Plugin {
  const found = [classification, segmentation, detection].find(({ name }) => name === task);
  if (found) return found;
  throw new RangeError(
    `Cannot measure a preset as its task must be a built-in one: current task is "${task}"`,
  );
}
