import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeJpeg } from "../formats/decode.ts";
import { openDataset } from "../open.ts";
import { assertRejects, plain, realData, withFolder } from "../testing.ts";
import { openVoc, type VocOptions } from "./voc.ts";

const picture = await encodeJpeg(plain(50, 100, [90, 90, 90]), 95);

/** An annotation of a 100x50 picture. */
function xml(objects: readonly (readonly [string, number[], string?])[], size = [100, 50]): string {
  const parts = objects.map(([name, [xmin, ymin, xmax, ymax], more = ""]) =>
    `<object><name>${name}</name>${more}<bndbox><xmax>${xmax}</xmax><ymin>${ymin}</ymin>` +
    `<xmin>${xmin}</xmin><ymax>${ymax}</ymax></bndbox></object>`
  );
  return `<annotation><filename>x.jpg</filename><size><width>${size[0]}</width><height>${
    size[1]
  }</height><depth>3</depth></size>${parts.join("")}</annotation>\n`;
}

const difficult = "<difficult>1</difficult>";
const part = "<part><name>head</name><bndbox><xmin>3</xmin><ymin>3</ymin><xmax>4</xmax>" +
  "<ymax>4</ymax></bndbox></part>";

const files = {
  "VOCdevkit/VOC2007/ImageSets/Main/trainval.txt": "000001\n000002\n",
  "VOCdevkit/VOC2007/ImageSets/Main/test.txt": "000002\n",
  "VOCdevkit/VOC2007/ImageSets/Main/cat_test.txt": "000001 -1\n000002  1\n",
  "VOCdevkit/VOC2012/ImageSets/Main/trainval.txt": "2008_000008\n",
  "VOCdevkit/VOC2007/JPEGImages/000001.jpg": picture,
  "VOCdevkit/VOC2007/JPEGImages/000002.jpg": picture,
  "VOCdevkit/VOC2012/JPEGImages/2008_000008.jpg": picture,
  "VOCdevkit/VOC2007/Annotations/000001.xml": xml([
    ["dog", [1, 1, 50, 25]],
    ["person", [51.5, 26, 100, 50], difficult + part],
  ]),
  "VOCdevkit/VOC2007/Annotations/000002.xml": xml([["cat", [11, 11, 20, 20]]], [0, 0]),
  "VOCdevkit/VOC2012/Annotations/2008_000008.xml": "<annotation></annotation>",
};
const annotationOf = (root: string, id: string) =>
  join(root, "VOCdevkit/VOC2007/Annotations", `${id}.xml`);

Deno.test("openVoc reads several years at once, and pictures without objects", async () => {
  await withFolder(files, async (root) => {
    const dataset = await openVoc(root, ["VOC2007/trainval", "VOC2012/trainval"]);
    assert.deepEqual([dataset.length, dataset.notes, dataset.size], [3, [], [300, 300]]);
    const examples = await Promise.all([0, 1, 2].map((index) => dataset.read(index)));
    assert.deepEqual(
      examples.map(({ id }) => id),
      ["VOC2007/000001", "VOC2007/000002", "VOC2012/2008_000008"],
    );
    const [first, second, third] = examples.map(({ annotation }) => annotation.boxes);
    assert.deepEqual(first, [
      { box: [0, 0, 0.5, 0.5], class: 11, difficult: false },
      { box: [0.505, 0.5, 1, 1], class: 14, difficult: true },
    ]);
    assert.deepEqual(second, [{ box: [0.1, 0.2, 0.2, 0.4], class: 7, difficult: false }]);
    assert.deepEqual(third, []);
    assert.deepEqual(examples[0].picture, plain(300, 300, [90, 90, 90]));
  });
});

Deno.test("openVoc takes lists of one class, and the only year where none is named", async () => {
  await withFolder(files, async (root) => {
    assert.equal((await openVoc(root, "VOC2007/cat_test")).length, 1);
    assert.equal((await openVoc(join(root, "VOCdevkit/VOC2007"), "trainval")).length, 2);
    await assertRejects(openVoc(root, "test"), /VOC2007, VOCdevkit.VOC2012 in .* write the year/);
    await Deno.remove(join(root, "VOCdevkit/VOC2012"), { recursive: true });
    assert.equal((await openVoc(root, "test")).length, 1);
  });
});

