/**
 * The examples that an evaluation measures.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import type { Preset } from "../preset.ts";
import type { TaskAdapter } from "../task.ts";

/**
 * The examples that an evaluation measures: those of a dataset, or their windows.
 *
 * @param preset Whether images are cut
 * @param task Cuts them
 * @param dataset The images
 * @throws {RangeError} If the preset asks for windows that the task has not
 *
 * @example Usage
 * ```ts
 * import { measuredExamples } from "@realign/core";
 * import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const [task, dataset] = [createToyTask(), createToyDataset(6)];
 * assert.equal(measuredExamples(toyPreset, task, dataset), dataset);
 * const window = { picture: [16, 16], stride: [4, 4], mirror: false } as const;
 * const preset = { evaluation: { ...toyPreset.evaluation, window } };
 * assert.throws(() => measuredExamples(preset, task, dataset), /toy has no windows/);
 * ```
 */
export function measuredExamples<A>(
  { evaluation: { window } }: Pick<Preset, "evaluation">,
  // deno-lint-ignore no-explicit-any -- neither outputs nor labels are looked at
  task: Pick<TaskAdapter<any, any, A>, "name" | "cutWindows">,
  dataset: Dataset<A>,
): Dataset<A> {
  if (!window) return dataset;
  if (task.cutWindows) return task.cutWindows(dataset);
  throw new RangeError(
    `Cannot evaluate in windows as ${task.name} has no windows: leave evaluation.window out`,
  );
}
