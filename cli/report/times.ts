/**
 * What a system costs: its time per image.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { placeLabel } from "./labels.ts";

/** A system's time for a clean image, e.g. "4.2 ms"; undefined where it was not measured. */
export function timePerImage(
  { rows }: Pick<Evaluation, "rows">,
  name: string,
): string | undefined {
  const time = rows.find(({ threatModel, system }) => threatModel === "none" && system === name)
    ?.millisecondsPerImage;
  return time === undefined ? undefined : `${formatTime(time)} ms`;
}

/** Two digits, which is as far as a busy machine can be trusted. */
function formatTime(milliseconds: number): string {
  return Number(milliseconds.toPrecision(2)).toString();
}

/** The times of all systems, and what they were measured on; undefined where none was measured. */
export function timesNote(evaluation: Evaluation): string | undefined {
  const times = evaluation.systems.flatMap(({ name }) => {
    const time = timePerImage(evaluation, name);
    return time === undefined ? [] : [`${placeLabel(evaluation, name)} ${time}`];
  });
  if (times.length === 0) return undefined;
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
  return `Time per clean image${where}: ${times.join("; ")}`;
}
