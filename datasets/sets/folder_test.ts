import assert from "node:assert/strict";
import { link, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { encodeJpeg, encodePng } from "../formats/decode.ts";
import { openFolder } from "./folder.ts";
import { assertRejects, plain, withFolder } from "../testing.ts";

const red = await encodePng(plain(6, 8, [250, 0, 0]));
const blue = await encodeJpeg(plain(5, 5, [0, 0, 250]), 95);

Deno.test("openFolder reads train and val folders, classes by name, examples taking turns", async () => {
  const files = {
    "train/cat/1.png": red,
    "train/cat/2.PNG": red,
    "train/cat/deep/3.png": red,
    "train/ant/1.jpg": blue,
    "train/ant/readme.txt": "",
    "train/ant/.hidden.png": red,
    "val/cat/9.png": red,
  };
  await withFolder(files, async (root) => {
    const train = await openFolder(root, "train", { size: [4, 4] });
    assert.deepEqual(train.classNames, ["ant", "cat"]);
    assert.equal(train.length, 4);
    const examples = await Promise.all([0, 1, 2, 3].map((index) => train.read(index)));
    assert.deepEqual(examples.map(({ id }) => id), [
      "train/ant/1.jpg",
      "train/cat/1.png",
      "train/cat/2.PNG",
      "train/cat/deep/3.png",
    ]);
    assert.deepEqual(examples.map(({ annotation }) => annotation.class), [0, 1, 1, 1]);
    assert.deepEqual(examples[1].picture, plain(4, 4, [250, 0, 0]));
    assert.deepEqual(train.notes, ["non-image files ignored: 1"]);
    const test = await openFolder(root, "test");
    assert.equal(test.length, 1);
    assert.equal(test.classOf(0), 1);
    assert.deepEqual(test.size, [64, 64]);
    assert.match(test.notes.join(), /val is used as the test split/);
  });
});

Deno.test("openFolder splits a folder without train by the seed, each class in its share", async () => {
  const files = Object.fromEntries(
    ["a", "b"].flatMap((name) =>
      Array.from({ length: 10 }, (_, index) => [`${name}/${index}.png`, red] as const)
    ),
  );
  await withFolder(files, async (root) => {
    const ids = async (split: "train" | "test", seed: number) => {
      const dataset = await openFolder(root, split, { seed, size: [2, 2] });
      return (await Promise.all(Array.from({ length: dataset.length }, (_, k) => dataset.read(k))))
        .map(({ id }) => id);
    };
    const [train, test] = [await ids("train", 1), await ids("test", 1)];
    assert.equal(new Set([...train, ...test]).size, 20);
    assert.deepEqual([train.length, test.length], [16, 4]);
    assert.equal(test.filter((id) => id.startsWith("a/")).length, 2);
    assert.deepEqual(await ids("test", 1), test);
    assert.notDeepEqual(await ids("test", 2), test);
  });
});

Deno.test("openFolder changes its digest when a file's size or name changes", async () => {
  await withFolder({ "train/a/1.png": red, "train/b/1.png": red }, async (root) => {
    const digest = async () => (await openFolder(root, "train")).digest;
    const before = await digest();
    assert.equal(await digest(), before);
    await Deno.writeFile(join(root, "train/a/1.png"), blue);
    const changed = await digest();
    assert.notEqual(changed, before);
    await Deno.rename(join(root, "train/a/1.png"), join(root, "train/a/2.png"));
    assert.notEqual(await digest(), changed);
  });
});

Deno.test("openFolder names what is missing or does not fit", async () => {
  await assertRejects(openFolder("nowhere", "train"), /class folders in nowhere: --data must be/);
  const files = { "train/a/1.png": red, "train/b/x.txt": "", "val/c/1.png": red };
  await withFolder(files, async (root) => {
    await assertRejects(openFolder(root, "train"), /images of class b in .*b: it must hold png/);
    await assertRejects(openFolder(root, "test"), /Cannot use .*val.c as train has no class/);
    await rm(join(root, "val"), { recursive: true });
    await assertRejects(openFolder(root, "test"), /Cannot find test or val beside train/);
    await Deno.writeFile(join(root, "train/b/1.png"), red.subarray(0, 40));
    const dataset = await openFolder(root, "train");
    await assertRejects(dataset.read(1), /^Cannot decode .*train.b.1\.png: /);
    await assertRejects(openFolder(root, "train", { size: [0, 4] }), /two positive integers/);
  });
});

Deno.test("openFolder counts each picture once, whatever links lead to it", async () => {
  const files = { "a/1.png": red, "a/2.png": red, "b/1.png": blue, "b/2.png": blue };
  await withFolder(files, async (root) => {
    await symlink("..", join(root, "a/circle"));
    await symlink("../a/1.png", join(root, "b/of-a.png"));
    await symlink("a", join(root, "c"));
    await symlink(".", join(root, "d"));
    const train = await openFolder(root, "train", { testShare: 0.5 });
    const test = await openFolder(root, "test", { testShare: 0.5 });
    assert.deepEqual(train.classNames, ["a", "b"]);
    assert.deepEqual([train.length, test.length], [2, 2]);
    assert.match(train.notes.join(), /4 links to files or folders that are already counted/);
  });
});

Deno.test("openFolder keeps a picture of training out of the test split", async () => {
  const files = { "train/a/1.png": red, "train/b/1.png": blue, "test/a/9.png": red };
  await withFolder(files, async (root) => {
    await mkdir(join(root, "test/b"));
    await symlink("../../train/b/1.png", join(root, "test/b/1.png"));
    await symlink("../../train", join(root, "test/a/all"));
    const test = await openFolder(root, "test");
    assert.equal(test.length, 1);
    assert.match(test.notes.join(), /2 links to files or folders that are already counted/);
    assert.equal((await openFolder(root, "train")).length, 2);
  });
});

Deno.test("openFolder keeps a picture of training out of the test split under another name", async () => {
  const files = { "train/a/1.png": red, "train/b/1.png": blue, "test/a/9.png": red };
  await withFolder(files, async (root) => {
    await mkdir(join(root, "test/b"));
    await link(join(root, "train/b/1.png"), join(root, "test/b/other.png"));
    const test = await openFolder(root, "test");
    assert.equal(test.length, 1);
    assert.match(test.notes.join(), /1 links to files or folders that are already counted/);
  });
});

Deno.test("openFolder stays in its folder unless it is told to follow links", async () => {
  const files = { "set/a/1.png": red, "set/b/1.png": blue, "else/8.png": red, "other/9.png": red };
  await withFolder(files, async (parent) => {
    const root = join(parent, "set");
    await symlink("../../other/9.png", join(root, "a/9.png"));
    const kept = await openFolder(root, "train", { testShare: 0 });
    assert.equal(kept.length, 2);
    assert.match(kept.notes.join(), /1 links out of the folder are ignored/);
    assert.equal((await openFolder(root, "train", { testShare: 0, follow: true })).length, 3);
    await symlink("../else", join(root, "c"));
    await assertRejects(
      openFolder(root, "train"),
      /c as it is outside of .*follow=true/,
    );
    const all = await openFolder(root, "train", { testShare: 0, follow: true });
    assert.deepEqual(all.classNames, ["a", "b", "c"]);
  });
});
