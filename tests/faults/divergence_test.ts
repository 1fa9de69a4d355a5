/**
 * A training that runs away: it stops, names what broke and when, and keeps what was good.
 */
import { parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { begin, filesIn } from "./small_run.ts";

/** Learning rates of SGD from one that ends at once to one that takes some steps. */
const PEAKS = [100, 10, 1];

Deno.test("a loss that is no number stops the training with its name and step, and every kept checkpoint is whole", () =>
  withFolder(async (folder) => {
    const cache = join(folder, "cache");
    for (const peak of PEAKS) {
      const runs = join(folder, String(peak));
      const rates = ["schedule", "discriminatorSchedule"].map((name) =>
        `--train.${name}.peak=${peak}`
      ).concat(["optimizer", "discriminatorOptimizer"].map((name) => `--train.${name}.name=sgd`));
      const every = "--train.checkpointEvery=1";
      const places = ["--runs", runs, "--cache", cache];
      const { code, error } = await runHere(["train", ...begin, ...rates, every, ...places]);
      assert.equal(code, 1, `peak ${peak}`);
      const line = error.trimEnd().split("\n").at(-1)!;
      assert.match(
        line,
        /^error: Cannot (continue training as the loss term "\w+" is (NaN|-?Infinity) at step \d+|save the checkpoint of "train" at step \d+ as "[\w./]+" contains NaN or infinity)/,
      );
      for (const name of await filesIn(runs)) {
        if (!name.endsWith(".safetensors")) continue;
        const { tensors } = parseSafetensors(await Deno.readFile(join(runs, name)), name);
        for (const [weight, { data }] of tensors) {
          assert.ok(data.every(Number.isFinite), `${name}: ${weight}`);
        }
      }
      const [record] = (await filesIn(runs)).filter((name) => name.endsWith("metrics.jsonl"));
      assert.doesNotMatch(await Deno.readTextFile(join(runs, record)), /null|NaN|Infinity/);
    }
  }));
