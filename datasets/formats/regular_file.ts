/**
 * Files that can be read to their end: no pipes, devices or sockets, which hang or never end.
 *
 * @module
 */
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";

/** What is not a file is called so. */
const kinds: readonly (readonly [(stats: Stats) => boolean, string])[] = [
  [(stats) => stats.isDirectory(), "a folder"],
  [(stats) => stats.isFIFO(), "a named pipe"],
  [(stats) => stats.isCharacterDevice() || stats.isBlockDevice(), "a device"],
  [(stats) => stats.isSocket(), "a socket"],
];

/** Fails, with the reason alone, if something that was looked at is not a regular file. */
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
