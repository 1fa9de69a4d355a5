import { parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, succeed, TINY } from "../testing.ts";

/** A training through G of seconds, with a ramp, a guard and all that goes with it. */
const ROBUST = [
  ...TINY,
  "--train.guard.examples=8",
  "--train.guard.attack.steps=2",
  // Of eight examples each is more than ten points.
  "--train.guard.drop=1",
  "--train.checkpointEvery=2",
];

const tensorsOf = async (run: string, stage: string) => {
  const path = join(run, "checkpoints", `${stage}-final.safetensors`);
  return parseSafetensors(await Deno.readFile(path), path).tensors;
};

Deno.test("a training through G starts from a G against O alone, or from another run's, and resumes bit for bit", async (t) => {
  const folder = await Deno.makeTempDir();
  const train = async (...args: string[]) => {
    const text = await succeed(["train", ...args, "--json"], { cwd: folder });
    const { run, stages } = JSON.parse(text) as { run: string; stages: Record<string, unknown> };
    return { run, path: join(folder, "runs", run), stages: Object.keys(stages) };
  };
  try {
    const own = await train("cls-shapes-robust", ...ROBUST, "--train.start.epochs=1");
    await t.step("by default it trains one first", async () => {
      assert.deepEqual(own.stages, ["train-target", "train-start", "train"]);
      const lines = (await Deno.readTextFile(join(own.path, "metrics.jsonl"))).trim().split("\n")
        .map((line) => JSON.parse(line));
      const reviews = lines.filter(({ review }) => review);
      assert.ok(reviews.length > 0);
      assert.ok(reviews.every(({ stage }) => stage === "train"));
      for (const { review: { clean, whitebox, best } } of reviews) {
        assert.ok(clean >= 0 && clean <= 1 && whitebox <= best);
      }
    });
    const next = await train("cls-shapes-robust", ...ROBUST, "--from", own.run, "--seed", "7");
    await t.step("--from takes G and O of a run", async () => {
      assert.deepEqual(next.stages, ["train"]);
      assert.deepEqual(
        await tensorsOf(next.path, "train-start"),
        await tensorsOf(own.path, "train"),
      );
      assert.deepEqual(
        await tensorsOf(next.path, "train-target"),
        await tensorsOf(own.path, "train-target"),
      );
    });
    await t.step("a run that is resumed ends at the same weights", async () => {
      const expected = await tensorsOf(next.path, "train");
      const names = [...Deno.readDirSync(join(next.path, "checkpoints"))].map(({ name }) => name);
      const steps = names.filter((name) => /^train-\d/.test(name)).sort();
      assert.ok(steps.length > 1, names.join());
      for (const name of ["train-final.safetensors", steps.at(-1)!]) {
        await Deno.remove(join(next.path, "checkpoints", name));
      }
      await succeed(["train", "--resume", next.run], { cwd: folder });
      assert.deepEqual(await tensorsOf(next.path, "train"), expected);
    });
    await t.step("--from refuses another G, and a run that is resumed", async () => {
      const runs = ["--runs", join(folder, "runs")];
      const fails = async (args: string[], message: RegExp) => {
        const { code, error } = await runRealign(["train", ...args, ...runs]);
        assert.equal(code, 2);
        assert.match(error, message);
      };
      await fails(
        ["cls-shapes-robust", ...ROBUST, "--from", own.run, "--generator.width=6"],
        /Cannot start from cls-shapes-robust-.* as its generator must be .*"width":6/,
      );
      await fails(["--resume", own.run, "--from", own.run], /Cannot set from as a resumed run/);
      await fails(
        ["cls-shapes", "--train.attacker=whitebox"],
        /Cannot set train\.attacker as it is now train\.adversary/,
      );
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
