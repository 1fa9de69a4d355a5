/**
 * The pictures of a problem as a dataset.
 *
 * @module
 */
import type { Dataset } from "@realign/core";
import type { Problem } from "./problem.ts";

/** The pool as a dataset in memory. */
export async function poolDataset({ pool, poolLabels, task }: Problem): Promise<Dataset<number>> {
  const [length, height, width] = pool.shape;
  const [values, labels] = [await pool.data(), await poolLabels.data()];
  const area = height * width * 3;
  const pixels = Uint8Array.from(values, (value) => Math.round(255 * value));
  return {
    name: "pool",
    split: "train",
    length,
    size: [height, width],
    classNames: Array.from({ length: task.classCount }, (_, index) => `${index}`),
    digest: "pool",
    read: (index) =>
      Promise.resolve({
        id: `pool/${index}`,
        picture: { height, width, pixels: pixels.slice(index * area, (index + 1) * area) },
        annotation: labels[index],
      }),
  };
}
