import assert from "node:assert/strict";
import { link, rm } from "node:fs/promises";
import { join } from "node:path";
import { openCamvid } from "./camvid.ts";
import { encodePng } from "../formats/decode.ts";
import { openDataset } from "../open.ts";
import { countShared, subset } from "../subset.ts";
import { assertRejects, palettePng, plain, realData, withFolder } from "../testing.ts";

const grey = (rows: number[][]) => palettePng(rows, 8, 0);
const picture = await encodePng(plain(2, 4, [10, 20, 30]));

const files = {
  "train.txt": "/SegNet/CamVid/train/1.png /SegNet/CamVid/trainannot/1.png\n" +
    "train/2.png trainannot/2.png\n",
  "val.txt": "/SegNet/CamVid/val/3.png /SegNet/CamVid/valannot/3.png\n",
  "train/1.png": picture,
  "train/2.png": picture,
  "val/3.png": picture,
  "trainannot/1.png": grey([[0, 1, 2, 3], [4, 5, 10, 11]]),
  "trainannot/2.png": grey([[9, 9, 9, 9], [9, 9, 9, 255]]),
  "valannot/3.png": palettePng([[7, 7, 7, 7], [7, 7, 7, 7]]),
};

Deno.test("openCamvid reads SegNet's lists, whatever stands before their paths", async () => {
  await withFolder(files, async (root) => {
    const train = await openCamvid(root, "train", { size: [2, 4] });
    assert.deepEqual([train.name, train.split, train.length], ["camvid", "train", 2]);
    assert.equal(train.classNames.length, 11);
    assert.equal(train.classColours?.length, 11);
    const { id, picture, annotation } = await train.read(0);
    assert.equal(id, "train/1.png");
    assert.deepEqual(picture, plain(2, 4, [10, 20, 30]));
    assert.deepEqual([...annotation.labelMap.classes], [0, 1, 2, 3, 4, 5, 10, 255]);
    assert.equal((await train.read(1)).annotation.labelMap.classes[7], 255);
    const both = await openCamvid(root, ["train", "val"], { size: [2, 4] });
    assert.deepEqual([both.split, both.length], ["train+val", 3]);
    assert.equal((await both.read(2)).annotation.labelMap.classes[0], 7);
    assert.notEqual(both.digest, train.digest);
  });
});

Deno.test("openDataset gives camvid's lists by an option", async () => {
  await withFolder(files, async (root) => {
    const annotation = "labelMap";
    const dataset = await openDataset("camvid", "train", {
      root,
      annotation,
      size: [1, 2],
      own: { train: "train, val", fit: "cover" },
    });
    assert.equal(dataset.length, 3);
    assert.deepEqual([...(await dataset.read(0)).annotation.labelMap.classes], [5, 255]);
  });
});

Deno.test("openDataset leaves pictures at their own size if told to", async () => {
  await withFolder(files, async (root) => {
    const options = { root, annotation: "labelMap", size: [1, 3], own: { fit: "native" } } as const;
    const dataset = await openDataset("camvid", "train", options);
    assert.deepEqual(dataset.size, [1, 3]);
    const { picture, annotation: { labelMap } } = await dataset.read(0);
    assert.deepEqual(picture, plain(2, 4, [10, 20, 30]));
    assert.deepEqual([labelMap.height, labelMap.width], [2, 4]);
    assert.deepEqual([...labelMap.classes], [0, 1, 2, 3, 4, 5, 10, 255]);
  });
});

Deno.test("countShared counts pictures of lists that are in both splits, by any name", async () => {
  await withFolder(files, async (root) => {
    await link(join(root, "train/1.png"), join(root, "val/4.png"));
    await link(join(root, "trainannot/1.png"), join(root, "valannot/4.png"));
    const lists = "train/2.png trainannot/2.png\nval/3.png valannot/3.png\n";
    await Deno.writeTextFile(join(root, "val.txt"), `${lists}val/4.png valannot/4.png\n`);
    const [train, val] = await Promise.all(
      ["train", "val"].map((list) => openCamvid(root, list, { size: [2, 4] })),
    );
    assert.equal(countShared(val, train), 2);
    assert.equal(countShared(subset(val, 2), train), 1);
    assert.equal(countShared(subset(val, [1]), train), 0);
  });
});

Deno.test("openCamvid names what is missing or does not fit", async () => {
  await withFolder(files, async (root) => {
    await Deno.writeFile(join(root, "trainannot/2.png"), grey([[12, 0, 0, 0], [0, 0, 0, 0]]));
    await Deno.writeFile(join(root, "trainannot/1.png"), grey([[0, 0], [0, 0]]));
    await Deno.writeFile(join(root, "valannot/3.png"), picture);
    const dataset = await openCamvid(root, ["train", "val"]);
    await assertRejects(
      dataset.read(0),
      /Cannot use .*trainannot.1\.png as its size must be that of .*train.1\.png, 2x4: current size is 2x2/,
    );
    await assertRejects(
      dataset.read(1),
      /trainannot.2\.png as its labels must be 0 to 11 or 255: current value at row 0, column 0 .* is 12/,
    );
    await assertRejects(dataset.read(2), /Cannot read .*valannot.3\.png .* it has RGB colours/);
    await rm(join(root, "trainannot/2.png"));
    await assertRejects(
      openCamvid(root, "train"),
      /Cannot find 2\.png in .*trainannot: --data must be the folder of CamVid/,
    );
    await Deno.writeTextFile(join(root, "train.txt"), "train/1.png\n");
    await assertRejects(openCamvid(root, "train"), /line 1 of .*train\.txt .* an image and its/);
  });
});

const real = realData("camvid");
Deno.test({
  name: "openCamvid reads the real pictures (skipped without the data)",
  ignore: real === undefined,
  async fn() {
    const train = await openCamvid(real!, "train", { size: [96, 128] });
    assert.deepEqual([train.length, (await openCamvid(real!, "test")).length], [120, 60]);
    const { picture, annotation } = await train.read(7);
    assert.deepEqual([picture.height, picture.width], [96, 128]);
    assert.ok(annotation.labelMap.classes.every((label) => label < 11 || label === 255));
    assert.ok(new Set(annotation.labelMap.classes).size > 5);
  },
});
