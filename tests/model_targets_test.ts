/**
 * Model files as targets, from the command line.
 */
import { type Evaluation, formatSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, startRealign } from "../cli/testing.ts";
import { filesIn } from "./faults/small_run.ts";
import { smallWeights, writeSmallModel } from "./small_model.ts";
import { SMALL, withProgram } from "./transfer_program.ts";

/** What an evaluation measured, without times. */
const figures = ({ rows }: Evaluation) =>
  rows.map(({ attack, threatModel, system, metric, outcomes }) => ({
    cell: [attack, threatModel, system],
    value: metric.value,
    outcomes,
  }));
const alone = (evaluation: Evaluation) =>
  figures(evaluation).filter(({ cell: [attack, , system] }) =>
    system === "none" && ["clean", "pgd"].includes(attack)
  );

Deno.test("a model file is defended from training to export, wherever it is moved", (t) =>
  withProgram(async ({ folder, runs, places, realign, fail, start, evaluate }) => {
    const file = await writeSmallModel(folder, "small.onnx");
    const adapter = join(folder, "adapter.json");
    await realign("inspect", file, "--save-adapter", adapter);
    const named = ["--target", file, "--adapter", adapter];
    const before = await evaluate("--preset", "cls-shapes", ...SMALL, ...named, "--attacks", "pgd");
    const run = await start("train", "cls-shapes", "--steps", "2", ...named);
    for (const name of ["small.onnx", "small.onnx.data"]) await Deno.remove(join(folder, name));
    const own = join(runs, run);
    const evaluation = await evaluate(run, "--attacks", "pgd", "--replace");

    await t.step("the run has its own copy, and calls it by its name", async () => {
      const files = await filesIn(own);
      assert.ok(files.some((name) => /^models\/[0-9a-f]{16}\/small\.onnx$/.test(name)));
      assert.ok(files.some((name) => /^models\/[0-9a-f]{16}\/small\.onnx\.data$/.test(name)));
      const { preset } = JSON.parse(await Deno.readTextFile(join(own, "run.json")));
      const { architecture, adapter, weights } = preset.target;
      assert.deepEqual([architecture, weights], ["small.onnx", ""]);
      assert.match(adapter.digest, /^[0-9a-f]{64}$/);
      assert.deepEqual(preset.target.size, [16, 16], "the file says it");
      await realign("report", run, "--runs", runs);
      for (const name of ["run.json", "evaluation.json", "report.html"]) {
        assert.ok(!(await Deno.readTextFile(join(own, name))).includes(folder), name);
      }
      assert.match(
        await Deno.readTextFile(join(own, "report.html")),
        /<title>small\.onnx on shapes/,
      );
    });

    await t.step("its results are those of the file alone", () => {
      assert.deepEqual(evaluation.target, before.target);
      assert.equal(evaluation.target.architecture, "small.onnx");
      assert.deepEqual(alone(evaluation), alone(before));
      assert.ok(alone(evaluation).some(({ outcomes }) => outcomes?.includes("1")));
    });

    await t.step("it is exported, with O inside", async () => {
      const out = join(folder, "exported");
      const words = ["--format", "onnx", "--what", "system", "--layout", "nchw", "--out", out];
      const told = await realign("export", run, "--runs", runs, ...words, "--json");
      const { compared } = JSON.parse(told.out);
      assert.ok(compared.differences.logits < 1e-4);
      const { adapter } = JSON.parse(
        (await realign("inspect", join(out, "model.onnx"), "--json")).out,
      );
      assert.equal(adapter.logits, "logits");
    });

    await t.step("another run's target may be a run's with a file", async () => {
      const other = await evaluate(
        "--preset",
        "cls-shapes",
        ...SMALL,
        "--target",
        run,
        "--runs",
        runs,
        "--attacks",
        "pgd",
      );
      assert.deepEqual(alone(other), alone(before));
      assert.deepEqual(other.target, before.target);
    });

    await t.step("a run's copy that was changed is refused", async () => {
      const [, at] = (await filesIn(own)).filter((name) => name.startsWith("models/"));
      const path = join(own, at);
      const bytes = await Deno.readFile(path);
      bytes[0] ^= 1;
      await Deno.writeFile(path, bytes);
      assert.match(
        await fail("evaluate", run, ...places),
        /^Cannot use .*small\.onnx as it is not the file that was chosen: its SHA-256 must be /,
      );
    });
  }));

