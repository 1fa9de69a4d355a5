/**
 * Files of data sets changed at random, by seed: each gives one line that says what is wrong, or examples
 * that are valid.
 */
import { type AnnotationKind, type Annotations, type Example, IGNORED_CLASS } from "@realign/core";
import { encodeJpeg, encodePng, openDataset, type OpenOptions } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { npy, npz, palettePng, plain, withFolder } from "../../datasets/testing.ts";
import { mutations } from "./counts.ts";
import { tryAll } from "./mutations.ts";

/** A data set whose files are changed. */
interface MutatedSet {
  /** How it is opened. */
  readonly name: string;
  readonly annotation: AnnotationKind;
  readonly options?: OpenOptions;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

const size = [6, 8] as const;
const png = await encodePng(plain(...size, [90, 60, 30]));
const jpeg = await encodeJpeg(plain(...size, [90, 60, 30]), 90);
const webp = new Uint8Array(await sharp(png).webp().toBuffer());
const gif = new Uint8Array(await sharp(png).gif().toBuffer());
const labels = (depth: 2 | 4 | 8, kind: 0 | 3 = 3) =>
  palettePng(
    Array.from({ length: size[0] }, (_, y) => Array.from({ length: size[1] }, (_, x) => x + y & 1)),
    depth,
    kind,
  );

const records = Uint8Array.from({ length: 2 * 3073 }, (_, at) => at % 3073 ? at % 256 : at & 1);
const integers = (values: readonly number[]) =>
  npy("<i8", [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
const arrays = {
  data: npy("|u1", [2, 12288], Uint8Array.from({ length: 2 * 12288 }, (_, at) => at % 251)),
  labels: integers([1, 1000]),
};

const xml = (file: string) =>
  `<annotation><filename>${file}</filename><size><width>8</width><height>6</height><depth>3</depth></size>` +
  `<object><name>RBC</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object>` +
  `<object><name>WBC</name><bndbox><xmin>3</xmin><ymin>1</ymin><xmax>8</xmax><ymax>4</ymax></bndbox></object></annotation>`;
const instances = (file: string) =>
  JSON.stringify(
    {
      images: [{ id: 1, file_name: file, width: 8, height: 6 }],
      annotations: [
        { id: 1, image_id: 1, category_id: 3, bbox: [1, 1, 4, 3], iscrowd: 0 },
        { id: 2, image_id: 1, category_id: 7, bbox: [0, 2.5, 8, 3], iscrowd: 1 },
      ],
      categories: [{ id: 3, name: "cat" }, { id: 7, name: "dog" }],
    },
    null,
    1,
  );

const sets: Readonly<Record<string, MutatedSet>> = {
  folder: {
    name: "folder",
    annotation: "class",
    files: {
      "train/a/1.png": png,
      "train/b/1.jpg": jpeg,
      "test/a/2.webp": webp,
      "test/b/2.gif": gif,
    },
  },
  cifar: {
    name: "cifar10",
    annotation: "class",
    files: {
      "test_batch.bin": records,
      "batches.meta.txt": "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n",
      "data_batch_1.bin": records,
    },
  },
  imagenet64: {
    name: "imagenet64",
    annotation: "class",
    files: {
      "train_data_batch_1.npz": await npz(arrays),
      "val_data.npz": await npz(arrays, 6),
      "map_clsloc.txt": Array.from({ length: 1000 }, (_, k) => `n${k} ${k + 1} name_${k}`)
        .join("\n"),
    },
  },
  tinyImagenet: {
    name: "tiny-imagenet",
    annotation: "class",
    files: {
      "wnids.txt": "n1\nn2\n",
      "words.txt": "n1\tcat, feline\nn2\tdog\n",
      "train/n1/images/n1_0.JPEG": jpeg,
      "train/n2/images/n2_0.JPEG": jpeg,
      "val/images/v0.JPEG": jpeg,
      "val/val_annotations.txt": "v0.JPEG\tn2\t0\t0\t62\t62\n",
    },
  },
  camvid: {
    name: "camvid",
    annotation: "labelMap",
    options: { size },
    files: Object.fromEntries(["train", "test"].flatMap((split) => [
      [`${split}.txt`, `/SegNet/CamVid/${split}/1.png /SegNet/CamVid/${split}annot/1.png\n`],
      [`${split}/1.png`, png],
      [`${split}annot/1.png`, labels(split === "train" ? 8 : 4)],
    ])),
  },
  cityscapes: {
    name: "cityscapes",
    annotation: "labelMap",
    options: { size },
    files: Object.fromEntries(["train", "val"].flatMap((split) => [
      [`leftImg8bit/${split}/bonn/b_0_leftImg8bit.png`, png],
      [`gtFine/${split}/bonn/b_0_gtFine_labelIds.png`, labels(8, 0)],
    ])),
  },
  vocSegmentation: {
    name: "voc2012",
    annotation: "labelMap",
    options: { size },
    files: Object.fromEntries(["train", "val"].flatMap((list) => [
      [`VOCdevkit/VOC2012/ImageSets/Segmentation/${list}.txt`, `${list}_1\n`],
      [`VOCdevkit/VOC2012/JPEGImages/${list}_1.jpg`, jpeg],
      [`VOCdevkit/VOC2012/SegmentationClass/${list}_1.png`, labels(2)],
    ])),
  },
  voc: {
    name: "bccd",
    annotation: "boxes",
    options: { size },
    files: Object.fromEntries(["trainval", "test"].flatMap((list) => [
      [`ImageSets/Main/${list}.txt`, `${list}_1\n`],
      [`JPEGImages/${list}_1.jpg`, jpeg],
      [`Annotations/${list}_1.xml`, xml(`${list}_1.jpg`)],
    ])),
  },
  coco: {
    name: "coco",
    annotation: "boxes",
    options: { size },
    files: Object.fromEntries(["train2017", "val2017"].flatMap((split) => [
      [`annotations/instances_${split}.json`, instances("1.jpg")],
      [`${split}/1.jpg`, jpeg],
    ])),
  },
};

/** Fails unless an example is one that a network can be trained on. */
function assertExample(
  { picture, annotation }: Example<Annotations[AnnotationKind]>,
  [height, width]: readonly [number, number],
  classes: number,
): void {
  assert.deepEqual([picture.height, picture.width], [height, width]);
  assert.equal(picture.pixels.length, 3 * height * width);
  if ("class" in annotation) {
    assert.ok(Number.isInteger(annotation.class) && annotation.class >= 0);
    assert.ok(annotation.class < classes, `class ${annotation.class} of ${classes}`);
  } else if ("labelMap" in annotation) {
    assert.equal(annotation.labelMap.classes.length, height * width);
    assert.ok(annotation.labelMap.classes.every((one) => one < classes || one === IGNORED_CLASS));
  } else {
    for (const { box: [x1, y1, x2, y2], class: index } of annotation.boxes) {
      assert.ok(0 <= x1 && x1 < x2 && x2 <= 1 && 0 <= y1 && y1 < y2 && y2 <= 1);
      assert.ok(index >= 0 && index < classes);
    }
  }
}

/** Reads all examples of both splits. */
async function readAll({ name, annotation, options }: MutatedSet, root: string): Promise<void> {
  for (const split of ["train", "test"] as const) {
    const dataset = await openDataset(name, split, { ...options, root, annotation });
    assert.ok(dataset.length > 0);
    assert.ok(dataset.notes.every((note) => !note.includes("\n")));
    assert.ok(dataset.classNames.length > 0 && dataset.classNames.every((one) => one !== ""));
    for (let index = 0; index < dataset.length; index++) {
      assertExample(await dataset.read(index), dataset.size, dataset.classNames.length);
    }
  }
}

for (const [kind, set] of Object.entries(sets)) {
  const times = mutations[kind as keyof typeof mutations];
  Deno.test(`${times} mutated files of ${set.name} (${set.annotation}) are read or named`, () =>
    withFolder(set.files, async (root) => {
      await readAll(set, root);
      const paths = Object.keys(set.files).map((path) => join(root, path));
      const originals = await Promise.all(paths.map((path) => Deno.readFile(path)));
      await tryAll(times, kind, originals, async (changed, which) => {
        await Deno.writeFile(paths[which], changed);
        await readAll(set, root).finally(() => Deno.writeFile(paths[which], originals[which]));
      });
    }));
}