Deno.test("openVoc takes no folder for two years, nor for another than its name says", async () => {
  await withFolder(files, async (root) => {
    const one = join(root, "VOCdevkit/VOC2007");
    assert.equal((await openVoc(one, "VOC2007/trainval")).length, 2);
    await assertRejects(openVoc(one, "VOC2012/trainval"), /Cannot find VOC2012 in .*VOC2007: /);
    const renamed = join(root, "mine");
    await Deno.rename(one, renamed);
    assert.equal((await openVoc(renamed, "VOC2007/trainval")).length, 2);
    await assertRejects(
      openVoc(renamed, ["VOC2007/trainval", "VOC2012/trainval"]),
      /Cannot find both VOC2007 and VOC2012 in .*mine: /,
    );
  });
});

Deno.test("openVoc refuses class lists without a number for each class", async () => {
  await withFolder(files, async (root) => {
    const open = (...classNames: string[]) => openVoc(root, "VOC2007/test", { classNames });
    await assertRejects(open("dog", "cat", "dog"), /a unique name: .* "dog, cat, dog"$/);
    await assertRejects(open(), /there must be at least one, .* current value is ""$/);
  });
});

const odd: [string, number[], string?][] = [
  ["dog", [30, 10, 30, 20]],
  ["dog", [30, 20, 40, 10]],
  ["dog", [0, 10, 20, 60]],
  ["dog", [120, 10, 140, 20]],
  ["unicorn", [10, 10, 20, 20]],
  ["dog", [10, 10, 20, 20], difficult],
];

Deno.test("openVoc leaves out, cuts and counts what is not as it should be, in one line", async () => {
  await withFolder(files, async (root) => {
    await Deno.writeTextFile(annotationOf(root, "000001"), xml(odd));
    await Deno.remove(annotationOf(root, "000002"));
    const dataset = await openVoc(root, "VOC2007/trainval", {
      unknown: "drop",
      difficult: "drop",
      missing: "drop",
    });
    assert.equal(dataset.length, 1);
    assert.deepEqual(dataset.notes, [
      "empty boxes dropped: 3 (first in VOC2007/000001), " +
      "boxes clipped to the image: 1 (first in VOC2007/000001), " +
      "boxes of other classes dropped: 1 (first in VOC2007/000001), " +
      "difficult boxes dropped: 1 (first in VOC2007/000001), " +
      "images without annotation dropped: 1 (first in VOC2007/000002)",
    ]);
    const { boxes } = (await dataset.read(0)).annotation;
    assert.deepEqual(boxes, [{ box: [0, 0.18, 0.2, 1], class: 11, difficult: false }]);
  });
});

const refusals: [keyof VocOptions, string, number, RegExp][] = [
  [
    "empty",
    "error",
    0,
    /object 1 of .*000001\.xml as it must have a width and a height: .* 30, 9, 30/,
  ],
  [
    "outside",
    "error",
    2,
    /object 1 of .* it must lie in the image of 50x100: .* is -1, 9, 20, 60; /,
  ],
  [
    "unknown",
    "error",
    4,
    /object 1 .* class must be one of "aeroplane", .* is unicorn; the option unk/,
  ],
];
for (const [option, choice, index, message] of refusals) {
  Deno.test(`openVoc refuses boxes where ${option} is ${choice}`, async () => {
    await withFolder(files, async (root) => {
      await Deno.writeTextFile(annotationOf(root, "000001"), xml([odd[index]]));
      await assertRejects(openVoc(root, "VOC2007/trainval", { [option]: choice }), message);
    });
  });
}

Deno.test("openVoc names annotations and pictures that are missing or damaged", async () => {
  await withFolder(files, async (root) => {
    const path = annotationOf(root, "000001");
    const open = () => openVoc(root, "VOC2007/trainval");
    await Deno.writeTextFile(path, xml([["dog", [1, 1, 50, 25]]], [50, 100]));
    await assertRejects(
      (await open()).read(0),
      /000001\.xml as its size must be that of .*000001\.jpg, 50x100: current size is 100x50/,
    );
    await Deno.writeTextFile(path, xml([["dog", [1, 1, 50, 25]]]).slice(0, 90));
    await assertRejects(open(), /Cannot read .*000001\.xml as it is not a complete XML file: /);
    await Deno.writeTextFile(path, "<a/>");
    await assertRejects(open(), /Cannot read .*000001\.xml as it must be a VOC annotation/);
    await Deno.writeTextFile(path, xml([["dog", [1, NaN, 50, 25]]]));
    await assertRejects(open(), /Cannot use object 1 of .*: bndbox\.ymin is wrong or missing/);
    await Deno.writeTextFile(path, "<annotation><object/></annotation>");
    await assertRejects(open(), /object 1 of .*: all of it is wrong or missing/);
    await Deno.remove(path);
    await assertRejects(open(), /Cannot find 000001\.xml in .*Annotations: --data must/);
    await assertRejects(open(), /; the option missing=drop .* drops such images$/);
    await Deno.mkdir(path);
    await assertRejects(
      openVoc(root, "VOC2007/trainval", { missing: "drop" }),
      /Cannot read .*xml: /,
    );
    await Deno.remove(path);
    await Deno.remove(join(root, "VOCdevkit/VOC2007/JPEGImages/000002.jpg"));
    await assertRejects(openVoc(root, "VOC2007/test"), /Cannot find 000002\.jpg in .*JPEGImages/);
  });
});

