/**
 * What a system loses of clean images: its reconstruction error.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { cleanRow, perSystem, twoDigits } from "./per_system.ts";

/** A system's reconstruction error in grey levels, e.g. "7.3"; undefined where it was not measured. */
export function reconstructionText(
  evaluation: Pick<Evaluation, "rows">,
  name: string,
): string | undefined {
  const error = cleanRow(evaluation, name)?.reconstructionError;
  return error === undefined ? undefined : twoDigits(255 * error);
}

/** The reconstruction errors of all systems, and what they are; undefined where none was measured. */
export function reconstructionNote(evaluation: Evaluation): string | undefined {
  const errors = perSystem(evaluation, reconstructionText);
  return errors &&
    `Reconstruction error, how far restored clean images lie from the clean ones (root mean square of 255 grey levels): ${errors}`;
}