Deno.test("a training for a model file is killed, and resumes by the run's copy", () =>
  withProgram(async ({ folder, runs, places, realign }) => {
    const file = await writeSmallModel(folder, "small.onnx");
    const whole = [...SMALL, "--target", file, "--steps", "20", "--train.checkpointEvery=1"];
    const child = startRealign(["train", "cls-shapes", ...whole, ...places]);
    const ended = child.output();
    const isBegun = async () =>
      (await filesIn(runs)).some((name) => /train-0000000[2-9]\.safetensors$/.test(name));
    for (let tries = 0; tries < 30_000 && !await isBegun(); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGKILL");
    assert.equal((await ended).signal, "SIGKILL", "it ended before it was killed");
    for (const name of ["small.onnx", "small.onnx.data"]) await Deno.remove(join(folder, name));
    await realign("train", "--resume", "latest", ...places);
    assert.ok((await filesIn(runs)).some((name) => name.endsWith("train-final.safetensors")));
  }));

Deno.test("a file, its weights and its adapter are parts of what results are kept by", () =>
  withProgram(async ({ folder, places, evaluate }) => {
    const file = await writeSmallModel(folder, "small.onnx");
    const measure = async (...words: string[]) => {
      const evaluation = await evaluate(
        ...["--preset", "cls-shapes", ...SMALL, "--target", file, "--attacks", "pgd", ...words],
      );
      return { evaluation, kept: (await filesIn(places.at(-1)!)).length };
    };
    const first = await measure();
    const again = await measure("--target.adapter.outputs.logits=scores");
    const bgr = await measure("--target.adapter.channels=bgr");
    const weights = join(folder, "w.safetensors");
    const tensors = [...smallWeights({ seed: 2 })].map(([name, { dims, data }]) =>
      [name, { shape: dims, data }] as const
    );
    await Deno.writeFile(weights, formatSafetensors(new Map(tensors), {}));
    const replaced = await measure("--target-weights", weights);
    await writeSmallModel(folder, "small.onnx", { activation: "Tanh" });
    const changed = await measure();
    await writeSmallModel(folder, "small.onnx", { seed: 2 });
    const other = await measure();
    const all = [first, bgr, replaced, changed, other];
    assert.equal(new Set(all.map(({ evaluation }) => evaluation.target.digest)).size, all.length);
    assert.deepEqual(again.evaluation.target, first.evaluation.target, "as it is found");
    const kept = [first, bgr, replaced, changed, other].map(({ kept }) => kept);
    assert.deepEqual(kept, kept.toSorted((a, b) => a - b));
    assert.equal(new Set(kept).size, kept.length, "each has images of its own");
    assert.deepEqual(figures(replaced.evaluation), figures(other.evaluation), "the same weights");
  }));

Deno.test("a model file is a substitute, another O', and one that G was not trained for", () =>
  withProgram(async ({ folder, runs, places, start, evaluate, fail }) => {
    const file = await writeSmallModel(folder, "small.onnx");
    const other = await writeSmallModel(folder, "other.onnx", { seed: 2 });
    const run = await start(
      ...["train", "cls-shapes", "--steps", "1", "--target-steps", "1", "--substitute", file],
    );
    await Deno.remove(file);
    const { substitutes, rows } = await evaluate(run, "--attacks", "pgd", "--replace");
    assert.equal(substitutes?.["small-onnx"].architecture, "small.onnx");
    assert.ok(rows.some(({ threatModel }) => threatModel === "transfer"));
    const adapter = join(folder, "bgr.json");
    await Deno.writeTextFile(adapter, JSON.stringify({ channels: "bgr" }));
    const attackedOn = async (...words: string[]) => {
      const found = await evaluate(run, "--attacks", "pgd", "--substitute", other, ...words);
      return { ...found.substitutes?.["other-onnx"], figures: figures(found) };
    };
    const plain = await attackedOn();
    const adapted = await attackedOn("--substitute-adapter", adapter);
    assert.notEqual(adapted.digest, plain.digest, "it is told its adapter");
    const set = "--evaluation.substitutes.other-onnx.adapter.channels=bgr";
    assert.deepEqual(await attackedOn(set), adapted, "the same as by a setting");
    const moved = await evaluate(run, "--target", other, "--attacks", "pgd", "--replace");
    assert.equal(moved.target.architecture, "other.onnx");
    assert.notEqual(moved.trainedFor?.architecture, "other.onnx");
    const kept = `evaluation-on-other.onnx-${moved.target.digest.slice(0, 8)}.json`;
    assert.ok((await filesIn(join(runs, run))).includes(kept));
    assert.match(
      await fail("train-target", run, "--target", other, ...places),
      /^Cannot set target/,
    );
  }));

Deno.test("the task's permissions suffice to inspect and evaluate a model file", () =>
  withProgram(async ({ folder, places }) => {
    const file = await writeSmallModel(folder, "small.onnx");
    const words = ["--target", file, ...SMALL, "--attacks", "none", "--json"];
    const { code, error } = await runRealign([
      "evaluate",
      "--preset",
      "cls-shapes",
      ...words,
      ...places,
    ]);
    assert.equal(code, 0, error);
  }));
