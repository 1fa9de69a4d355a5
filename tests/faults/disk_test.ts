/**
 * Disks that are full or read-only: one line, nothing half-written, and the run goes on afterwards.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { runHere, TINY } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { writeSmallModel } from "../small_model.ts";
import { mayMount, Mounted } from "./mounted.ts";
import { begin, filesIn, TRAIN_STEPS } from "./small_run.ts";

const permitted = await mayMount();
const skipped = permitted ? "" : " (skipped: this user may not mount)";

/** The last line of what a command that failed told. */
async function failure(args: readonly string[]): Promise<string> {
  const { code, out, error } = await runHere(args);
  assert.equal(code, 1, error);
  assert.equal(out, "");
  assert.doesNotMatch(error, /^\s+at /m);
  return error.trimEnd().split("\n").at(-1)!;
}

/** Bytes of a run that has room for one checkpoint of G and no second one. */
async function sizeWithOneCheckpoint(runs: string): Promise<number> {
  let bytes = 0;
  for (const name of await filesIn(runs)) {
    const { size } = await Deno.stat(join(runs, name));
    if (/train-target-.*safetensors$/.test(name)) bytes += size;
    if (name.endsWith(`train-000000${TRAIN_STEPS}.safetensors`)) bytes += 1.6 * size;
  }
  return bytes;
}

/** Opens files on a disk that has room for three bytes more. */
async function openOnFullDisk(...args: Parameters<typeof Deno.open>): Promise<Deno.FsFile> {
  const file = await open(...args);
  let room = 3;
  return Object.assign(file, {
    write(bytes: Uint8Array): Promise<number> {
      if (room === 0) return Promise.reject(new Error("No space left on device (os error 28)"));
      const written = file.writeSync(bytes.subarray(0, room));
      room -= written;
      return Promise.resolve(written);
    },
  });
}

const { open } = Deno;

Deno.test("writeSafely() says that the disk is full, and leaves the file that was there", () =>
  withFolder(async (folder) => {
    const path = join(folder, "file");
    await writeSafely(path, "before");
    Deno.open = openOnFullDisk;
    try {
      await assert.rejects(writeSafely(path, "after"), /^Error: Cannot write .*the disk is full/);
    } finally {
      Deno.open = open;
    }
    assert.equal(await Deno.readTextFile(path), "before");
    assert.deepEqual(await filesIn(folder), ["file"]);
  }));

/** What has no room, and where it is written aside. */
const ASIDE: Record<string, RegExp> = {
  "run.json": /\.partial$/,
  "small.onnx": /models.*\.partial$/,
};
for (const [file, aside] of Object.entries(ASIDE)) {
  Deno.test(`a run that cannot be begun, as ${file} has no room, leaves nothing`, () =>
    withFolder(async (folder) => {
      const runs = join(folder, "runs");
      const model = await writeSmallModel(folder, "small.onnx");
      Deno.open = (path, options) =>
        String(path).startsWith(runs) && aside.test(String(path))
          ? openOnFullDisk(path, options)
          : open(path, options);
      try {
        const told = await failure([
          ...["train", "cls-shapes", ...TINY, "--target", model],
          ...["--runs", runs, "--cache", "off"],
        ]);
        assert.match(told, /^error: Cannot write .*: the disk is full/);
        assert.ok(told.includes(file), told);
      } finally {
        Deno.open = open;
      }
      assert.deepEqual([...Deno.readDirSync(runs)], []);
    }));
}

Deno.test({
  name:
    `a training on a disk that fills up stops with one line, and goes on to the same bits when there is room${skipped}`,
  ignore: !permitted,
  fn: () =>
    withFolder(async (folder) => {
      const [elsewhere, small] = ["elsewhere", "small"].map((name) => join(folder, name));
      const places = (runs: string) => ["--runs", runs, "--cache", elsewhere];
      await Deno.mkdir(small);
      assert.equal((await runHere(["train", ...begin, ...places(elsewhere)])).code, 0);
      const kibibytes = await sizeWithOneCheckpoint(elsewhere) / 1024;
      await using disk = await Mounted.at(small, Math.ceil(kibibytes));
      const told = await failure(["train", ...begin, ...places(small)]);
      assert.match(told, /^error: Cannot write .*: the disk is full: free some space/);
      const files = await filesIn(small);
      assert.deepEqual(files.filter((name) => name.endsWith(".partial")), []);
      await disk!.remount("size=64m");
      const { code, error } = await runHere(["train", "--resume", "latest", ...places(small)]);
      assert.equal(code, 0, error);
      assert.match(error, /resuming from step \d+/);
      const weights = async (runs: string) => {
        const final = (await filesIn(runs)).find((name) =>
          name.endsWith("train-final.safetensors")
        );
        return await Deno.readFile(join(runs, final!));
      };
      assert.deepEqual(await weights(small), await weights(elsewhere));
    }),
});

Deno.test({
  name: `a run on a file system that has become read-only is refused with one line${skipped}`,
  ignore: !permitted,
  fn: () =>
    withFolder(async (folder) => {
      const runs = join(folder, "runs");
      await Deno.mkdir(runs);
      await using disk = await Mounted.at(runs, 65536);
      const places = ["--runs", runs, "--cache", join(folder, "cache")];
      const trained = await runHere(["train", ...begin, ...places]);
      assert.equal(trained.code, 0, trained.error);
      const before = await filesIn(runs);
      await disk!.remount("ro");
      for (
        const args of [
          ["train", ...begin, ...places],
          ["train", "--resume", "latest", ...places],
          ["evaluate", "latest", ...places],
          ["report", "latest", "--runs", runs],
        ]
      ) {
        const line = await failure(args);
        assert.match(
          line,
          /^error: Cannot .*: the file system is read-only: choose another folder/,
        );
      }
      assert.deepEqual(await filesIn(runs), before);
    }),
});
