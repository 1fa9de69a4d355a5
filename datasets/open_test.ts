import assert from "node:assert/strict";
import { datasetNames, datasetsWith, openDataset } from "./open.ts";
import { encodePng } from "./formats/decode.ts";
import { subset } from "./subset.ts";
import { assertRejects, plain, withFolder } from "./testing.ts";

Deno.test("openDataset opens shapes with size, classes, seed and number of examples", async () => {
  const dataset = await openDataset("shapes", "train", {
    size: [16, 16],
    classes: 3,
    examples: 6,
    seed: 4,
  });
  assert.equal(dataset.length, 6);
  assert.deepEqual(dataset.classNames, ["circle", "square", "triangle"]);
  assert.equal((await dataset.read(5)).picture.width, 16);
  await assertRejects(
    openDataset("shapes", "train", { size: [16, 32] }),
    /must be square: .* 16x32/,
  );
});

Deno.test("openDataset suggests a name, and says which files a dataset needs", async () => {
  await assertRejects(openDataset("cifar-10", "train"), /did you mean "cifar10"/);
  await assertRejects(
    openDataset("toString", "train"),
    /the dataset "toString" is unknown: known are "shapes"/,
  );
  for (const name of datasetNames.filter((name) => name !== "shapes")) {
    const annotation = (["class", "labelMap", "boxes"] as const)
      .find((kind) => datasetsWith(kind).includes(name));
    await assertRejects(
      openDataset(name, "train", { annotation }),
      /^Cannot open .* without its files: --data must/,
    );
    await assertRejects(
      openDataset(name, "test", { root: "nowhere", annotation }),
      /^Cannot find .*nowhere.*--data/,
    );
  }
});

Deno.test("openDataset gives the annotation that a task needs, or says which sets have it", async () => {
  const own = { objects: 3 };
  const kinds = await openDataset("shapes", "test", { own, classes: 4, examples: 20 });
  const maps = await openDataset("shapes", "test", {
    own,
    classes: 4,
    examples: 20,
    annotation: "labelMap",
  });
  const boxes = await openDataset("shapes", "test", {
    own,
    classes: 4,
    examples: 20,
    annotation: "boxes",
  });
  assert.deepEqual(maps.classNames, ["background", ...kinds.classNames]);
  assert.equal(maps.classColours?.length, 5);
  assert.deepEqual(boxes.classNames, kinds.classNames);
  const { labelMap } = (await maps.read(3)).annotation;
  assert.deepEqual([labelMap.height, labelMap.width, labelMap.classes.length], [32, 32, 1024]);
  const { class: main } = (await kinds.read(3)).annotation;
  assert.ok(labelMap.classes.includes(main + 1));
  assert.ok((await boxes.read(3)).annotation.boxes.some((box) => box.class === main));
  await assertRejects(
    openDataset("cifar10", "train", { annotation: "labelMap" }),
    /^Cannot open cifar10 for a task that needs label maps as it has classes: use one of "shapes", "camvid", /,
  );
  await assertRejects(
    openDataset("camvid", "train"),
    /^Cannot open camvid for a task that needs classes as it has label maps: use one of "shapes", /,
  );
});

Deno.test("openDataset refuses options that a set has not", async () => {
  await assertRejects(
    openDataset("shapes", "train", { own: { object: 2 } }),
    /Cannot open shapes as its option "object" is unknown: did you mean "objects"/,
  );
  await assertRejects(
    openDataset("shapes", "train", { own: { objects: "two" } }),
    /Cannot open shapes as its option objects must be a number: current value is two/,
  );
  await assertRejects(
    openDataset("folder", "train", { root: "x", own: { objects: 2 } }),
    /Cannot open folder as its option "objects" is unknown: known are "follow"/,
  );
  await assertRejects(
    openDataset("camvid", "train", { root: "x", own: { fit: "wide" }, annotation: "labelMap" }),
    /its option fit must be one of "stretch", "cover", "native": current value is wide/,
  );
  await assertRejects(
    openDataset("camvid", "train", { root: "x", classes: 3, annotation: "labelMap" }),
    /Cannot keep the first 3 classes of camvid/,
  );
});

Deno.test("openDataset keeps the first classes, resizes, and takes the first examples", async () => {
  const label = (value: number) => [value, ...new Array<number>(3072).fill(10 * value)];
  const files = {
    "batches.meta.txt": Array.from({ length: 10 }, (_, k) => `name${k}`).join("\n"),
    "test_batch.bin": Uint8Array.from([3, 0, 2, 1, 9, 0].flatMap(label)),
  };
  await withFolder(files, async (root) => {
    const whole = await openDataset("cifar10", "test", { root });
    const three = await openDataset("cifar10", "test", { root, classes: 3, size: [8, 8] });
    assert.equal(three.length, 4);
    assert.deepEqual(three.classNames, ["name0", "name1", "name2"]);
    const { id, picture, annotation } = await three.read(1);
    assert.deepEqual([id, annotation.class], ["test_batch/2", 2]);
    assert.deepEqual(picture, plain(8, 8, [20, 20, 20]));
    assert.deepEqual(three.size, [8, 8]);
    const some = await openDataset("cifar10", "test", { root, classes: 3, examples: 2 });
    assert.equal(some.length, 2);
    assert.equal(new Set([whole, three, some].map(({ digest }) => digest)).size, 3);
    await assertRejects(openDataset("cifar10", "test", { root, classes: 11 }), /from 2 to 10/);
    const more = await openDataset("cifar10", "test", { root, examples: 7 });
    assert.equal(more.length, 6);
    assert.equal(more.digest, whole.digest);
    assert.deepEqual(more.notes, ["7 examples requested, all 6 available are used"]);
  });
});

Deno.test("openDataset reads 20 classes of CIFAR-100 as its coarse ones", async () => {
  const files = {
    "fine_label_names.txt": Array.from({ length: 100 }, (_, k) => `fine${k}`).join("\n"),
    "coarse_label_names.txt": Array.from({ length: 20 }, (_, k) => `coarse${k}`).join("\n"),
    "test.bin": Uint8Array.from([4, 30, ...new Array<number>(3072).fill(0)]),
  };
  await withFolder(files, async (root) => {
    const coarse = await openDataset("cifar100", "test", { root, classes: 20 });
    assert.equal(coarse.classNames[(await coarse.read(0)).annotation.class], "coarse4");
    const fine = await openDataset("cifar100", "test", { root });
    assert.equal(fine.classNames[(await fine.read(0)).annotation.class], "fine30");
  });
});

Deno.test("openDataset passes the size to folders, where pictures are decoded to it", async () => {
  const picture = await encodePng(plain(9, 9, [1, 2, 3]));
  await withFolder({ "train/a/1.png": picture, "train/b/1.png": picture }, async (root) => {
    const dataset = await openDataset("folder", "train", { root, size: [5, 7] });
    assert.deepEqual((await dataset.read(0)).picture, plain(5, 7, [1, 2, 3]));
  });
});

Deno.test("subset takes examples by index or number and refuses impossible ones", async () => {
  const whole = await openDataset("shapes", "test", { examples: 10 });
  const chosen = subset(whole, [9, 0]);
  assert.deepEqual((await chosen.read(0)).id, "test/9");
  await assert.rejects(chosen.read(2), /from 0 to 1/);
  assert.equal(subset(whole, 10).digest, whole.digest);
  assert.notEqual(subset(whole, 2).digest, subset(whole, 3).digest);
  assert.throws(() => subset(whole, []), RangeError);
  assert.throws(() => subset(whole, 11), /from 1 to 10: current value is 11/);
  assert.throws(() => subset(whole, [10]), RangeError);
});
