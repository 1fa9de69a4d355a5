/**
 * Files of a run that are cut short or changed while nobody looks: it goes on from what is whole.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { begin, copyFolder, filesIn, flipByte, TRAIN_STEPS } from "./small_run.ts";

const name = (step: number) => `train-${String(step).padStart(8, "0")}.safetensors`;
const LAST = name(TRAIN_STEPS);
const LAST_BUT_ONE = name(TRAIN_STEPS - TRAIN_STEPS % 3);

/** Runs a command that must succeed, and gives what it tells. */
async function succeedHere(...args: string[]): Promise<string> {
  const { code, error } = await runHere(args);
  assert.equal(code, 0, error);
  return error;
}

Deno.test("a run whose files are damaged goes on from what is whole, to the same bits", (t) =>
  withFolder(async (folder) => {
    const [runs, cache] = [join(folder, "runs"), join(folder, "cache")];
    const places = ["--runs", runs, "--cache", cache];
    await succeedHere("train", ...begin, ...places);
    const [id] = (await filesIn(runs))[0].split("/");
    const checkpoints = join(runs, id, "checkpoints");
    const whole = join(folder, "whole");
    await copyFolder(runs, whole);
    const final = await Deno.readFile(join(checkpoints, "train-final.safetensors"));

    /** Damages a fresh copy of the run, resumes it, and compares G; gives what it told. */
    const resume = async (damage: () => Promise<void>): Promise<string> => {
      await Deno.remove(runs, { recursive: true });
      await copyFolder(whole, runs);
      await Deno.remove(join(checkpoints, "train-final.safetensors"));
      await damage();
      const told = await succeedHere("train", "--resume", id, ...places);
      assert.deepEqual(await Deno.readFile(join(checkpoints, "train-final.safetensors")), final);
      return told;
    };

    await t.step("the last checkpoint has a changed bit", async () => {
      const told = await resume(() => flipByte(join(checkpoints, LAST), 5000));
      assert.match(told, new RegExp(`${LAST} is damaged`));
    });

    await t.step("the last checkpoint is cut short", async () => {
      const told = await resume(() => Deno.truncate(join(checkpoints, LAST), 3000));
      assert.match(told, new RegExp(`${LAST} is damaged`));
    });

    await t.step("both checkpoints and a part of the attack cache are damaged", async () => {
      const told = await resume(async () => {
        await flipByte(join(checkpoints, LAST), 700);
        await flipByte(join(checkpoints, LAST_BUT_ONE), 70_000);
        const [first, second] = await filesIn(cache);
        await flipByte(join(cache, first), 999);
        await Deno.truncate(join(cache, second), 100);
      });
      assert.equal(told.match(/is damaged/g)?.length, 4, told);
      assert.doesNotMatch(told, /resuming from step/);
    });

    await t.step("the target's weights are damaged, and it is trained again", async () => {
      const told = await resume(async () => {
        await flipByte(join(checkpoints, "train-target-final.safetensors"), 2000);
      });
      assert.match(told, /train-target-final\.safetensors is damaged/);
    });

    await t.step(
      "the generator's weights are damaged, and nothing is measured by them",
      async () => {
        await flipByte(join(checkpoints, "train-final.safetensors"), 2000);
        const { code, error } = await runHere(["evaluate", id, ...places]);
        assert.equal(code, 1);
        assert.match(error, /error: Cannot find the generator .* realign train --resume [^\n]*\n$/);
        assert.ok(!(await filesIn(join(runs, id))).includes("evaluation.json"));
      },
    );
  }));
