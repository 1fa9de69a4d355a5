/**
 * The two splits of a preset's data.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { countShared } from "@realign/datasets";
import type { AnyDataset } from "./open_split.ts";

/** A split of a data set. */
export type Split = "train" | "test";

/** Fails if the two splits number their classes differently. */
export function assertSameClasses(train: AnyDataset, test: AnyDataset): void {
  const most = Math.max(train.classNames.length, test.classNames.length);
  for (let index = 0; index < most; index++) {
    const [one, other] = [train, test].map(({ classNames }) => classNames[index] ?? "none");
    if (one === other) continue;
    throw new Error(
      `Cannot train as both splits of ${train.name} must have the same classes in the same order: class ${index} is ${one} in ${train.split} and ${other} in ${test.split}`,
    );
  }
}

/** Warns of test images that are in the training split as well; gives the latter. */
export function warnOfShared(
  train: AnyDataset,
  test: AnyDataset,
  warn: (message: string) => void,
): AnyDataset {
  const shared = test.split === "test" ? countShared(test, train) : 0;
  if (shared === 0) return train;
  warn(
    `${shared} of the ${test.length} test images are in the training split as well, ` +
      "so figures on them say little about new images: remove them from one of the two",
  );
  return train;
}

/** The largest number of examples to evaluate on, 0 for all; of the training split, only those trained on. */
export function mostExamples({ dataset, evaluation }: Preset, split: Split): number {
  const limits = [evaluation.examples, ...(split === "train" ? [dataset.trainExamples] : [])];
  const real = limits.filter((limit) => limit > 0);
  return real.length === 0 ? 0 : Math.min(...real);
}
