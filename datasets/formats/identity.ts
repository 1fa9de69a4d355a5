/**
 * Tells whether two names mean one file.
 *
 * @module
 */
import type { Stats } from "node:fs";

/** Files asked for their stats at a time. */
export const statsAtOnce = 256;

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
