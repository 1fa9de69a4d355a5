import assert from "node:assert/strict";
import { openCoco } from "./coco.ts";
import { encodePng } from "../formats/decode.ts";
import { openDataset } from "../open.ts";
import { assertRejects, plain, withFolder } from "../testing.ts";

const picture = await encodePng(plain(40, 80, [5, 6, 7]));

const content = {
  info: { year: 2017 },
  images: [
    { id: 9, file_name: "000000000009.jpg", width: 80, height: 40 },
    { id: 25, file_name: "000000000025.jpg", width: 80, height: 40 },
  ],
  categories: [{ id: 18, name: "dog" }, { id: 1, name: "person" }],
  annotations: [
    { id: 1, image_id: 9, category_id: 18, bbox: [8, 4, 16, 8], iscrowd: 0, area: 9 },
    { id: 2, image_id: 9, category_id: 1, bbox: [40, 20, 40.0000001, 20], iscrowd: 1 },
    { id: 3, image_id: 9, category_id: 1, bbox: [40, 20, 0, 20], iscrowd: 0 },
  ],
};
const list = "annotations/instances_val2017.json";
const files = (value: unknown) => ({
  [list]: typeof value === "string" ? value : JSON.stringify(value),
  "val2017/000000000009.jpg": picture,
  "val2017/000000000025.jpg": picture,
});

Deno.test("openCoco sorts categories, keeps crowds as difficult, and leaves empty boxes out", async () => {
  await withFolder(files(content), async (root) => {
    const dataset = await openDataset("coco", "test", { root, annotation: "boxes" });
    assert.deepEqual(dataset.classNames, ["person", "dog"]);
    assert.deepEqual([dataset.length, dataset.split], [2, "val2017"]);
    assert.deepEqual(dataset.notes, ["empty boxes dropped: 1 (first in 000000000009.jpg)"]);
    const { id, annotation } = await dataset.read(0);
    assert.equal(id, "000000000009.jpg");
    assert.deepEqual(annotation.boxes, [
      { box: [0.1, 0.1, 0.3, 0.3], class: 1, difficult: false },
      { box: [0.5, 0.5, 1, 1], class: 0, difficult: true, crowd: true },
    ]);
    assert.deepEqual((await dataset.read(1)).annotation.boxes, []);
  });
});

Deno.test("openCoco names what is missing or does not fit", async () => {
  const open = (value: unknown, message: RegExp) =>
    withFolder(
      files(value),
      (root) => assertRejects(openCoco(root, [list, "val2017"]), message),
    );
  await open("{", /Cannot read .*instances_val2017\.json: /);
  await open({ ...content, images: [{ id: 1 }] }, /as COCO annotations: .* at images\.0\./);
  const images = [...content.images, { id: 30, file_name: "30.jpg", width: 1, height: 1 }];
  await open({ ...content, images }, /Cannot find 30\.jpg in .*val2017: --data must/);
  const annotations = [{ ...content.annotations[0], category_id: 99 }];
  await open({ ...content, annotations }, /annotation 1 of .* "person", "dog": .* category 99/);
  await withFolder(files({ ...content, images }), async (root) => {
    const dataset = await openCoco(root, [list, "val2017"], { missing: "drop" });
    assert.match(dataset.notes[0], /images without a file dropped: 1 \(first in 30\.jpg\)/);
  });
  await open({ ...content, images }, /; the option missing=drop .* drops such images$/);
  const nameless = [content.annotations[2], { image_id: 25, category_id: 99, bbox: [1, 1, 2, 2] }];
  await open({ ...content, annotations: nameless }, /annotation 2 in order of .*val2017\.json/);
  const twice = [{ id: 1, name: "cat" }, { id: 1, name: "dog" }];
  await open(
    { ...content, categories: twice },
    /COCO annotations: two entries share an id at categories$/,
  );
  const alike = [{ id: 1, name: "dog" }, { id: 18, name: "dog" }];
  await open({ ...content, categories: alike }, /a unique name: current value is "dog, dog"$/);
  await open({ ...content, images: [] }, /as no image is left: its lists must name at least one$/);
});

Deno.test("openCoco leaves out boxes of no size after rounding, and boxes of no picture, and tells", async () => {
  const annotations = [
    { id: 1, image_id: 9, category_id: 1, bbox: [80.0002, 4, 0.0005, 8] },
    { id: 2, image_id: 9, category_id: 1, bbox: [8, 4, 1e-9, 8] },
    { id: 3, image_id: 77, category_id: 1, bbox: [8, 4, 8, 8] },
    { id: 4, image_id: 25, category_id: 1, bbox: [8, 4, 8, 8] },
  ];
  await withFolder(files({ ...content, annotations }), async (root) => {
    const dataset = await openCoco(root, [list, "val2017"]);
    assert.deepEqual(dataset.notes, [
      "empty boxes dropped: 2 (first in 000000000009.jpg), " +
      "boxes of no image dropped: 1 (first in annotation 3)",
    ]);
    assert.deepEqual((await dataset.read(0)).annotation.boxes, []);
    await assertRejects(
      openCoco(root, [list, "val2017"], { empty: "error" }),
      /annotation 1 of .* a width and a height in the image of 40x80/,
    );
  });
});

Deno.test("openDataset opens COCO files of any name", async () => {
  await withFolder({ "a.json": JSON.stringify(content), ...files(content) }, async (root) => {
    const open = (train: string) =>
      openDataset("coco", "train", { root, annotation: "boxes", own: { train } });
    const dataset = await open("a.json, val2017");
    assert.deepEqual([dataset.length, dataset.split], [2, "val2017"]);
    await assertRejects(
      open("a.json"),
      /option train must name a JSON file and the folder .*a\.json$/,
    );
  });
});

Deno.test("openCoco counts a picture once, and names one outside of its folder", async () => {
  await withFolder(files(content), async (root) => {
    const second = `${root}/val2017/000000000025.jpg`;
    await Deno.remove(second);
    await Deno.symlink("000000000009.jpg", second);
    const dataset = await openCoco(root, [list, "val2017"]);
    assert.equal(dataset.length, 1);
    assert.match(dataset.notes.join(), /1 images are listed twice/);
    const elsewhere = await Deno.makeTempFile();
    await Deno.remove(second);
    await Deno.symlink(elsewhere, second);
    await assertRejects(openCoco(root, [list, "val2017"]), /is outside of .*follow=true/);
    await Deno.remove(elsewhere);
  });
});
