/**
 * Boxes that a batch of outputs stands for, read from the device.
 *
 * @module
 */
import type { DetectionOutput } from "./models/network.ts";
import { type Detection, findBoxes, type PostProcessing } from "./post_process.ts";

/**
 * Reads the boxes of each example.
 *
 * @param output Of the target model; not disposed
 * @param count Rows that are read; the rest is padding
 * @param settings How boxes are picked
 * @returns The boxes of each example, the surest first
 */
export async function readDetections(
  { logits, offsets, priors, scores }: DetectionOutput,
  count: number,
  settings: PostProcessing = {},
): Promise<Detection[][]> {
  const [, priorCount, columns] = logits.shape;
  const [numbers, places, boxes, own] = await Promise.all([
    logits.data<"float32">(),
    offsets.data<"float32">(),
    priors.data<"float32">(),
    scores?.data<"float32">(),
  ]);
  return Array.from({ length: count }, (_, row) => {
    const rowOf = (values: Float32Array, width: number) =>
      values.subarray(row * priorCount * width, (row + 1) * priorCount * width);
    const raw = {
      logits: rowOf(numbers, columns),
      offsets: rowOf(places, 4),
      priors: rowOf(boxes, 4),
      ...(own && { scores: rowOf(own, columns - 1) }),
    };
    return findBoxes(raw, columns - 1, settings);
  });
}
