/**
 * Trainings that no model file can have: it holds a graph for inference.
 *
 * @module
 */
import { isModelFile, type Preset, presetOn } from "@realign/core";
import { basename } from "node:path";
import { UsageError } from "../system/failure.ts";

/**
 * Fails if a preset would train a model from a file, O or a substitute.
 *
 * @param preset The preset, resolved
 * @param last The last training that is meant
 * @throws {UsageError} That names the setting, or the command
 */
export function assertNotTrained(preset: Preset, last?: "train" | "train-target"): void {
  const { target: { architecture, train }, evaluation: { substitutes = {} } } = preset;
  const fail = (file: string, remedy: string): never => {
    throw new UsageError(
      `Cannot train ${basename(file)} as a model from a file is frozen: ${remedy}`,
    );
  };
  if (isModelFile(architecture)) {
    if (last === "train-target") fail(architecture, "train a generator for it with realign train");
    if (train.from) fail(architecture, "leave out target.train.from");
    if (train.adversarial) fail(architecture, "set target.train.adversarial to none");
  }
  for (const [name, substitute] of Object.entries(substitutes)) {
    const own = presetOn(preset, substitute).target.architecture;
    if (substitute.train && isModelFile(own)) {
      fail(own, `leave out evaluation.substitutes.${name}.train`);
    }
  }
}
