import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";

/** A run of seconds: 16 scenes of 32 pixels, networks of a few channels. */
const SMALL = [
  "--dataset.trainExamples=16",
  "--dataset.size=32x32",
  "--target.size=33x33",
  "--target.architecture=pspnet-resnet18-w0.1",
  "--target.train.batchSize=8",
  "--target-steps=3",
  "--generator.width=4",
  "--generator.blocks=1",
  "--generator.size=32x32",
  "--train.batchSize=4",
  "--train.checkpointEvery=2",
  "--steps=4",
  "--evaluation.examples=4",
  "--evaluation.batchSize=4",
  "--evaluation.threatModels.oblivious.attacks.deepfool.steps=2",
  "--evaluation.threatModels.whitebox.attacks.deepfool.steps=2",
  "--evaluation.threatModels.whitebox.attacks.segpgd-20.steps=2",
];

/** Runs a command in a process of its own, in a folder. */
async function realign(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", join(import.meta.dirname!, "../main.ts"), ...args],
    cwd,
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("a segmentation run goes from training to a report, and resumes to the same weights", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const trained = JSON.parse(
      await realign(folder, "train", "seg-shapes", ...SMALL, "--json"),
    ) as {
      run: string;
      stages: Record<string, { steps: number }>;
    };
    assert.equal(trained.stages["train-target"].steps, 3);
    assert.equal(trained.stages.train.steps, 4);
    const run = join(folder, "runs", trained.run);

    await t.step("a run stopped after a checkpoint ends at the same weights", async () => {
      const paths = ["train-final", "train-00000004"].map((name) =>
        join(run, "checkpoints", `${name}.safetensors`)
      );
      const expected = await Promise.all(paths.map((path) => Deno.readFile(path)));
      await Promise.all(paths.map((path) => Deno.remove(path)));
      await realign(folder, "train", "--resume", trained.run);
      assert.deepEqual(await Promise.all(paths.map((path) => Deno.readFile(path))), expected);
    });

    await t.step("evaluate measures every attack, on O alone and through G", async () => {
      const text = await realign(folder, "evaluate", "latest", "--json");
      const { rows } = JSON.parse(text) as Evaluation;
      const cells = rows.map(({ threatModel, attack, system }) =>
        `${threatModel} ${attack} ${system}`
      );
      for (const attack of ["bim", "deepfool", "pgd-cw"]) {
        for (const system of ["none", "identity", "generator"]) {
          assert.ok(cells.includes(`oblivious ${attack} ${system}`), `${attack} ${system}`);
        }
        assert.ok(cells.includes(`whitebox ${attack} generator`), attack);
      }
      for (const { metric, maxPerturbation } of rows) {
        assert.equal(metric.name, "mIoU");
        assert.ok(metric.value >= 0 && metric.value <= 1);
        assert.ok(maxPerturbation <= 0.03 + 1e-6);
      }
    });

    await t.step("evaluate measures whole images in windows", async () => {
      const window = ["picture=48x40", "stride=16x16", "mirror=true"]
        .map((setting) => `--evaluation.window.${setting}`);
      const text = await realign(
        folder,
        "evaluate",
        "latest",
        "--json",
        "--attacks=none",
        ...window,
      );
      const { rows, dataset } = JSON.parse(text) as Evaluation;
      assert.equal(dataset.count, 4);
      for (const { metric } of rows) {
        assert.equal(metric.count, 4);
        assert.ok(metric.value >= 0 && metric.value <= 1);
      }
    });

    await t.step("report writes a page with the run's pictures", async () => {
      const path = (await realign(folder, "report", "latest")).trim();
      assert.match(await Deno.readTextFile(join(folder, path)), /<img src="data:image\/png/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
