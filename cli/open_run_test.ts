import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign } from "./testing.ts";

Deno.test("a run is not begun with files or batches that no stage could use", async () => {
  const folder = await Deno.makeTempDir();
  const runs = join(folder, "runs");
  const cut = join(folder, "cut.safetensors");
  await Deno.writeTextFile(cut, "{}");
  const none = join(folder, "none.safetensors");
  const cases: [string[], RegExp][] = [
    [
      ["train", "--target-weights", none],
      /target's weights .*none\.safetensors: it does not exist/,
    ],
    [["train", "--target-weights", cut], /cut\.safetensors/],
    [["train", `--perceptual.weights=${none}`], /perceptual network's weights .* does not exist/],
    [["train", "--train.batchSize=33"], /at most the 32 examples of shapes train: .* is 33/],
    [["train", "--target.train.batchSize=34"], /at most the 32 examples of shapes train: .* 34/],
    [["train-target", "--target.train.batchSize=35"], /at most the 32 examples .* is 35/],
  ];
  try {
    for (const [[command, ...settings], message] of cases) {
      const args = [command, "cls-shapes", "--runs", runs, "--dataset.trainExamples=32"];
      const { code, error } = await runRealign([
        ...args,
        "--train.batchSize=8",
        "--target.train.batchSize=8",
        ...settings,
      ]);
      const line = settings.join(" ");
      assert.equal(code, 1, line);
      assert.match(error.trimEnd().split("\n").at(-1)!, /^error: Cannot /, line);
      assert.match(error, message, line);
      await assert.rejects(Deno.stat(runs), Deno.errors.NotFound, line);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
