/**
 * Stopped runs with a substitute go on.
 */
import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { hasStepped, signalAt, steps } from "./faults/signalled.ts";
import { SMALL, weightsOf, withProgram } from "./transfer_program.ts";

Deno.test({
  name:
    "a stopped evaluation goes on with the columns of its substitute, a training with its steps",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withProgram(async ({ runs, places, realign, start, evaluate }) => {
      const named = ["--substitute-architecture", "resnet20", "--steps", "1"];
      const begin = ["train", "cls-shapes", ...named, "--target-steps", "40", ...SMALL, ...places];
      const stage = "train-substitute-resnet20";
      const stopped = await signalAt(begin, "SIGTERM", hasStepped(runs, stage, 2));
      assert.deepEqual([stopped.code, stopped.line[1]], [143, "train"]);
      assert.match(stopped.error, /Stopped at step \d+ of 40/);
      const { error } = await realign(...stopped.line.slice(1));
      assert.match(error, /train the substitute resnet20: resuming from step/);
      assert.equal(await steps(runs, stage), 40);
      const [run] = [...Deno.readDirSync(runs)].map(({ name }) => name);
      const whole = await start("train", "cls-shapes", ...named, "--target-steps", "40");
      assert.deepEqual(
        await Deno.readFile(weightsOf(runs, run, stage)),
        await Deno.readFile(weightsOf(runs, whole, stage)),
      );

      const file = join(runs, run, "evaluation-columns.json");
      const transfers = async () =>
        (await Deno.readTextFile(file).catch(() => "")).includes('"substitute":');
      const slow = "--evaluation.threatModels.transfer.attacks.pgd-cw.steps=200";
      const ended = await signalAt(["evaluate", run, slow, ...places], "SIGKILL", transfers);
      assert.equal(ended.code, 137);
      const { columns } = JSON.parse(await Deno.readTextFile(file)) as {
        columns: Record<string, Evaluation["rows"]>;
      };
      const kept = Object.values(columns).flat();
      const { rows } = await evaluate(run, slow);
      assert.ok(kept.length > 0);
      for (const row of kept) {
        const same = rows.find(({ attack, threatModel, system }) =>
          attack === row.attack && threatModel === row.threatModel && system === row.system
        );
        assert.deepEqual(same, row, "with the seconds that it took");
      }
    }),
});
