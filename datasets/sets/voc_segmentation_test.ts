import assert from "node:assert/strict";
import { encodeJpeg } from "../formats/decode.ts";
import { assertRejects, palettePng, plain, realData, withFolder } from "../testing.ts";
import { vocColour } from "./voc_classes.ts";
import { openVocSegmentation } from "./voc_segmentation.ts";

const picture = await encodeJpeg(plain(2, 2, [90, 90, 90]), 95);
const year = "VOCdevkit/VOC2012";
const files = {
  [`${year}/ImageSets/Segmentation/train.txt`]: "2007_000032\n",
  [`${year}/ImageSets/Segmentation/val.txt`]: "2007_000033\n",
  [`${year}/JPEGImages/2007_000032.jpg`]: picture,
  [`${year}/JPEGImages/2007_000033.jpg`]: picture,
  [`${year}/JPEGImages/2011_000005.jpg`]: picture,
  [`${year}/SegmentationClass/2007_000032.png`]: palettePng([[0, 20], [255, 1]]),
  [`${year}/SegmentationClass/2007_000033.png`]: palettePng([[0, 21], [255, 1]]),
};
const extra = {
  [`${year}/ImageSets/Segmentation/trainaug.txt`]: "2007_000032\n" +
    "/JPEGImages/2011_000005.jpg /SegmentationClassAug/2011_000005.png\n",
  [`${year}/SegmentationClassAug/2007_000032.png`]: palettePng([[3, 3], [3, 3]], 8, 0),
  [`${year}/SegmentationClassAug/2011_000005.png`]: palettePng([[4, 4], [4, 4]], 8, 0),
};

Deno.test("openVocSegmentation reads palette indices and ignores 255", async () => {
  await withFolder(files, async (root) => {
    for (const folder of ["", "/VOCdevkit", `/${year}`]) {
      const train = await openVocSegmentation(root + folder, "train", { size: [2, 2] });
      assert.deepEqual([train.split, train.length, train.classNames.length], ["train", 1, 21]);
      const { id, annotation } = await train.read(0);
      assert.equal(id, "JPEGImages/2007_000032.jpg");
      assert.deepEqual([...annotation.labelMap.classes], [0, 20, 255, 1]);
    }
    const val = await openVocSegmentation(root, "val");
    assert.deepEqual(val.size, [512, 512]);
    await assertRejects(val.read(0), /2007_000033\.png as its labels must be 0 to 20 or 255.* 21/);
    await assertRejects(openVocSegmentation(root, "trainaug"), /Cannot find trainaug\.txt in/);
  });
});

Deno.test("openVocSegmentation uses SBD's list where it is there, in either form", async () => {
  await withFolder({ ...files, ...extra }, async (root) => {
    const train = await openVocSegmentation(root, "train", { size: [1, 1] });
    assert.deepEqual([train.split, train.length, train.notes.length], ["trainaug", 2, 1]);
    const labels = await Promise.all([0, 1].map((index) => train.read(index)));
    assert.deepEqual(labels.map(({ annotation }) => annotation.labelMap.classes[0]), [3, 4]);
    const plainTrain = await openVocSegmentation(root, "train", { extra: false });
    assert.deepEqual([plainTrain.split, plainTrain.length], ["train", 1]);
  });
});

Deno.test("vocColour gives the devkit's palette", () => {
  assert.deepEqual([vocColour(2), vocColour(20), vocColour(255)], [
    [0, 128, 0],
    [0, 64, 128],
    [224, 224, 192],
  ]);
});

const real = realData("voc-seg-labelme");
Deno.test({
  name: "openVocSegmentation counts the pixels that PIL counts (skipped without the data)",
  ignore: real === undefined,
  async fn() {
    const dataset = await openVocSegmentation(real!, ["train", "val"], { size: [375, 500] });
    const index = (await Promise.all([0, 1, 2].map((at) => dataset.read(at))))
      .findIndex(({ id }) => id.includes("2011_000006"));
    const counts: Record<number, number> = {};
    for (const label of (await dataset.read(index)).annotation.labelMap.classes) {
      counts[label] = (counts[label] ?? 0) + 1;
    }
    assert.deepEqual(counts, { 0: 93492, 9: 44306, 15: 34791, 18: 14002, 255: 909 });
  },
});
