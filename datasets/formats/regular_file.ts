/**
 * Reads regular files only: pipes and sockets block, and devices may never end.
 *
 * @module
 */
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";

/** Names of other kinds. */
const kinds: readonly (readonly [(stats: Stats) => boolean, string])[] = [
  [(stats) => stats.isDirectory(), "a folder"],
  [(stats) => stats.isFIFO(), "a named pipe"],
  [(stats) => stats.isCharacterDevice() || stats.isBlockDevice(), "a device"],
  [(stats) => stats.isSocket(), "a socket"],
];

/** Throws, with the reason alone, if the stats are not of a regular file. */
export function assertRegular(stats: Stats): void {
  const kind = kinds.find(([is]) => is(stats))?.[1];
  if (kind !== undefined) throw new Error(`it is ${kind}, not a file`);
}

/**
 * Reads a whole file.
 *
 * @param path The file; links are followed
 * @returns Its bytes
 * @throws {Error} The reason alone, e.g. "it is a device, not a file"; or what the system says
 */
export async function readRegularFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  assertRegular(await stat(path));
  return new Uint8Array(await readFile(path));
}
