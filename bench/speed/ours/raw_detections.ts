/**
 * Outputs of a detector that none gave: those of a trained one, which sees little, and those of one that
 * takes everything for something.
 *
 * @module
 */
import { createRandom, type HostTensor } from "@realign/core";

/** How many priors see something. */
export type RawKind = "few" | "many";

/** Shares of the priors. */
const SHARES: Readonly<Record<RawKind, number>> = { few: 0.1, many: 1 };

/** Both, in the order in which they are measured. */
export const rawKinds: readonly RawKind[] = ["few", "many"];

/** The background's lead where nothing is seen: no class comes near the threshold of 0.01. */
const LEAD = 10;
/** A class's lead where it is seen. */
const SEEN = 4;

/**
 * Draws logits and offsets.
 *
 * @param kind How many priors see something
 * @param shape Of the logits, `[B, P, K + 1]`
 * @returns Logits, and offsets `[B, P, 4]` of unit deviation
 */
export function drawRaw(
  kind: RawKind,
  shape: readonly number[],
): Readonly<Record<"logits" | "offsets", HostTensor>> {
  const [batch, priors, columns] = shape;
  const random = createRandom(1, "raw", kind);
  const rows = batch * priors;
  const logits = random.normals(rows * columns, 1);
  for (let row = 0; row < rows; row++) {
    const seen = random.next() < SHARES[kind];
    const column = seen ? 1 + Math.floor((columns - 1) * random.next()) : 0;
    logits[row * columns + column] += seen ? SEEN : LEAD;
  }
  return {
    logits: { shape: [...shape], data: logits },
    offsets: { shape: [batch, priors, 4], data: random.normals(4 * rows, 1) },
  };
}
