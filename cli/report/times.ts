/**
 * What a system costs: its time per image.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { cleanRow, perSystem, twoDigits } from "./per_system.ts";

/**
 * A system's time for a clean image, e.g. "4.2 ms", with the digits that a busy machine can be trusted for; undefined
 * where it was not measured.
 */
export function timePerImage(
  evaluation: Pick<Evaluation, "rows">,
  name: string,
): string | undefined {
  const time = cleanRow(evaluation, name)?.millisecondsPerImage;
  return time === undefined ? undefined : `${twoDigits(time)} ms`;
}

/** The times of all systems, and what they were measured on; undefined where none was measured. */
export function timesNote(evaluation: Evaluation): string | undefined {
  const times = perSystem(evaluation, timePerImage);
  if (times === undefined) return undefined;
  const { backend, threads } = evaluation.environment as {
    readonly backend?: { readonly name: string; readonly version?: string };
    readonly threads?: number;
  };
  const { batchSize } = evaluation;
  const measured = [
    backend && [backend.name, backend.version].filter(Boolean).join(" "),
    threads && `${threads} ${threads === 1 ? "thread" : "threads"}`,
    batchSize && `batches of ${batchSize}`,
  ].filter(Boolean);
  const where = measured.length > 0 ? ` (${measured.join(", ")})` : "";
  return `Time per clean image${where}: ${times}`;
}
