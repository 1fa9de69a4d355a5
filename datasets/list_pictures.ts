/**
 * Lists the image files of a folder.
 *
 * @module
 */
import { join } from "node:path";
import { DataRoot, type LinkOptions } from "./formats/data_root.ts";
import { linkNotes, walkFolders } from "./formats/walk.ts";

/** Names of image files. */
const pictureName = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

/** Whether a name is that of an image file. */
export function isPictureName(path: string): boolean {
  return pictureName.test(path);
}

/** The image files of a folder. */
export interface ListedPictures {
  /** Paths below the folder with "/", sorted; hidden ones left out. */
  readonly files: readonly string[];
  /** Notes on ignored files. */
  readonly notes: readonly string[];
}

/**
 * Lists the image files in a folder and all below it, each real file once.
 *
 * @param folder The folder
 * @param options Whether links out of it are followed; `except`, a folder to ignore
 * @returns Paths and notes
 * @throws {Error} If there are none
 *
 * @example Usage
 * ```ts
 * import { listPictures } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(listPictures("nowhere"), /Cannot find images in nowhere/);
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
      `Cannot find images in ${folder}: it must hold png, jpg, webp, gif, tif or avif files`,
    );
  }
  const others = there.length - files.length;
  const notes = others === 0 ? [] : [`${others} files are not images and are ignored`];
  return { files, notes: [...notes, ...linkNotes(walked)] };
}
