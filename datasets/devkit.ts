/**
 * Where the folders of a VOC devkit are.
 *
 * @module
 */
import { join } from "node:path";
import { listFolder } from "./files.ts";

/**
 * Finds a year's folder: ROOT/VOCdevkit/YEAR, ROOT/YEAR, or ROOT itself.
 *
 * @param root What the user gave
 * @param year E.g. "VOC2007"
 * @param advice What the user can do where there is none
 * @returns The folder below the root, "" for the root itself
 * @throws {Error} If there is none; one line that names it
 */
export async function findDevkit(root: string, year: string, advice: string): Promise<string> {
  for (const folder of [`VOCdevkit/${year}`, year, ""]) {
    const there = await listFolder(join(root, folder));
    if (there?.folders.includes("JPEGImages")) return folder;
  }
  throw new Error(`Cannot find ${year} in ${root}: ${advice}`);
}
