/**
 * Where the folders of a VOC devkit are.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { listFolder } from "./formats/files.ts";

/**
 * Finds a year's folder: ROOT/VOCdevkit/YEAR, ROOT/YEAR, or ROOT itself if it does not bear another year's name.
 *
 * @param root What the user gave
 * @param year E.g. "VOC2007"; "" for the only one there is
 * @param advice What the user can do where there is none
 * @returns The folder below the root, "" for the root itself
 * @throws {Error} If there is none, or several where no year is given; one line that names the root
 */
export async function findDevkit(root: string, year: string, advice: string): Promise<string> {
  const folders = year === "" ? await listYears(root) : [`VOCdevkit/${year}`, year];
  const found: string[] = [];
  const own = basename(resolve(root));
  const isOther = year !== "" && own !== year && /^VOC\d{4}$/.test(own);
  for (const folder of new Set([...(isOther ? [] : [""]), ...folders])) {
    const there = await listFolder(join(root, folder));
    if (there?.folders.includes("JPEGImages")) found.push(folder);
  }
  if (found.length === 0) {
    throw new Error(`Cannot find ${year === "" ? "JPEGImages" : year} in ${root}: ${advice}`);
  }
  if (year === "" && found.length > 1) {
    throw new Error(
      `Cannot choose one of ${
        found.map((folder) => folder || "JPEGImages itself").join(", ")
      } in ${root}: write the year before the list, e.g. ${basename(found.at(-1)!)}/test`,
    );
  }
  return found.at(-1)!;
}

/** All folders that might be a year's. */
async function listYears(root: string): Promise<string[]> {
  const [here, devkit] = [await listFolder(root), await listFolder(join(root, "VOCdevkit"))];
  return [
    ...(here?.folders ?? []),
    ...(devkit?.folders ?? []).map((name) => `VOCdevkit/${name}`),
  ];
}
