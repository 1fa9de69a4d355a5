import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, succeed, TINY } from "../testing.ts";

const image = () => encodePng({ height: 4, width: 4, pixels: new Uint8Array(48).fill(90) });
const filesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const lastLine = (text: string) => text.trimEnd().split("\n").at(-1)!;

Deno.test("commands work in odd places: paths with spaces, folders, damaged images, runs that stay", async () => {
  const top = await Deno.makeTempDir();
  const cwd = join(top, "it's here");
  await Deno.mkdir(cwd);
  try {
    const trained = await succeed(
      ["train", "cls-shapes", ...TINY, "--target-steps", "1", "--steps", "1", "--runs", "my runs"],
      { cwd },
    );
    const [id] = filesIn(join(cwd, "my runs"));
    const run = join(cwd, "my runs", id);
    const quoted = `'${run.replace("'", `'\\''`)}'`;
    assert.ok(trained.includes(`next: realign evaluate ${quoted}`), trained);

    await evaluateElsewhere(cwd, run);
    await defendFolders(cwd, run);
    await succeed(["report", "."], { cwd: run });
    assert.ok(filesIn(run).includes("report.html"));
    const none = await runRealign(["report", "."], { cwd });
    assert.match(none.error, /^error: Cannot find a run in \. as it has no run\.json\n$/);
    assert.equal(none.code, 2);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});

/** `evaluate` and `report` write where `--out` says, and leave the run as it is. */
async function evaluateElsewhere(cwd: string, run: string): Promise<void> {
  const before = filesIn(run);
  const clean = ["--attacks", "none", "--systems", "none"];
  const { dataset } = JSON.parse(
    await succeed(["evaluate", run, ...clean, "--split", "train", "--out", "mine", "--json"], {
      cwd,
    }),
  );
  assert.deepEqual([dataset.split, dataset.count], ["train", 8]);
  await succeed(["report", run, "--out", "mine"], { cwd });
  assert.deepEqual(filesIn(run), before);
  assert.ok(filesIn(join(cwd, "mine")).includes("evaluation.json"));
  assert.match(await Deno.readTextFile(join(cwd, "mine", "report.html")), /train/);
  await Deno.writeTextFile(join(cwd, "file"), "");
  for (const command of [["evaluate", run, ...clean], ["report", run], ["defend", run, "x.png"]]) {
    const { code, error, out } = await runRealign([...command, "--out", "file"], { cwd });
    assert.match(lastLine(error), /^error: Cannot write into file: .*file is not a folder/);
    assert.doesNotMatch(error, /backend/);
    assert.deepEqual([code, out], [1, ""]);
  }
  const inFile = join("file", "new");
  for (
    const [option, place, reason] of [
      ["--save-adversarial", inFile, /Cannot write into file.new: .* is a file$/],
      ["--save-adversarial", "file", /Cannot write into file: .*file is not a folder$/],
      ["--robustbench", join(inFile, "entry.json"), /Cannot write into file.new: .* is a file$/],
      ["--robustbench", "mine", /Cannot write mine: it is a folder, not a file$/],
    ] as const
  ) {
    const { code, error, out } = await runRealign(["evaluate", run, ...clean, option, place], {
      cwd,
    });
    assert.match(lastLine(error), reason);
    assert.doesNotMatch(error, /backend/, "nothing was begun");
    assert.deepEqual([code, out], [1, ""]);
  }
  assert.deepEqual(filesIn(run), before);
}

/** `defend` takes folders, and a damaged image keeps back no other. */
async function defendFolders(cwd: string, run: string): Promise<void> {
  await Deno.mkdir(join(cwd, "in", "deep"), { recursive: true });
  await Deno.writeFile(join(cwd, "in", "a.png"), await image());
  await Deno.writeFile(join(cwd, "in", "b.png"), (await image()).subarray(0, 50));
  await Deno.writeFile(join(cwd, "in", "deep", "a.png"), await image());
  await Deno.writeTextFile(join(cwd, "in", "readme.txt"), "");
  const defend = ["defend", run, "in", "--out", join("in", "out")];
  const { code, error, out } = await runRealign([...defend, "--json"], { cwd });
  assert.equal(code, 1);
  assert.match(error, /in: 1 files are not images and are ignored/);
  assert.match(error, /warning: Cannot decode in.b\.png/);
  assert.match(
    lastLine(error),
    /^error: Cannot restore 1 of 3 images as they cannot be read: in.b\.png; 2 are in in.out$/,
  );
  const { written, failed } = JSON.parse(out);
  assert.deepEqual(failed, [join("in", "b.png")]);
  assert.deepEqual(written, [join("in", "out", "a.png"), join("in", "out", "deep", "a.png")]);
  await Deno.remove(join(cwd, "in", "b.png"));
  assert.deepEqual((await succeed(defend, { cwd })).trim().split("\n"), written);
}
