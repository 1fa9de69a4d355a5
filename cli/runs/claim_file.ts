/**
 * What stands in the file of a claim.
 *
 * @module
 */
/** Who has a piece of work. */
export interface Holder {
  readonly host: string;
  readonly process: number;
}

/** What a claim says of its owner. */
export interface ClaimText extends Holder {
  /** Equal for processes whose locks of files the same system keeps. */
  readonly machine: string;
  /** After so many seconds without a beat the owner counts as dead. */
  readonly seconds: number;
}

/** What a file says whose owner has finished. */
export const FREE = '{"free":true}\n';

/** Digits of a beat: a claim is renewed in its place, so its length stays. */
const DIGITS = 12;

/** The bytes of a claim at a beat. */
export function formatClaim(
  { host, process, machine, seconds }: ClaimText,
  beat: number,
): Uint8Array<ArrayBuffer> {
  const counted = String(beat).padStart(DIGITS, "0");
  const text = JSON.stringify({ host, process, machine, seconds, beat: counted });
  return new TextEncoder().encode(`${text}\n`);
}

/** Reads a claim; undefined if it is not whole, as while it is made. */
export function parseClaim(text: string): ClaimText | undefined {
  try {
    const { host, process, machine, seconds } = JSON.parse(text);
    const isWhole = typeof host === "string" && Number.isSafeInteger(process) &&
      typeof machine === "string" && seconds > 0;
    return isWhole ? { host, process, machine, seconds } : undefined;
  } catch {
    return undefined;
  }
}
