/**
 * Several processes train one network as one process does, and end together.
 */
import { selectBackend } from "@realign/core/backend";
import assert from "node:assert/strict";
import { join } from "node:path";
import { distanceOf } from "../bench/workers/distance.ts";
import { startWorkers } from "../bench/workers/start_workers.ts";
import { GENTLE, runWorkers, weightsIn } from "./worker_runs.ts";
import { workerWords } from "../cli/stages/launch.ts";
import { startTask } from "../cli/testing.ts";
import { withFolder } from "../cli/testing_folder.ts";

/** Workers need TensorFlow's library. */
const ignore = (await selectBackend("auto", { fetch: false })).name !== "tensorflow";

/** Waits until a checkpoint of G's training is there. */
async function waitForCheckpoint(runs: string, step: number): Promise<void> {
  const name = `train-${String(step).padStart(8, "0")}.safetensors`;
  for (let tries = 0; tries < 6000; tries++) {
    for (const run of existing(runs)) {
      if (existing(join(runs, run, "checkpoints")).includes(name)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Cannot find ${name} below ${runs} after a minute`);
}

function existing(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test({
  name: "2 and 3 workers train like one process, and one goes on with the run of two",
  ignore,
}, async (t) => {
  await withFolder(async (folder) => {
    const args = (name: string) => [
      ...["train", ...GENTLE, "--runs", join(folder, name)],
      ...["--cache", "off"],
    ];
    await runWorkers(1, args("one"));
    const expected = await weightsIn(join(folder, "one"));

    for (const count of [2, 3]) {
      await t.step(`${count} workers`, async () => {
        await runWorkers(count, args(`${count}`));
        const distance = distanceOf(expected, await weightsIn(join(folder, `${count}`)));
        assert.ok(distance < 1e-4, `${distance}`);
      });
    }

    await t.step("a killed worker is named, and one process ends the run", async () => {
      const runs = join(folder, "killed");
      const [first, second] = startWorkers(2, () => [...args("killed"), "--worker-timeout", "5"]);
      await waitForCheckpoint(runs, 10);
      second.child.kill("SIGKILL");
      const { code, error } = await first.ended;
      await second.ended;
      assert.equal(code, 1);
      assert.match(error, /^error: .* as worker 1 does not answer; .* again with --resume$/m);
      await runWorkers(1, ["train", "--resume", "latest", "--runs", runs, "--cache", "off"]);
      const distance = distanceOf(expected, await weightsIn(runs));
      assert.ok(distance < 1e-4, `${distance}`);
    });

    await t.step("a signal to one ends all after the same step", async () => {
      const runs = join(folder, "stopped");
      const workers = startWorkers(2, () => args("stopped"));
      await waitForCheckpoint(runs, 10);
      workers[1].child.kill("SIGTERM");
      const ended = await Promise.all(workers.map((worker) => worker.ended));
      const steps = ended.map(({ error }) => /^Stopped at step (\d+) of 50/m.exec(error)?.[1]);
      assert.deepEqual(ended.map(({ code }) => code), [143, 143], ended[0].error);
      assert.ok(steps[0] !== undefined && steps[0] === steps[1], `${steps}`);
    });
  });
});

Deno.test({
  name: "launch starts workers, says what the first says, and refuses in one line",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const launch = async (...args: string[]) => {
      const { code, stdout, stderr } = await startTask("launch", args).output();
      const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { code, out, error };
    };
    const few = ["--steps=2", "--target-steps=1", "--train.attackCache=0"];
    const places = ["--runs", join(folder, "runs"), "--cache", "off"];
    const done = await launch("--workers", "2", "train", ...GENTLE, ...few, ...places, "--json");
    assert.equal(done.code, 0, done.error);
    assert.match(done.error, /worker 0 of 2, at 127\.0\.0\.1:\d+/);
    assert.equal(JSON.parse(done.out).stages.train.steps, 2);
    const wrong = await launch("train", "cls-shaper");
    assert.equal(wrong.code, 2);
    assert.match(wrong.error, /did you mean "cls-shapes"/);
    const other = await launch("evaluate", "latest");
    assert.equal(other.code, 2);
    assert.match(other.error, /^error: Cannot launch "evaluate" as workers share train, /);
  });
});

Deno.test("a launched worker has one number of threads, its own if it is told", () => {
  const share = `${Math.max(1, Math.floor(navigator.hardwareConcurrency / 2))}`;
  assert.deepEqual(workerWords(["train", "x"], 2), ["train", "x", "--threads", share]);
  for (const own of [["--threads=4"], ["--threads", "4"]]) {
    assert.deepEqual(workerWords(["train", ...own], 2), ["train", ...own]);
  }
});

for (const [signal, exitCode] of [["SIGUSR1", 143], ["SIGINT", 130]] as const) {
  Deno.test({
    name: `launch ends its workers after a step when it alone is told by ${signal}`,
    ignore,
  }, async () => {
    await withFolder(async (folder) => {
      const runs = join(folder, "runs");
      const places = ["--runs", runs, "--cache", "off", "--steps=5000"];
      const long = GENTLE.filter((word) => !word.startsWith("--steps"));
      const launch = startTask("launch", ["train", ...long, ...places]);
      const ended = launch.output();
      await waitForCheckpoint(runs, 10);
      launch.kill(signal);
      const { code, stderr } = await ended;
      const error = new TextDecoder().decode(stderr);
      assert.equal(code, exitCode, error);
      const [, step] = /^Stopped at step (\d+) of 5000/m.exec(error) ?? [];
      assert.ok(Number(step) >= 10, error);
      const [run] = existing(runs);
      const saved = `train-${step.padStart(8, "0")}.safetensors`;
      assert.ok(existing(join(runs, run, "checkpoints")).includes(saved), saved);
    });
  });
}

Deno.test({
  name: "workers that would not train the same refuse, all with one line that says who and why",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const args = ["train", ...GENTLE, "--runs", join(folder, "runs"), "--cache", "off"];
    const run = async (argsOf: (worker: number) => string[]) =>
      await Promise.all(startWorkers(2, argsOf).map(({ ended }) => ended));
    for (const { code, error } of await run((worker) => [...args, "--seed", `${worker}`])) {
      assert.equal(code, 1);
      assert.match(error, /^error: .* worker 1 has another preset than worker 0: start all/m);
    }
    for (const { code, error } of await run(() => [...args, "--train.batchSize=13"])) {
      assert.equal(code, 1);
      assert.match(
        error,
        /^error: .* 2 workers .*: current value is 13; change train\.batchSize$/m,
      );
    }
    assert.deepEqual(existing(join(folder, "runs")), []);
  });
});
