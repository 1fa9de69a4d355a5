import assert from "node:assert/strict";
import { join } from "node:path";
import { succeed, TINY } from "../testing.ts";

Deno.test("demo --robust goes on with the O and the G of its first run, and says both", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const tiny = [...TINY, "--dataset.trainExamples=320", "--evaluation.batchSize=8"];
    const steps = ["--steps", "1", "--target-steps", "1"];
    const { run, robust, report } = JSON.parse(
      await succeed(["demo", "--robust", ...tiny, ...steps, "--json"], { cwd }),
    );
    const weightsOf = (id: string, stage: string) =>
      Deno.readFile(join(cwd, "runs", id, "checkpoints", `${stage}-final.safetensors`));
    const tensors = async (id: string, stage: string) => {
      const bytes = await weightsOf(id, stage);
      const [length] = new BigUint64Array(bytes.slice(0, 8).buffer);
      return bytes.slice(8 + Number(length)).toHex();
    };
    assert.equal(await tensors(robust.run, "train-target"), await tensors(run, "train-target"));
    assert.equal(await tensors(robust.run, "train-start"), await tensors(run, "train"));
    const attacks = (evaluation: { rows: { attack: string; threatModel: string }[] }) =>
      evaluation.rows.filter(({ threatModel }) => threatModel === "whitebox")
        .map(({ attack }) => attack);
    assert.ok(attacks(robust.evaluation).includes("pgd-100"));
    for (const page of [report, robust.report]) {
      assert.ok((await Deno.stat(join(cwd, page))).size > 0);
    }
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
