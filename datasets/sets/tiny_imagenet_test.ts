import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { encodeJpeg } from "../formats/decode.ts";
import { assertRejects, plain, realData, withFolder } from "../testing.ts";
import { openTinyImagenet } from "./tiny_imagenet.ts";

const colour = await encodeJpeg(plain(64, 64, [200, 100, 50]), 95);
const grey = new Uint8Array(
  await sharp(new Uint8Array(64 * 64).fill(77), { raw: { height: 64, width: 64, channels: 1 } })
    .toColourspace("b-w").jpeg().toBuffer(),
);

const files = {
  "wnids.txt": "n02\nn01\n",
  "words.txt": "n01\tgoldfish, Carassius auratus\nn02\tbullfrog\nn03\tunused\n",
  "train/n01/images/n01_0.JPEG": colour,
  "train/n01/images/n01_1.JPEG": grey,
  "train/n01/n01_boxes.txt": "n01_0.JPEG\t0\t0\t9\t9\n",
  "train/n02/images/n02_0.JPEG": colour,
  "val/images/val_0.JPEG": grey,
  "val/images/val_1.JPEG": colour,
  "val/val_annotations.txt": "val_0.JPEG\tn02\t0\t0\t9\t9\nval_1.JPEG\tn01\t0\t0\t9\t9\n",
};

Deno.test("openTinyImagenet reads the official layout and expands grey pictures", async () => {
  await withFolder(files, async (root) => {
    const train = await openTinyImagenet(root, "train");
    assert.deepEqual(train.classNames, ["goldfish", "bullfrog"]);
    assert.deepEqual([0, 1, 2].map(train.classOf), [0, 1, 0]);
    const example = await train.read(2);
    assert.equal(example.id, "train/n01/images/n01_1.JPEG");
    assert.deepEqual(example.picture, plain(64, 64, [77, 77, 77]));
    assert.deepEqual(train.notes, ["2 of the 200 classes"]);
    const test = await openTinyImagenet(root, "test", { size: [32, 32] });
    assert.deepEqual([0, 1].map(test.classOf), [1, 0]);
    assert.equal((await test.read(1)).picture.width, 32);
  });
});

Deno.test("openTinyImagenet names what is missing or does not fit", async () => {
  await withFolder(files, async (root) => {
    const annotations = join(root, "val/val_annotations.txt");
    await Deno.writeTextFile(annotations, "val_0.JPEG\tn09\t0\n");
    await assertRejects(openTinyImagenet(root, "test"), /line 1 of .*wnids\.txt: .* is "n09"/);
    await Deno.writeTextFile(annotations, "val_0.JPEG\tn01\nval_7.JPEG\tn01\n");
    await assertRejects(openTinyImagenet(root, "test"), /Cannot find val_7\.JPEG, line 2 of/);
    await Deno.writeTextFile(annotations, "\n");
    await assertRejects(openTinyImagenet(root, "test"), /Cannot find images of the test split in/);
    await rm(join(root, "train/n02"), { recursive: true });
    await assertRejects(
      openTinyImagenet(root, "train"),
      /images in .*n02.images: --data must be/,
    );
    await rm(join(root, "words.txt"));
    await assertRejects(openTinyImagenet(root, "train"), /Cannot find words\.txt/);
  });
});

const real = realData("tiny-imagenet-200");
Deno.test({
  name: "openTinyImagenet reads the real pictures, grey ones included (skipped without the data)",
  ignore: real === undefined,
  async fn() {
    const train = await openTinyImagenet(real!, "train");
    assert.equal(train.length, 2400);
    assert.equal(train.classNames.length, 20);
    const test = await openTinyImagenet(real!, "test");
    assert.equal(test.length, 1000);
    for (let index = 0; index < test.length; index += 5) {
      assert.equal((await test.read(index)).picture.pixels.length, 64 * 64 * 3);
    }
  },
});
