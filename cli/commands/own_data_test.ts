import { encodeJpeg, encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, succeed, TINY } from "../testing.ts";

/** A folder of ten images in two classes. */
async function writeImages(folder: string): Promise<void> {
  for (const [name, level] of [["dark", 40], ["light", 200]] as const) {
    await Deno.mkdir(join(folder, name), { recursive: true });
    for (let index = 0; index < 5; index++) {
      const pixels = new Uint8Array(16 * 16 * 3).fill(level + index);
      const image = await encodePng({ height: 16, width: 16, pixels });
      await Deno.writeFile(join(folder, name, `${index}.png`), image);
    }
  }
}

Deno.test("evaluate uses all available images, of either split, with another normalisation", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const data = join(cwd, "my images");
    await writeImages(data);
    const set = ["--dataset.name=folder", "--data", data, "--target.architecture=resnet20"];
    const made = await succeed(
      [
        "train-target",
        "cls-shapes",
        ...set,
        "--target.train.batchSize=4",
        "--steps",
        "1",
        "--json",
      ],
      { cwd },
    );
    const { folder, warnings } = JSON.parse(made);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^the target network was trained for 0\.5 of .* epochs \(1 step\)/);
    const weights = join(cwd, folder, "checkpoints", "train-target-final.safetensors");
    const alone = ["evaluate", "--preset", "cls-shapes", ...set, "--attacks", "none", "--json"];
    const evaluate = async (...more: string[]) => {
      const args = [...alone, "--target-weights", weights, ...more];
      const { code, out, error } = await runRealign(args, { cwd });
      assert.equal(code, 0, error);
      return { ...JSON.parse(out), error };
    };
    const test = await evaluate();
    assert.deepEqual([test.dataset.split, test.dataset.count], ["test", 2]);
    assert.match(test.error, /examples requested, all 2 available are used/);
    assert.match(
      test.alarms.map(({ text }: { text: string }) => text).join(),
      /O alone has accuracy [\d.]+ % on 2 clean images, perhaps no better/,
    );
    const train = await evaluate("--split", "train", "--examples", "all");
    assert.deepEqual([train.dataset.split, train.dataset.count], ["train", 8]);
    assert.match(train.warnings.join(), /on the training split/);
    assert.doesNotMatch(train.error, /requested/);
    const other = await evaluate("--mean", "0.5,0.5,0.5", "--std", "0.25,0.25,0.25");
    assert.notEqual(other.target.digest, test.target.digest);
    const sized = await evaluate("--size", "16x24");
    for (const owner of ["dataset", "target", "generator"]) {
      assert.match(sized.error, new RegExp(`${owner}\\.size=16x24 \\(32x32\\)`));
    }
    assert.notEqual(sized.dataset.digest, test.dataset.digest);
    const half = await runRealign([...alone, "--target-weights", weights, "--mean", "1,1,1"]);
    assert.match(
      half.error,
      /^error: Cannot normalise with --mean alone: set both --mean and --std/,
    );
    assert.equal(half.code, 2);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

Deno.test("test images that are training images are told of, and the run keeps that", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const data = join(cwd, "tiny");
    const jpegs = ["dark", "light"].map((id) => join(data, "train", id, "images"));
    for (const [index, folder] of jpegs.entries()) {
      await Deno.mkdir(folder, { recursive: true });
      for (let image = 0; image < 4; image++) {
        const pixels = new Uint8Array(16 * 16 * 3).fill(40 + 150 * index + image);
        const jpeg = await encodeJpeg({ height: 16, width: 16, pixels }, 90);
        await Deno.writeFile(join(folder, `${image}.JPEG`), jpeg);
      }
    }
    const images = join(data, "val", "images");
    await Deno.mkdir(images, { recursive: true });
    await Deno.link(join(jpegs[0], "0.JPEG"), join(images, "0.JPEG"));
    await Deno.copyFile(join(jpegs[1], "0.JPEG"), join(images, "1.JPEG"));
    await Deno.writeTextFile(
      join(data, "val", "val_annotations.txt"),
      "0.JPEG\tdark\n1.JPEG\tlight\n",
    );
    await Deno.writeTextFile(join(data, "wnids.txt"), "dark\nlight\n");
    await Deno.writeTextFile(join(data, "words.txt"), "dark\tdark\nlight\tlight\n");
    const set = ["--dataset.name=tiny-imagenet", "--data", data, "--target.architecture=resnet20"];
    const short = ["--target.train.batchSize=4", "--steps", "1", "--json"];
    const { warnings } = JSON.parse(
      await succeed(["train-target", "cls-shapes", ...set, ...short], { cwd }),
    );
    assert.match(warnings.join("\n"), /^1 of the 2 test images are in the training split as well/m);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

Deno.test("cls-folder trains on one's own images, and says that their few steps may not do", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    await writeImages(join(cwd, "images"));
    const own = ["train", "cls-folder", "--data", "images", "--size", "16x16", "--json"];
    const small = [...TINY, "--target-steps", "1", "--target.architecture=resnet20"];
    const batches = ["--target.train.batchSize=4", "--train.batchSize=4", "--train.epochs=1"];
    const train = async (...more: string[]) => {
      const made = await succeed([...own, ...small, ...batches, ...more], { cwd });
      return (JSON.parse(made).warnings as string[]).join();
    };
    assert.match(
      await train(),
      /the generator is trained for 2 steps only: .* e\.g\. --steps 3000/,
    );
    assert.doesNotMatch(await train("--steps", "1"), /steps only/);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
