/**
 * The program as a person runs it: a process of its own, with the permissions of `deno task realign`.
 */
import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, startRealign, succeed as mustSucceed } from "../cli/testing.ts";

/** A run of seconds whose training is long enough to be killed in the middle. */
const small = [
  "--steps=60",
  "--target-steps=4",
  "--dataset.trainExamples=32",
  "--target.train.batchSize=8",
  "--train.batchSize=8",
  "--train.checkpointEvery=4",
  "--generator.width=4",
  "--generator.blocks=1",
  "--evaluation.examples=8",
  "--evaluation.batchSize=8",
];

const start = (...args: string[]) => startRealign(args);
const realign = (...args: string[]) => runRealign(args);
const succeed = (...args: string[]) => mustSucceed(args);

/** Waits until a run in a folder has come to a step. */
async function waitForCheckpoint(runs: string, step: number): Promise<string> {
  const name = `train-${String(step).padStart(8, "0")}.safetensors`;
  for (let tries = 0; tries < 30_000; tries++) {
    for (const id of await namesIn(runs)) {
      const files = await namesIn(join(runs, id, "checkpoints"));
      if (files.includes(name)) return join(runs, id);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Cannot find ${name} below ${runs} after five minutes`);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("a run from training to restored pictures, killed on the way", async (t) => {
  const folder = await Deno.makeTempDir();
  const [whole, killed, cache] = ["whole", "killed", "cache"].map((name) => join(folder, name));
  try {
    const begun = ["train", "cls-shapes", ...small, "--cache", cache];
    const { run: id } = JSON.parse(await succeed(...begun, "--runs", whole, "--json"));
    const run = join(whole, id);
    const weights = join(run, "checkpoints", "train-final.safetensors");

    await t.step("kill -9 and --resume give the same weights, bit for bit", async () => {
      const child = start(...begun, "--runs", killed);
      const ended = child.output();
      const stopped = await waitForCheckpoint(killed, 8);
      child.kill("SIGKILL");
      assert.equal((await ended).signal, "SIGKILL", "it ended before it was killed");
      await succeed("train", "--resume", "latest", "--runs", killed, "--cache", cache);
      const again = await Deno.readFile(join(stopped, "checkpoints", "train-final.safetensors"));
      assert.deepEqual(again, await Deno.readFile(weights));
    });

    await t.step("evaluate prints nothing but JSON on standard output", async () => {
      const out = await succeed("evaluate", id, "--runs", whole, "--json", "--attacks", "pgd");
      const { rows } = JSON.parse(out) as Evaluation;
      const defended = rows.find(({ attack, system }) =>
        attack === "pgd" && system === "generator"
      );
      assert.equal(defended?.threatModel, "oblivious");
      assert.equal(defended?.metric.count, 8);
    });

    await t.step("report writes one page that loads nothing", async () => {
      await succeed("report", id, "--runs", whole);
      const page = await Deno.readTextFile(join(run, "report.html"));
      assert.match(page, /^<!doctype html>/i);
      assert.match(page, /<img [^>]*src="data:image\/png;base64,/);
      assert.doesNotMatch(page, /(?:src|srcset)="(?!data:)|<link\b|@import|url\((?!["']?data:)/);
    });

    await t.step("defend restores a picture into a PNG", async () => {
      const picture = join(run, "pictures", "01-adversarial.png");
      const out = join(folder, "restored");
      await succeed("defend", id, picture, "--runs", whole, "--out", out);
      const bytes = await Deno.readFile(join(out, "01-adversarial.png"));
      assert.deepEqual([...bytes.subarray(0, 4)], [0x89, ...new TextEncoder().encode("PNG")]);
      assert.notDeepEqual(bytes, await Deno.readFile(picture));
    });

    await t.step("weights that were cut short are named, and nothing is measured", async () => {
      const bytes = await Deno.readFile(join(run, "checkpoints", "train-target-final.safetensors"));
      const cut = join(folder, "cut.safetensors");
      await Deno.writeFile(cut, bytes.subarray(0, bytes.length / 2));
      const target = ["--preset", "cls-shapes", "--target-weights", cut];
      await fails(1, /cut\.safetensors/, "evaluate", ...target);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Runs a command that must fail with one line on standard error, after what it tells of the run. */
async function fails(expected: number, reason: RegExp, ...args: string[]): Promise<void> {
  const { code, out, error } = await realign(...args);
  const line = args.join(" ");
  const lines = error.trimEnd().split("\n");
  assert.match(lines.at(-1)!, /^error: Cannot /, line);
  assert.match(lines.at(-1)!, reason, line);
  assert.equal(lines.filter((text) => /^error|^\s+at /.test(text)).length, 1, error);
  assert.equal(code, expected, line);
  assert.equal(out, "", line);
}

Deno.test("a preset, setting or architecture that there is not ends with one line", async () => {
  await fails(2, /did you mean "cls-shapes"\?/, "train", "cls-shape");
  await fails(2, /did you mean "batchSize"\?/, "train", "cls-shapes", "--train.batchsize=8");
  await fails(
    1,
    /must be one of wrn-.*"resnet21"/,
    "train",
    "cls-shapes",
    "--architecture",
    "resnet21",
  );
});

Deno.test("a folder without data ends with one line and leaves no run behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const runs = join(folder, "runs");
    await fails(
      1,
      /nowhere/,
      "train",
      "cls-cifar10",
      "--data",
      join(folder, "nowhere"),
      "--runs",
      runs,
    );
    assert.deepEqual(await namesIn(runs), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
