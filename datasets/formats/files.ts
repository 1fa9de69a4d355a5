/**
 * Reading files with errors that say, in one line, which file, what is wrong and what to do.
 *
 * @module
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file that is not there; the message says which, and what to do. */
export class MissingFile extends Error {
  constructor(path: string, advice: string) {
    super(`Cannot find ${basename(path)} in ${dirname(path)}: ${advice}`);
  }
}

/** Whether an error says that a file or folder is not there. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** The bytes of a file; `advice` says what the user can do where it is missing. */
export async function readBytes(path: string, advice: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (isMissing(error)) {
      throw new MissingFile(path, advice);
    }
    throw new Error(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Files asked for their size at a time. */
const statsAtOnce = 256;

/** The sizes in bytes of files below a root; `advice` says what the user can do where one is missing. */
export async function fileSizes(
  root: string,
  paths: readonly string[],
  advice: string,
): Promise<number[]> {
  const sizes: number[] = [];
  for (let first = 0; first < paths.length; first += statsAtOnce) {
    const some = paths.slice(first, first + statsAtOnce).map(async (path) => {
      const whole = join(root, path);
      try {
        return (await stat(whole)).size;
      } catch (error) {
        if (!isMissing(error)) throw new Error(`Cannot read ${whole}: ${error}`);
        throw new MissingFile(whole, advice);
      }
    });
    sizes.push(...await Promise.all(some));
  }
  return sizes;
}

/** The lines of a text file without their ends; empty ones are left out. */
export async function readLines(path: string, advice: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readBytes(path, advice));
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
}

/** The sorted names in a folder, hidden ones left out, links followed; null where there is no such folder. */
export async function listFolder(
  path: string,
): Promise<{ folders: string[]; files: string[] } | null> {
  try {
    const folders: string[] = [];
    const files: string[] = [];
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const isFolder = entry.isSymbolicLink()
        ? await stat(join(path, entry.name)).then((target) => target.isDirectory(), () => false)
        : entry.isDirectory();
      (isFolder ? folders : files).push(entry.name);
    }
    return { folders: folders.sort(), files: files.sort() };
  } catch (error) {
    if (isMissing(error)) return null;
    throw new Error(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The files in a folder and all below it, as sorted paths from `root` with "/"; hidden ones left out. */
export async function listFilesBelow(root: string, folder: string): Promise<string[]> {
  const here = await listFolder(join(root, folder));
  if (here === null) return [];
  const below = here.folders.map((name) => listFilesBelow(root, `${folder}/${name}`));
  return [...here.files.map((name) => `${folder}/${name}`), ...(await Promise.all(below)).flat()]
    .sort();
}
