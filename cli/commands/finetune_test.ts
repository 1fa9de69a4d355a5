import { type Evaluation, parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../testing.ts";

/** A training of O of two steps. */
const SMALL = [
  "cls-shapes",
  "--dataset.trainExamples=16",
  "--target.train.batchSize=8",
  "--evaluation.examples=8",
  "--evaluation.batchSize=8",
];

Deno.test("O is trained from another run's O, adversarially, and attacked as by one who knows it", async (t) => {
  const runs = await Deno.makeTempDir();
  const run = async (...args: string[]) => await runHere([...args, "--runs", runs, "--json"]);
  const train = async (...args: string[]) => {
    const { code, out, error } = await run("train-target", ...SMALL, ...args);
    assert.equal(code, 0, error);
    return (JSON.parse(out) as { run: string }).run;
  };
  const tensorsOf = async (id: string, stage: string) => {
    const path = join(runs, id, "checkpoints", `${stage}-final.safetensors`);
    return parseSafetensors(await Deno.readFile(path), path).tensors;
  };
  try {
    const plain = await train("--target.train.epochs=1");
    const start = await tensorsOf(plain, "train-target");
    const tune = ["--target.train.from", plain, "--target.train.adversarial=free", "--steps", "3"];
    const tuned = await train(...tune);

    await t.step("the run keeps the weights that it starts from", async () => {
      assert.deepEqual(await tensorsOf(tuned, "train-target-start"), start);
      assert.notDeepEqual(await tensorsOf(tuned, "train-target"), start);
      const { preset } = JSON.parse(await Deno.readTextFile(join(runs, tuned, "run.json")));
      const { from, adversarial } = preset.target.train;
      assert.ok(from.endsWith(join(plain, "checkpoints", "train-target-final.safetensors")), from);
      assert.equal(adversarial.replays, 8);
    });

    await t.step("it goes on to the same weights without the other run", async () => {
      const expected = await tensorsOf(tuned, "train-target");
      await Deno.remove(join(runs, plain), { recursive: true });
      const checkpoints = join(runs, tuned, "checkpoints");
      for (const name of [...Deno.readDirSync(checkpoints)].map(({ name }) => name)) {
        if (!name.includes("start")) await Deno.remove(join(checkpoints, name));
      }
      assert.equal((await run("train-target", tuned)).code, 0);
      assert.deepEqual(await tensorsOf(tuned, "train-target"), expected);
    });

    await t.step("a file of weights does as well", async () => {
      const path = join(runs, tuned, "checkpoints", "train-target-final.safetensors");
      const again = await train("--target.train.from", path, "--steps", "1");
      assert.deepEqual(
        await tensorsOf(again, "train-target-start"),
        await tensorsOf(tuned, "train-target"),
      );
    });

    await t.step("evaluate attacks O alone as a whitebox attacker", async () => {
      const { out, error } = await run(
        ...["evaluate", tuned, "--systems", "none", "--attacks", "pgd-20"],
        "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=2",
      );
      const { rows, published } = JSON.parse(out || error) as Evaluation;
      const cells = rows.map(({ threatModel, attack, system }) =>
        `${threatModel} ${attack} ${system}`
      );
      assert.deepEqual(cells.slice(0, 2), ["none clean none", "whitebox pgd-20 none"]);
      assert.equal(published, undefined);
    });

    await t.step("a run of another network, and none at all, are refused", async () => {
      const fails = async (message: RegExp, ...args: string[]) => {
        const { code, error } = await run("train-target", ...SMALL, ...args);
        assert.equal(code, 2);
        assert.match(error, message);
      };
      await fails(
        /Cannot start O's training from .* as its target\.architecture must be "resnet20": it is "wrn-10-1"/,
        ...["--target.train.from", tuned, "--architecture", "resnet20"],
      );
      await fails(
        /Cannot find .*nowhere.*or name a safetensors file/,
        "--target.train.from=nowhere",
      );
    });
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
});
