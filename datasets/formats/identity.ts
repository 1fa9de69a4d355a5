/**
 * Tells whether two names mean one file.
 *
 * @module
 */
import type { Stats } from "node:fs";

/** Files asked for their stats at a time. */
const STATS_AT_ONCE = 256;

/**
 * Asks for something of many files, so many at a time that the system's limits hold.
 *
 * @param paths The files
 * @param ask What is asked of each
 * @returns The answers, in order
 */
export async function askFiles<Answer>(
  paths: readonly string[],
  ask: (path: string) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let first = 0; first < paths.length; first += STATS_AT_ONCE) {
    answers.push(...await Promise.all(paths.slice(first, first + STATS_AT_ONCE).map(ask)));
  }
  return answers;
}

/**
 * A text that is the same for all names of one file.
 *
 * @param real Its path, links resolved
 * @param stats Its stats
 */
export function identityOf(real: string, { nlink, dev, ino }: Stats): string {
  // Not all file systems have inodes to be trusted, so they count only where there are several names.
  return nlink > 1 ? `inode ${dev}:${ino}` : real;
}
