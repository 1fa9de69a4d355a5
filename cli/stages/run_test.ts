import type { Evaluation } from "@realign/core";
import { decodePicture, encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { FEATURE_STATES, type KeptFeatures } from "../runs/feature_file.ts";
import { succeed } from "../testing.ts";

/** A run of seconds: 64 pictures, networks of four channels. */
const SMALL = [
  "--dataset.trainExamples=64",
  "--target.train.batchSize=16",
  "--target.train.epochs=1",
  "--train.batchSize=8",
  "--train.epochs=1",
  "--train.checkpointEvery=3",
  "--generator.width=4",
  "--generator.blocks=1",
  "--evaluation.examples=8",
  "--evaluation.batchSize=8",
  "--evaluation.threatModels.oblivious.attacks.deepfool.steps=3",
  "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=2",
];

/** Runs a command in a process of its own, in a folder. */
const realign = (cwd: string, ...args: string[]) => succeed(args, { cwd });

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

Deno.test("a run goes from training to a report, and resumes to the same weights", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const trained = JSON.parse(
      await realign(folder, "train", "cls-shapes", ...SMALL, "--json"),
    ) as { run: string; stages: Record<string, { steps: number }> };
    const run = join(folder, "runs", trained.run);
    assert.equal(trained.stages["train-target"].steps, 4);
    assert.equal(trained.stages.train.steps, 8);

    await t.step("a run stopped after a checkpoint ends at the same weights", async () => {
      const copy = join(folder, "stopped", trained.run);
      await copyFolder(run, copy);
      for (const name of ["train-final", "train-00000008"]) {
        await Deno.remove(join(copy, "checkpoints", `${name}.safetensors`));
      }
      await realign(folder, "train", "--resume", trained.run, "--runs", "stopped");
      for (const name of ["train-final", "train-00000008"]) {
        const path = join("checkpoints", `${name}.safetensors`);
        const [expected, actual] = [run, copy].map((at) => Deno.readFileSync(join(at, path)));
        assert.deepEqual(actual, expected, name);
      }
      const [expected, actual] = [run, copy].map((at) =>
        Deno.readTextFileSync(join(at, "metrics.jsonl")).replaceAll(/"seconds":[\d.e-]+/g, "")
      );
      assert.equal(actual, expected);
    });

    await t.step("evaluate prints one JSON document and keeps it", async () => {
      const text = await realign(folder, "evaluate", "latest", "--json");
      const evaluation = JSON.parse(text) as Evaluation;
      assert.deepEqual(
        JSON.parse(Deno.readTextFileSync(join(run, "evaluation.json"))),
        evaluation,
      );
      const cells = evaluation.rows.map(({ threatModel, attack, system }) =>
        `${threatModel} ${attack} ${system}`
      );
      for (
        const cell of [
          "none clean none",
          "none clean generator+jpeg",
          "oblivious pgd none",
          "oblivious pgd-cw identity",
          "oblivious deepfool jpeg",
          "whitebox pgd-20 generator",
        ]
      ) assert.ok(cells.includes(cell), `${cell} is missing`);
      const warnings = evaluation.warnings.join("\n");
      assert.match(warnings, /perceptual network is a seeded random/);
      assert.match(warnings, /^the generator was trained for .* of a training cut short$/m);
      assert.match(warnings, /^only 8 examples were measured: 95 % intervals are up to/m);
      assert.equal(evaluation.rows[0].metric.details?.confusion?.length, 8);
      const { alarms, probes } = evaluation;
      assert.deepEqual(probes!.map(({ system, examples }) => [system, examples]), [
        ["generator", 8],
      ]);
      const hidden = alarms!.filter(({ name }) => name === "gradient-free-part");
      assert.deepEqual(hidden.map(({ system }) => system), ["jpeg", "generator+jpeg"]);
    });

    await t.step("evaluate keeps O's features in four states", async () => {
      const text = Deno.readTextFileSync(join(run, "features.json"));
      const { classes, points, measures, attack } = JSON.parse(text) as KeptFeatures;
      assert.equal(classes.length, 8);
      assert.deepEqual(FEATURE_STATES.map((state) => points[state].length), [8, 8, 8, 8]);
      assert.equal(measures.clean.centreDistance, 0);
      assert.ok(measures.adversarial.centreDistance! > 0 && measures.restored.centreDistance! > 0);
      assert.notEqual(attack, "worst case");
      await realign(folder, "evaluate", "latest");
      assert.equal(Deno.readTextFileSync(join(run, "features.json")), text);
    });

    await t.step("a target alone scores what it scores in the run", async () => {
      const weights = join(run, "checkpoints", "train-target-final.safetensors");
      const target = ["--preset", "cls-shapes", "--target-weights", weights];
      const text = await realign(
        folder,
        "evaluate",
        ...target,
        ...["--examples", "8", "--attacks", "none", "--evaluation.batchSize=8", "--json"],
      );
      const { rows } = JSON.parse(text) as Evaluation;
      const kept = JSON.parse(Deno.readTextFileSync(join(run, "evaluation.json"))) as Evaluation;
      assert.equal(rows.length, 1);
      assert.deepEqual(rows[0].metric, kept.rows[0].metric);
    });

    await t.step("report writes a page with the run's pictures and curves", async () => {
      const path = (await realign(folder, "report", "latest")).trim();
      const page = await Deno.readTextFile(join(folder, path));
      assert.match(page, /<img src="data:image\/png/);
      assert.match(page, /<figcaption>perceptual<\/figcaption>/);
      assert.match(
        page,
        /<ul class="warnings"[^]*The generator was trained for [^]*Only 8 examples/,
      );
      assert.match(page, /<figcaption>O alone: Clean, [^]*<svg class="confusion"/);
    });

    await t.step("evaluate by other settings prints, and keeps only with --replace", async () => {
      const kept = () => Deno.readTextFileSync(join(run, "evaluation.json"));
      const before = kept();
      const fewer = ["--attacks", "none", "--evaluation.batchSize=4"];
      const clean = ["evaluate", "latest", ...fewer, "--json"];
      const { rows, batchSize } = JSON.parse(await realign(folder, ...clean)) as Evaluation;
      assert.ok(rows.every(({ threatModel }) => threatModel === "none"));
      assert.ok(rows.every(({ millisecondsPerImage }) => millisecondsPerImage! > 0));
      assert.equal(batchSize, 4);
      assert.equal(kept(), before);
      await realign(folder, ...clean, "--replace");
      assert.equal((JSON.parse(kept()) as Evaluation).rows.length, rows.length);
    });

    await t.step("defend restores a picture of any size", async () => {
      const pixels = Uint8Array.from({ length: 3 * 30 * 50 }, (_, index) => index % 251);
      await Deno.writeFile(
        join(folder, "picture.png"),
        await encodePng({ height: 30, width: 50, pixels }),
      );
      const command = ["defend", "latest", "picture.png", "--out", "restored"];
      const { written } = JSON.parse(await realign(folder, ...command, "--full-size", "--json"));
      assert.deepEqual(written, [join("restored", "picture.png")]);
    });

    await t.step("defend restores tile by tile, at the picture's own size", async () => {
      const restore = async (...options: string[]) => {
        await realign(folder, "defend", "latest", "picture.png", "--out", "tiles", ...options);
        return decodePicture(join(folder, "tiles", "picture.png"));
      };
      const [resized, tiled, apart] = [
        await restore(),
        await restore("--tile", "auto"),
        await restore("--tile", "16x16", "--overlap", "0"),
      ];
      for (const { height, width } of [resized, tiled, apart]) {
        assert.deepEqual([height, width], [30, 50]);
      }
      assert.notDeepEqual(tiled.pixels, resized.pixels);
      assert.notDeepEqual(tiled.pixels, apart.pixels);
      const wide = restore("--tile", "16x16", "--overlap", "16");
      await assert.rejects(wide, /from 0 to below both sides: current value is 16/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
