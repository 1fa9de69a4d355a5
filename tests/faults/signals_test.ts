/**
 * Signals in every stage: heard within two seconds, what was made is kept, and the line that goes on.
 */
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runHere } from "../../cli/testing.ts";
import { begin, filesIn, PARTS, TRAIN_STEPS, withFolder } from "./small_run.ts";
import { hasStepped, signalAt, type Signalled, steps } from "./signalled.ts";

/** Fails unless a process ended as it must. */
function assertStopped(ended: Signalled, code: 130 | 143, ...line: string[]): void {
  assert.equal(ended.code, code, ended.error);
  assert.ok(ended.seconds < 2, `${ended.seconds} s: ${ended.error}`);
  assert.equal(ended.out, "");
  assert.match(ended.error, /^Stopped[^\n]*; continue with: [^\n]*\n$/m);
  assert.doesNotMatch(ended.error, /^(error|warning: .*damaged)|^\s+at /m);
  assert.deepEqual(ended.line.slice(0, line.length), line, ended.error);
}

/** A folder whose name a shell would take apart, and where runs and caches go. */
const withPlaces = (use: (runs: string, places: string[], folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const runs = join(folder, "my runs, it's $HOME");
    await use(runs, ["--runs", runs, "--cache", join(folder, "my cache")], folder);
  });

const supported = Deno.build.os !== "windows";
const test = (name: string, run: () => Promise<void>) =>
  Deno.test({ name, ignore: !supported, fn: run });

test("signals in the last step of a stage, and while it is saved, end the command there", () =>
  withPlaces(async (runs, places) => {
    const one = [...begin, "--steps", "1", "--target-steps", "1", ...places];
    const target = await signalAt(["train", ...one], "SIGINT", hasStepped(runs, "train-target"));
    assertStopped(target, 130, "realign", "train", "--resume");
    assert.equal(await steps(runs, "train"), 0, "no further stage has run");
    const again = await signalAt(target.line.slice(1), "SIGTERM", hasStepped(runs, "train"));
    assertStopped(again, 143, "realign", "train", "--resume");
    assert.deepEqual(again.line, target.line);
    const { code, out, error } = await runHere(again.line.slice(1));
    assert.equal(code, 0, error);
    assert.match(out, /is done; next: realign evaluate/);
  }));

test("train-target and train stop between two steps and go on to the end", () =>
  withPlaces(async (runs, places) => {
    const long = [...begin, "--target.train.epochs=40", ...places];
    const target = await signalAt(
      ["train-target", ...long],
      "SIGTERM",
      hasStepped(runs, "train-target", 2),
    );
    assertStopped(target, 143, "realign", "train-target");
    const finished = await runHere(target.line.slice(1));
    assert.equal(finished.code, 0, finished.error);
    assert.equal(await steps(runs, "train-target"), 80);
    assert.equal(await steps(runs, "train"), 0);
    const train = ["train", "--resume", "latest", ...places];
    const warned = await signalAt(train, "SIGUSR1", hasStepped(runs, "train", 2));
    assertStopped(warned, 143, "realign", "train", "--resume");
    assert.match(warned.error, /Stopped at step \d+ of 40/);
    const { code, error } = await runHere(warned.line.slice(1));
    assert.equal(code, 0, error);
    assert.match(error, /resuming from step/);
    assert.equal(await steps(runs, "train"), TRAIN_STEPS);
  }));

test("attack stops between two steps of an attack, and keeps the images that it has made", () =>
  withPlaces(async (runs, places, folder) => {
    const endless = ["attack", ...begin, "--attack.steps=1000000", ...places];
    const trained = (error: string) => /train the target: 4 steps/.test(error);
    assertStopped(await signalAt(endless, "SIGINT", trained), 130, "realign", "attack");

    const cache = join(folder, "my cache");
    const parts = async () => (await filesIn(cache)).filter((name) => /draw-[\w-]*$/.test(name));
    const long = ["attack", ...begin, "--attack.steps=100", ...places];
    const ended = await signalAt(long, "SIGTERM", async () => (await parts()).length > 0);
    assertStopped(ended, 143, "realign", "attack");
    const [first] = await parts();
    const made = async () => (await Deno.stat(join(cache, first))).mtime!.getTime();
    const before = await made();
    const { code, error } = await runHere(ended.line.slice(1));
    assert.equal(code, 0, error);
    assert.equal(await made(), before, "it was made once");
    assert.deepEqual((await parts()).filter((name) => name.endsWith("-begun")), []);
    assert.equal((await parts()).length, PARTS);
    assert.equal(await steps(runs, "train"), 0);
  }));

test("a training whose images are made in every step stops within the attack", () =>
  withPlaces(async (runs, places) => {
    const fresh = [...begin, "--attack-cache", "off", "--attack.steps=100000", ...places];
    const ended = await signalAt(
      ["train", ...fresh, "--target-steps", "1"],
      "SIGINT",
      (error) => /train the target: 1 steps/.test(error),
    );
    assertStopped(ended, 130, "realign", "train", "--resume");
    assert.match(ended.error, /Stopped/);
    assert.equal(await steps(runs, "train"), 0);
  }));

