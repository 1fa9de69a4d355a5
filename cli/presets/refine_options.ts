/**
 * Options that a name in a table declares, checked in a preset.
 *
 * @module
 */
import type { Options } from "@realign/core";
import type { z } from "zod";

/**
 * Checks the options beside a name: that the entry of this name has them, and their ranges.
 *
 * @param optionsOf The options of an entry
 * @param common Keys that every entry has
 * @returns What zod's `superRefine` takes
 */
export function refineOptions(
  optionsOf: (name: string) => Options,
  common: readonly string[] = [],
): (
  group: { readonly name: string; readonly [option: string]: unknown },
  context: z.core.$RefinementCtx,
) => void {
  return ({ name, ...given }, context) => {
    const options = optionsOf(name);
    for (const [key, value] of Object.entries(given)) {
      if (common.includes(key)) continue;
      if (!Object.hasOwn(options, key)) {
        context.addIssue({ code: "unrecognized_keys", keys: [key], input: given });
      } else if (!options[key].range.accepts(value)) {
        const message = `must be ${options[key].range.text}`;
        context.addIssue({ code: "custom", path: [key], message, input: value });
      }
    }
  };
}
