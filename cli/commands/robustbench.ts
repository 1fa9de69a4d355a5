/**
 * `evaluate --robustbench FILE`: an entry for RobustBench's list of models.
 *
 * @module
 */
import type { Evaluation, Preset } from "@realign/core";
import { dirname } from "node:path";
import { assertListable, modelInfoOf } from "../report/robustbench.ts";
import { formatJson } from "../system/json.ts";
import { makeFolder, writeSafely } from "../system/safe_file.ts";
import type { Split } from "../stages/splits.ts";

/** Fails before hours of attacks where the list would not take their figures. */
export function assertEntry({ dataset, evaluation }: Preset, split: Split): void {
  const { threatModels: { whitebox }, examples } = evaluation;
  assertListable({
    dataset: dataset.name,
    split,
    // How many images there are is not known yet.
    count: examples === 0 ? 10_000 : examples,
    attacks: Object.values(whitebox?.attacks ?? {}),
  });
}

/** Writes the entry; what only the authors know is left empty. */
export async function writeEntry(path: string, evaluation: Evaluation): Promise<void> {
  await makeFolder(dirname(path));
  await writeSafely(path, `${formatJson(modelInfoOf(evaluation))}\n`);
}
