/**
 * A generator that transfers to another target, from the command line.
 */
import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { filesIn } from "./faults/small_run.ts";
import { SMALL, weightsOf, withProgram } from "./transfer_program.ts";

Deno.test("a generator is evaluated in front of another target, beside its own results", (t) =>
  withProgram(async ({ runs, places, realign, fail, start, evaluate }) => {
    const run = await start(
      ...["train", "cls-shapes", "--steps", "1", "--target-steps", "3"],
      ...["--substitute-architecture", "resnet20"],
    );
    const other = await start(
      ...["train-target", "cls-shapes", "--architecture", "resnet20", "--steps", "3"],
      ...["--mean", "0.5,0.5,0.5", "--std", "0.25,0.25,0.25", "--target.size=16x16"],
    );
    const own = await evaluate(run);
    const folder = join(runs, run);
    const text = () => Deno.readTextFile(join(folder, "evaluation.json"));
    const before = await text();
    const first = await evaluate(run, "--target", other);
    const file = `evaluation-on-resnet20-${first.target.digest.slice(0, 8)}.json`;
    await Deno.writeTextFile(join(folder, file), "{}");
    const moved = await evaluate(run, "--target", other);

    await t.step("its record names both targets, and the run's results stay", async () => {
      assert.equal(moved.target.architecture, "resnet20");
      assert.deepEqual(moved.trainedFor, own.target);
      assert.equal(own.trainedFor, undefined);
      assert.equal(await text(), before);
      const kept = JSON.parse(await Deno.readTextFile(join(folder, file)));
      assert.deepEqual(kept, moved, "with the run's settings it may be saved again");
      assert.deepEqual(moved.substitutes, own.substitutes, "what is attacked is no other network");
      assert.ok(!(await filesIn(folder)).includes("evaluation-columns.json"));
      const cells = (rows: Evaluation["rows"]) =>
        rows.map(({ threatModel, attack, system }) => [threatModel, attack, system]);
      assert.deepEqual(cells(moved.rows), cells(own.rows), "whitebox and oblivious attacks on it");
    });

    await t.step("O alone is the other target with its own size and normalization", async () => {
      const weights = weightsOf(runs, other);
      const alone = ["--preset", "cls-shapes", "--architecture", "resnet20", ...SMALL];
      const norm = ["--mean", "0.5,0.5,0.5", "--std", "0.25,0.25,0.25"];
      const measured = [...alone, "--target-weights", weights, ...norm, "--target.size=16x16"];
      const { target, rows } = await evaluate(...measured, "--attacks", "pgd");
      assert.deepEqual(target, moved.target);
      const outcomes = ({ rows }: Pick<Evaluation, "rows">) =>
        rows
          .filter(({ attack, system, threatModel }) =>
            system === "none" && ["clean", "pgd"].includes(attack) && threatModel !== "transfer"
          )
          .map(({ outcomes, maxPerturbation }) => [outcomes, maxPerturbation]);
      assert.deepEqual(outcomes({ rows }), outcomes(moved));
      const told = ["--target", weights, ...norm, "--target.size=16x16", "--attacks", "pgd"];
      const byFile = await evaluate(run, ...told);
      assert.deepEqual(byFile.target, moved.target);
      assert.deepEqual(outcomes(byFile), outcomes(moved));
      assert.deepEqual(JSON.parse(await Deno.readTextFile(join(folder, file))), moved);
    });

    await t.step("a report shows it beside the run's own results", async () => {
      await realign("report", run, "--runs", runs);
      const page = await Deno.readTextFile(join(folder, "report.html"));
      assert.match(page, /<h2>In front of another target: resnet20<\/h2>/);
      assert.match(page, /trained for wrn-10-1/);
      assert.equal(page.match(/<h2>Oblivious attacker<\/h2>/g)?.length, 2);
    });

    await t.step("--out writes it elsewhere, and odd targets are told of", async () => {
      const out = join(runs, "..", "elsewhere");
      await evaluate(run, "--target", other, "--attacks", "none", "--out", out);
      assert.deepEqual(await filesIn(out), [file]);
      const same = await evaluate(run, "--target", run, "--attacks", "none");
      assert.match(same.warnings.join(), /the one that G was trained for: nothing is transferred/);
      assert.match(
        await fail("evaluate", run, ...places, "--target", other, "--architecture", "resnet20"),
        /^Cannot use --architecture with a run as .* says its own$/,
      );
      const { out: table } = await realign(
        ...["evaluate", run, ...places, "--target", other, "--attacks", "none"],
      );
      assert.match(table, /^O is resnet20; G was trained for another, wrn-10-1$/m);
    });
  }));
