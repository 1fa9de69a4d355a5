/**
 * The images that `realign defend` restores, and where it writes them.
 *
 * @module
 */
import { listPictures } from "@realign/datasets";
import { basename, extname, join, resolve } from "node:path";
import { UsageError } from "../system/failure.ts";

/** An image to restore. */
export interface DefendedFile {
  /** The file. */
  readonly path: string;
  /** Path of the restored PNG. */
  readonly target: string;
}

/**
 * Lists image files, and all images below folders.
 *
 * @param paths Files and folders
 * @param out The folder for restored images; subfolders are kept
 * @param note Receives notes on ignored files
 * @returns The images in order
 * @throws {UsageError} If two images have the same target, or a target is one of the inputs
 * @throws {Error} If a folder has no images
 */
export async function listDefended(
  paths: readonly string[],
  out: string,
  note: (text: string) => void,
): Promise<DefendedFile[]> {
  const files: DefendedFile[] = [];
  for (const path of paths) {
    const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
    if (!isFolder) {
      files.push({ path, target: join(out, asPng(basename(path))) });
      continue;
    }
    const listed = await listPictures(resolve(path), { except: resolve(out) });
    for (const text of listed.notes) note(`${path}: ${text}`);
    for (const below of listed.files) {
      files.push({ path: join(path, below), target: join(out, asPng(below)) });
    }
  }
  assertDistinct(files, out);
  return files;
}

function asPng(path: string): string {
  return `${path.slice(0, path.length - extname(path).length)}.png`;
}

/** Throws if two images have the same target, or a target is one of the inputs. */
function assertDistinct(files: readonly DefendedFile[], out: string): void {
  const seen = new Map<string, string>();
  const read = new Set(files.map(({ path }) => resolve(path)));
  for (const { path, target } of files) {
    if (read.has(resolve(target))) {
      throw new UsageError(
        `Cannot restore ${path} into ${out} as ${target} would be overwritten: choose another --out`,
      );
    }
    const other = seen.get(target);
    if (other !== undefined) {
      throw new UsageError(
        `Cannot restore both ${other} and ${path} into one folder: they have the same name`,
      );
    }
    seen.set(target, path);
  }
}
