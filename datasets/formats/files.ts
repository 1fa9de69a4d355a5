/**
 * Reading files with errors that say, in one line, which file, what is wrong and what to do.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DataRoot } from "./data_root.ts";
import { askFiles, identityOf } from "./identity.ts";
import { reasonOf } from "./reason.ts";
import { assertRegular, readRegularFile } from "./regular_file.ts";

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

/**
 * The bytes of a file of a data set.
 *
 * @param root The data set's folder, which the file must lie in
 * @param path The file
 * @param advice What the user can do where it is missing
 */
export async function readBytes(
  root: DataRoot,
  path: string,
  advice: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const real = await locate(root, path, advice);
  try {
    return await readRegularFile(real);
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Resolves links of a path; throws if the file is missing or outside the data set's folder. */
export async function locate(root: DataRoot, path: string, advice: string): Promise<string> {
  try {
    return await root.locate(path);
  } catch (error) {
    if (isMissing(error)) throw new MissingFile(path, advice);
    if (error instanceof Error && "code" in error) {
      throw new Error(`Cannot read ${path}: ${error.message}`);
    }
    throw error;
  }
}

/** A file of a data set. */
export interface FoundFile {
  /** Bytes. */
  readonly size: number;
  /** The same for all names of one file. */
  readonly identity: string;
}

/** Sizes and identities of files below a root; `advice` says what to do if one is missing. */
export async function findFiles(
  root: DataRoot,
  paths: readonly string[],
  advice: string,
): Promise<FoundFile[]> {
  return await askFiles(paths, async (path) => {
    const whole = join(root.path, path);
    const real = await locate(root, whole, advice);
    try {
      const stats = await stat(real);
      assertRegular(stats);
      return { size: stats.size, identity: identityOf(real, stats) };
    } catch (error) {
      if (isMissing(error)) throw new MissingFile(whole, advice);
      throw new Error(`Cannot read ${whole}: ${reasonOf(error)}`);
    }
  });
}

/** Drops items whose file is that of an earlier item, with a note. */
export function distinctFiles<Item>(
  items: readonly Item[],
  found: readonly FoundFile[],
  nameOf: (item: Item) => string,
): { items: Item[]; found: FoundFile[]; notes: string[] } {
  const seen = new Set<string>();
  const kept = items.map((_, index) => {
    const isFirst = !seen.has(found[index].identity);
    seen.add(found[index].identity);
    return isFirst;
  });
  const again = items.filter((_, index) => !kept[index]);
  return {
    items: items.filter((_, index) => kept[index]),
    found: found.filter((_, index) => kept[index]),
    notes: again.length === 0 ? [] : [
      `${again.length} images are listed twice and count once, e.g. ${nameOf(again[0])}`,
    ],
  };
}

/** The lines of a text file without their ends; empty ones are left out. */
export async function readLines(
  root: DataRoot,
  path: string,
  advice: string,
): Promise<string[]> {
  const text = new TextDecoder().decode(await readBytes(root, path, advice));
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
    throw new Error(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}