Deno.test("openVoc counts a picture once, and stays in its folder unless it is told to follow", async () => {
  await withFolder(files, async (parent) => {
    const images = join(parent, "VOCdevkit/VOC2007/JPEGImages");
    const lists = ["VOC2007/trainval", "VOC2007/test"];
    const twice = await openVoc(parent, lists);
    assert.equal(twice.length, 2);
    assert.match(twice.notes.join(), /^1 images are listed twice .*000002\.jpg$/);
    await Deno.mkdir(join(parent, "out"));
    await Deno.rename(join(images, "000001.jpg"), join(parent, "out/1.jpg"));
    await Deno.symlink(join(parent, "out/1.jpg"), join(images, "000001.jpg"));
    const year = join(parent, "VOCdevkit/VOC2007");
    await assertRejects(openVoc(year, "trainval"), /000001\.jpg as it is outside of .*follow=true/);
    assert.equal((await openVoc(year, "trainval", { follow: true })).length, 2);
    const annotation = "boxes";
    const own = { train: "VOC2007/trainval, VOC2007/trainval" };
    await assertRejects(
      openDataset("voc", "train", { root: parent, annotation, own }),
      /option train must name each list once: VOC2007.trainval is repeated/,
    );
  });
});

Deno.test("openDataset gives VOC's years, other classes and policies by options", async () => {
  await withFolder(files, async (root) => {
    const annotation = "boxes";
    const both = await openDataset("voc0712", "train", { root, annotation, size: [30, 30] });
    assert.deepEqual([both.name, both.length, both.classNames.length], ["voc0712", 3, 20]);
    const own = { test: "VOC2007/test", classes: "dog, cat" };
    const voc = await openDataset("voc", "test", { root, annotation, own });
    assert.deepEqual(voc.classNames, ["dog", "cat"]);
    assert.equal((await voc.read(0)).annotation.boxes[0].class, 1);
    await assertRejects(
      openDataset("voc2007", "train", { root, annotation, own: { empty: "keep" } }),
      /option empty must be one of "drop", "error": current value is keep/,
    );
  });
});

const bccd = realData("bccd");
Deno.test({
  name:
    "openDataset reads the real BCCD and tells of its two empty boxes (skipped without the data)",
  ignore: bccd === undefined,
  async fn() {
    const options = { root: bccd, annotation: "boxes", size: [96, 128] } as const;
    const train = await openDataset("bccd", "train", options);
    const test = await openDataset("bccd", "test", options);
    assert.deepEqual([train.length, test.length], [292, 72]);
    const all = await openDataset("bccd", "train", {
      ...options,
      own: { train: "trainval, test" },
    });
    assert.match(
      all.notes.join(),
      /^empty boxes dropped: 2 \(first in VOC2007.BloodImage_003(38|43)\),test is in both/,
    );
    const { boxes } = (await train.read(0)).annotation;
    assert.ok(boxes.length > 3 && boxes.every(({ box }) => box[2] > box[0] && box[3] > box[1]));
  },
});

const sample = realData("voc-sample");
Deno.test({
  name: "openDataset reads genuine VOC pictures of both years (skipped without the data)",
  ignore: sample === undefined,
  async fn() {
    const train = await openDataset("voc0712", "train", { root: sample, annotation: "boxes" });
    const names: string[] = [];
    for (let index = 0; index < train.length; index++) {
      const { annotation } = await train.read(index);
      names.push(...annotation.boxes.map((box) => train.classNames[box.class]));
    }
    assert.deepEqual(train.notes, []);
    assert.ok(names.length >= train.length && names.includes("chair"), names.join());
  },
});
