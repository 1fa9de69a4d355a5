/**
 * Boxes in the format of COCO: one JSON file for all pictures of a split.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import {
  type BoxDataset,
  type BoxedPicture,
  type BoxOptions,
  createBoxDataset,
} from "../box_files.ts";
import { BoxSieve } from "../box_policy.ts";
import { expectedFiles } from "../expected_files.ts";
import { DataRoot } from "../formats/data_root.ts";
import { readBytes } from "../formats/files.ts";
import { walkFolders } from "../formats/walk.ts";

/** How a set in COCO's format is opened. */
export interface CocoOptions extends BoxOptions {
  /** Default: "coco" */
  readonly name?: string;
}

/** Fails where two entries have one id. */
const ownIds = [
  (entries: readonly { readonly id: number }[]) =>
    new Set(entries.map(({ id }) => id)).size === entries.length,
  "two entries share an id",
] as const;

const fileSchema = z.object({
  images: z.array(z.object({
    id: z.number(),
    file_name: z.string(),
    width: z.number().gt(0),
    height: z.number().gt(0),
  })).refine(...ownIds),
  annotations: z.array(z.object({
    id: z.number().optional(),
    image_id: z.number(),
    category_id: z.number(),
    bbox: z.array(z.number()).length(4),
    iscrowd: z.union([z.number(), z.boolean()]).optional(),
  })),
  categories: z.array(z.object({ id: z.number(), name: z.string() })).min(1).refine(...ownIds),
});

/**
 * Opens boxes in COCO's format. Classes are the categories, sorted by their ids. Crowds (`iscrowd`) are
 * kept as difficult boxes. What was left out or changed stands in the dataset's notes, in one line.
 *
 * @param root The folder
 * @param lists The JSON file below the root and the folder of its pictures, e.g.
 * ["annotations/instances_val2017.json", "val2017"]
 * @param options Size, and what becomes of boxes that are not as they should be; `missing` concerns
 * pictures that the JSON names and the folder has not
 * @returns The dataset; boxes in shares of the picture. Its digest covers boxes, names and sizes of files
 * @throws {Error} If a file is missing or damaged, or a box is against the policy; one line that names it
 *
 * @example Usage
 * ```ts
 * import { openCoco } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(
 *   openCoco("nowhere", ["annotations/instances_val2017.json", "val2017"]),
 *   /Cannot find instances_val2017.json in nowhere/,
 * );
 * ```
 */
export async function openCoco(
  root: string,
  [annotations, folder]: readonly [string, string],
  options: CocoOptions = {},
): Promise<BoxDataset> {
  const advice = expectedFiles.coco;
  const place = new DataRoot(root, options);
  const source = join(root, annotations);
  const { images, annotations: objects, categories } = parse(
    await readBytes(place, source, advice),
    source,
  );
  const sorted = categories.toSorted((a, b) => a.id - b.id);
  const sieve = new BoxSieve(options, sorted.map(({ name }) => name));
  const nameOf = new Map(sorted.map(({ id, name }) => [id, name]));
  const known = new Set(images.map(({ id }) => id));
  const placed = objects.map((object, index) => {
    const where = object.id === undefined
      ? `annotation ${index + 1} in order`
      : `annotation ${object.id}`;
    if (!known.has(object.image_id)) sieve.leaveUnplaced(where);
    return { ...object, where };
  });
  const byImage = Map.groupBy(placed, (object) => object.image_id);
  const [{ files, left }] = await walkFolders(place, [folder]);
  const there = new Set(files);
  const pictures: BoxedPicture[] = [];
  for (const { id, file_name: file, width, height } of images) {
    const path = `${folder}/${file}`;
    if (left.get(path) === "outside") throw new Error(place.refusal(join(root, path)));
    // Of several names of one file the first that the list has counts; createBoxDataset sees to that.
    if (!there.has(path) && left.get(path) !== "again") {
      const missing = new Error(`Cannot find ${file} in ${join(root, folder)}: ${advice}`);
      sieve.leavePicture(file, missing, "absent");
      continue;
    }
    const boxes = (byImage.get(id) ?? []).map((object) => {
      const [x, y, boxWidth, boxHeight] = object.bbox;
      const crowd = Boolean(object.iscrowd);
      return sieve.take(
        {
          edges: [x, y, x + boxWidth, y + boxHeight],
          className: nameOf.get(object.category_id) ?? `category ${object.category_id}`,
          difficult: crowd,
          crowd,
        },
        [height, width],
        `${object.where} of ${source}`,
        file,
      );
    }).filter((box) => box !== undefined);
    pictures.push({ id: file, path, size: [height, width], boxes, source });
  }
  return await createBoxDataset({
    name: options.name ?? "coco",
    split: folder,
    root: place,
    size: options.size,
    classNames: sorted.map(({ name }) => name),
    pictures,
    notes: sieve.notes,
    advice,
  });
}

function parse(bytes: Uint8Array, source: string): z.infer<typeof fileSchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    // The message quotes the file, line breaks included.
    const reason = (error as Error).message.replaceAll(/\s+/g, " ");
    throw new Error(`Cannot read ${source}: ${reason}`);
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new Error(`Cannot use ${source} as COCO annotations: ${message} at ${path.join(".")}`);
}