test("evaluate stops within an attack and keeps finished columns; defend and report stop too", () =>
  withPlaces(async (runs, places, folder) => {
    const short = [...begin, "--steps", "1", "--target-steps", "1", ...places];
    const trained = await runHere(["train", ...short, "--json"]);
    assert.equal(trained.code, 0, trained.error);
    const { run: id } = JSON.parse(trained.out) as { run: string };
    const run = join(runs, id);

    const slow = "--evaluation.threatModels.oblivious.attacks.pgd.steps=1000000";
    const kept = async () =>
      (await filesIn(run)).some((name) => name === "evaluation-columns.json");
    const ended = await signalAt(["evaluate", "latest", slow, ...places], "SIGTERM", kept);
    assertStopped(ended, 143, "realign", "evaluate", run, slow);
    assert.ok(!(await filesIn(run)).includes("evaluation.json"));
    const words = ended.line.slice(1).filter((word) => word !== slow);
    assert.equal((await runHere(words)).code, 0);

    const pixels = new Uint8Array(16 * 16 * 3).fill(99);
    const png = await encodePng({ height: 16, width: 16, pixels });
    const pictures = Array.from({ length: 100 }, (_, index) => join(folder, `it's ${index}.png`));
    for (const path of pictures) await Deno.writeFile(path, png);
    const out = join(folder, "restored ones");
    const defend = ["defend", run, ...pictures, "--out", out];
    const stopped = await signalAt(defend, "SIGINT", async () => (await filesIn(out)).length > 0);
    assertStopped(stopped, 130, "realign", "defend", run);
    const done = (await filesIn(out)).length;
    assert.equal(stopped.line.length - 1, defend.length - done, "the rest is left to do");
    assert.equal((await runHere(stopped.line.slice(1))).code, 0);
    assert.equal((await filesIn(out)).length, pictures.length);
  }));

test("report stops between its parts", () =>
  withPlaces(async (runs, places) => {
    const trained = await runHere(["train-target", ...begin, ...places, "--json"]);
    assert.equal(trained.code, 0, trained.error);
    const { run: id } = JSON.parse(trained.out) as { run: string };
    const run = join(runs, id);
    const path = join(run, "metrics.jsonl");
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).repeat(20_000));
    // It says nothing before its end; before it listens, a signal is the system's to handle.
    let delay = 1000;
    for (let tries = 0; tries < 20; tries++) {
      let begun = 0;
      const args = ["report", run, ...places.slice(0, 2)];
      const moment = () => performance.now() - (begun ||= performance.now()) > delay;
      const report = await signalAt(args, "SIGTERM", moment).catch(() => undefined);
      if (report) assert.ok(report.code === 143 || report.code === 0 && report.out !== "");
      if (!report || report.out !== "") delay -= 150; // it has ended, or was about to
      else if (report.error === "") delay += 250;
      else {
        assertStopped(report, 143, "realign", ...args);
        assert.ok(!(await filesIn(run)).some((name) => /^report/.test(name)));
        return;
      }
      await Deno.remove(join(run, "report.html")).catch(() => {});
    }
    assert.fail("no signal was heard");
  }));

test("demo and bench paper stop too", () =>
  withPlaces(async (runs, places) => {
    const few = ["--steps", "1000", "--target-steps", "1000"];
    const demo = await signalAt(
      ["demo", ...few, "--target.train.batchSize=8", ...places],
      "SIGINT",
      hasStepped(runs, "train-target"),
    );
    assertStopped(demo, 130, "realign", "train", "--resume");
    assert.match(demo.error, / && realign evaluate '.*' .* && realign report '/);
    const grid = join(runs, "grid");
    const [preset, ...settings] = begin;
    const paper = ["paper", "--preset", preset, ...settings, "--cells", "L_I", ...few];
    const ended = await signalAt(
      [...paper, "--runs", grid, ...places.slice(2)],
      "SIGTERM",
      hasStepped(grid, "train-target"),
      "bench",
    );
    assertStopped(ended, 143, "deno", "task", "bench", ...paper);
  }));

/** A plugin whose data never come, in one of their splits. */
const waiting = (split: string) => `
import bars from ${JSON.stringify(pathToFileURL(begin[2]).href)};
const never = () => new Promise((resolve) => setTimeout(resolve, 1e6));
const open = bars.datasets.bars;
export default { ...bars, datasets: { bars: async (split, request) => {
  const data = await open(split, request);
  if (${JSON.stringify(split)} === "any") {
    console.error("waiting");
    await never();
  }
  let reads = 0;
  return { ...data, notes: [], read: async (index) => {
    if (split === ${JSON.stringify(split)} && ++reads > 100) {
      console.error("waiting");
      await never();
    }
    return await data.read(index);
  } };
} } };
`;

test("before anything is made a signal ends the process, and later a second one does", () =>
  withPlaces(async (runs, places, folder) => {
    const plugin = join(folder, "waits.ts");
    const args = ["train", begin[0], "--plugin", plugin, ...begin.slice(3), ...places];
    await Deno.writeTextFile(plugin, waiting("any"));
    const early = await signalAt(args, "SIGINT", (error) => /waiting/.test(error));
    assertStopped(early, 130, "realign", ...args);
    assert.deepEqual(await filesIn(runs), []);

    await Deno.writeTextFile(plugin, waiting("train"));
    let first = false;
    const late = await signalAt(
      [...args, "--target.train.epochs=40"],
      "SIGTERM",
      (error, child) => {
        if (/waiting/.test(error) && !first) child.kill("SIGINT");
        first ||= /waiting/.test(error);
        return /a second one ends at once/.test(error);
      },
    );
    assert.equal(late.code, 143, late.error);
    assert.ok(late.seconds < 1);
  }));
