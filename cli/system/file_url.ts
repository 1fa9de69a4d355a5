/**
 * Paths as URLs.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The `file:` URL of a path, absolute or from the current folder. */
export function toFileUrl(path: string): string {
  return pathToFileURL(resolve(path)).href;
}
