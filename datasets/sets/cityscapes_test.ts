import assert from "node:assert/strict";
import { openCityscapes } from "./cityscapes.ts";
import { encodePng } from "../formats/decode.ts";
import { readPngIndices } from "../formats/png_indices.ts";
import { assertRejects, palettePng, plain, realData, withFolder } from "../testing.ts";

const picture = await encodePng(plain(2, 3, [1, 2, 3]));
const files = {
  "leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png": picture,
  "gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png": palettePng(
    [[7, 8, 11], [33, 0, 255]],
    8,
    0,
  ),
  "gtFine/train/aachen/aachen_000000_000019_gtFine_instanceIds.png": picture,
  "leftImg8bit/val/ulm/ulm_000001_000019_leftImg8bit.png": picture,
};

Deno.test("openCityscapes turns labelIds into the 19 trainIds", async () => {
  await withFolder(files, async (root) => {
    const train = await openCityscapes(root, "train", { size: [2, 3] });
    assert.equal(train.length, 1);
    assert.deepEqual(train.notes, ["1 of the 2975 images of train"]);
    const { annotation } = await train.read(0);
    assert.deepEqual([...annotation.labelMap.classes], [0, 1, 2, 18, 255, 255]);
    assert.deepEqual(train.classNames.slice(-3), ["train", "motorcycle", "bicycle"]);
    assert.deepEqual((await openCityscapes(root, "train")).size, [1024, 2048]);
  });
});

Deno.test("openCityscapes names a missing label map and a missing split", async () => {
  await withFolder(files, async (root) => {
    await assertRejects(
      openCityscapes(root, "val"),
      /Cannot find ulm_000001_000019_gtFine_labelIds\.png in .*gtFine.val.ulm: --data must/,
    );
    await assertRejects(openCityscapes(root, "test"), /Cannot find leftImg8bit.test in /);
  });
});

const small = realData("cityscapes-tiny256x128");
Deno.test({
  name: "openCityscapes agrees with the official trainIds of a picture (skipped without the data)",
  ignore: small === undefined,
  async fn() {
    const dataset = await openCityscapes(small!, "val", { size: [128, 256] });
    const { classes } = (await dataset.read(0)).annotation.labelMap;
    const path = `${small}/gtFine/val/frankfurt/frankfurt_000000_000294_gtFine_labelTrainIds.png`;
    const official = await readPngIndices(await Deno.readFile(path), path);
    // The two files were made smaller each on its own: 77 pixels along edges differ.
    const agreeing = classes.filter((label, at) => label === official.values[at]).length;
    assert.ok(agreeing >= classes.length - 77, `${agreeing} of ${classes.length} agree`);
  },
});

const real = realData("cityscapes");
Deno.test({
  name: "openCityscapes decodes the real pictures to the wanted size (skipped without the data)",
  ignore: real === undefined,
  async fn() {
    const train = await openCityscapes(real!, ["train", "val"], { size: [256, 256] });
    assert.equal(train.length, 6);
    const { picture, annotation } = await train.read(5);
    assert.equal(picture.pixels.length, 256 * 256 * 3);
    assert.ok(new Set(annotation.labelMap.classes).size > 8);
  },
});
