/**
 * The pictures in a folder, whatever they are for.
 *
 * @module
 */
import { join } from "node:path";
import { DataRoot, type LinkOptions } from "./formats/data_root.ts";
import { linkNotes, walkFolders } from "./formats/walk.ts";

/** How the names of pictures end. */
const pictureName = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

/** Whether a file's name is that of a picture. */
export function isPictureName(path: string): boolean {
  return pictureName.test(path);
}

/** The pictures in a folder. */
export interface ListedPictures {
  /** Paths below the folder with "/", sorted; hidden ones left out. */
  readonly files: readonly string[];
  /** What was left out, a line each. */
  readonly notes: readonly string[];
}

/**
 * Lists the pictures in a folder and all below it, each once, whatever links lead to it.
 *
 * @param folder The folder
 * @param options Whether links that lead out of it are followed; `except`, a folder to leave out
 * @returns Paths and notes
 * @throws {Error} If there are none; one line that names the folder
 *
 * @example Usage
 * ```ts
 * import { listPictures } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(listPictures("nowhere"), /Cannot find pictures in nowhere/);
 * ```
 */
export async function listPictures(
  folder: string,
  options: LinkOptions & { readonly except?: string } = {},
): Promise<ListedPictures> {
  const walked = await walkFolders(new DataRoot(folder, options), [""]);
  const inside = (path: string) =>
    options.except !== undefined && `${join(folder, path)}`.startsWith(join(options.except, "/"));
  const there = walked[0].files.filter((path) => !inside(path));
  const files = there.filter(isPictureName);
  if (files.length === 0) {
    throw new Error(
      `Cannot find pictures in ${folder}: it must hold png, jpg, webp, gif, tif or avif files`,
    );
  }
  const others = there.length - files.length;
  const notes = others === 0 ? [] : [`${others} files that are no pictures are left out`];
  return { files, notes: [...notes, ...linkNotes(walked)] };
}
