/**
 * Attacks that transfer from a substitute, from the command line.
 */
import { type Evaluation, formatSafetensors, parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { TINY } from "../cli/testing.ts";
import { steps } from "./faults/signalled.ts";
import { SMALL, weightsOf, withProgram } from "./transfer_program.ts";

/** Names of kept images of an evaluation, one folder for an attack on a model. */
const imagesIn = (folder: string) =>
  [...Deno.readDirSync(join(folder, "cache", "evaluated"))].map(({ name }) => name).sort();

Deno.test("a substitute is trained once, kept by the run, and attacked in place of O", (t) =>
  withProgram(async ({ folder, runs, places, realign, fail, start, evaluate }) => {
    const substitute = ["--substitute-architecture", "resnet20"];
    const run = await start(
      ...["train", "cls-shapes", ...substitute, "--steps", "1", "--target-steps", "3"],
      "--evaluation.substitutes.resnet20.train.batchSize=4",
    );
    const stage = "train-substitute-resnet20";
    const final = weightsOf(runs, run, stage);
    const trained = await Deno.readFile(final);
    assert.equal(await steps(runs, stage), 3);

    await t.step("training goes on to the same weights, and is not repeated", async () => {
      const { mtime } = await Deno.stat(final);
      await realign("train", "--resume", run, ...places);
      assert.deepEqual((await Deno.stat(final)).mtime, mtime);
      await Deno.remove(final);
      const message = await fail("evaluate", run, ...places);
      assert.match(message, /has not been trained: run realign train --resume .*resnet20\)$/);
      await realign("train", "--resume", run, ...places);
      assert.deepEqual(await Deno.readFile(final), trained);
      assert.equal(await steps(runs, stage), 3);
    });

    const evaluation = await evaluate(run);
    const rowsBy = (threatModel: string, { rows } = evaluation) =>
      rows.filter((row) => row.threatModel === threatModel);
    await t.step("every system is measured on the same images of the substitute", () => {
      const transfer = rowsBy("transfer");
      const attacks = [...new Set(transfer.map(({ attack }) => attack))];
      assert.deepEqual(attacks, ["pgd", "deepfool", "pgd-cw", "worst case"]);
      const systems = evaluation.systems.map(({ name }) => name);
      for (const attack of attacks) {
        const own = transfer.filter((row) => row.attack === attack);
        assert.deepEqual(own.map(({ system }) => system), systems);
        assert.equal(new Set(own.map(({ maxPerturbation }) => maxPerturbation)).size, 1);
        assert.ok(own.every((row) => row.substitute === "resnet20"));
      }
      const settings = (rows: Evaluation["rows"]) =>
        rows.filter(({ system }) => system === "none").map(({ settings }) => settings);
      assert.deepEqual(settings(transfer), settings(rowsBy("oblivious")));
      const { resnet20, ...others } = evaluation.substitutes!;
      assert.deepEqual([resnet20.architecture, others], ["resnet20", {}]);
      assert.notEqual(resnet20.digest, evaluation.target.digest);
      assert.equal(imagesIn(folder).length, 6, "three attacks on O, three on the substitute");
    });

    await t.step("a report has a table for it, and says from what", async () => {
      await realign("report", run, "--runs", runs);
      const page = await Deno.readTextFile(join(runs, run, "report.html"));
      assert.match(page, /<h2>Transfer attacker, from resnet20<\/h2>/);
      assert.match(page, /data-label="Threat model"[^>]*>transfer from resnet20<\/td>/);
      assert.match(
        page,
        /a transfer attacker \([^)]*, transfer from resnet20\) leaves [\d.]+\u00a0%/,
      );
    });

    await t.step(
      "images are keyed by the substitute: the same are found, others made",
      async () => {
        const before = imagesIn(folder);
        const alone = ["--preset", "cls-shapes", "--architecture", "resnet20", ...SMALL];
        await evaluate(...alone, "--target-weights", final, "--attacks", "pgd");
        assert.deepEqual(imagesIn(folder), before, "made already, on the substitute");
        const other = await start("train-target", "cls-shapes", "--steps", "3", "--seed", "2");
        const named = ["--attacks", "pgd", "--substitute", other];
        const otherwise = await evaluate(run, ...named);
        assert.equal(imagesIn(folder).length, before.length + 1);
        assert.deepEqual(Object.keys(otherwise.substitutes!), ["wrn-10-1"]);
        const file = await evaluate(
          run,
          "--attacks",
          "pgd",
          "--substitute",
          weightsOf(runs, other),
        );
        assert.equal(imagesIn(folder).length, before.length + 1, "the run's O is the file's");
        assert.deepEqual(file.substitutes, otherwise.substitutes);
        assert.equal(rowsBy("whitebox", otherwise).length, 0);
      },
    );

    await t.step("a substitute that is O itself is warned of, and does what it says", async () => {
      const own = await evaluate(run, "--attacks", "pgd", "--substitute", run);
      assert.match(own.warnings.join(), /the substitute wrn-10-1 has O's own weights/);
      assert.doesNotMatch(evaluation.warnings.join(), /own weights/);
      const figures = (threatModel: string) =>
        rowsBy(threatModel, own).map(({ system, attack, outcomes, maxPerturbation }) => [
          system,
          attack,
          outcomes,
          maxPerturbation,
        ]);
      assert.deepEqual(figures("transfer"), figures("oblivious"));
    });

    await t.step("what cannot be a substitute is refused in one line", async () => {
      const told = (...named: string[]) =>
        fail("evaluate", run, ...places, "--attacks", "pgd", "--substitute", ...named);
      assert.match(
        await told("no.safetensors"),
        /^Cannot read the substitute's weights no\.safetensors: it does not exist/,
      );
      assert.match(await told("nobody"), /^Cannot find the run "nobody".*; or name a safetensors/);
      assert.match(
        await told(run, "--substitute-architecture", "resnet20"),
        /^Cannot use --substitute-architecture with a run as .* says its own$/,
      );
      const begin = ["train", "cls-shapes", ...SMALL, ...places, ...substitute];
      assert.match(
        await fail(...begin, "--evaluation.substitutes.resnet20.train.augmentation=flop"),
        /the augmentation "flop".*did you mean "flip".*: see evaluation\.substitutes\.resnet20$/,
      );
      const { tensors, metadata } = parseSafetensors(trained, final);
      const write = async (name: string, changed: typeof tensors, said = metadata) => {
        const path = join(folder, `${name}.safetensors`);
        await Deno.writeFile(path, formatSafetensors(changed, said));
        return path;
      };
      const nameless = await write("nameless", tensors, {});
      assert.match(
        await told(nameless),
        /does not say its architecture: set it with --substitute-architecture NAME$/,
      );
      assert.match(
        await told(nameless, "--substitute-architecture", "resnet21"),
        /^Cannot build the classifier .*"resnet21": see evaluation\.substitutes\.resnet21$/,
      );
      const [name, weight] = [...tensors].find(([name]) => name === "linear.bias")!;
      const nan = await write(
        "nan",
        new Map([...tensors, [name, { ...weight, data: weight.data.map(() => NaN) }]]),
      );
      assert.match(await told(nan), /linear\.bias.* \(the substitute resnet20\)$/);
      const few = { shape: [2], data: weight.data.slice(0, 2) };
      const classes = await write("classes", new Map([...tensors, [name, few]]));
      assert.match(await told(classes), /linear\.bias.*shape.* \(the substitute resnet20\)$/);
      const begun = ["train-target", "seg-shapes", "--steps", "1", ...TINY, ...places, "--json"];
      const segments = JSON.parse((await realign(...begun)).out) as { run: string };
      assert.match(
        await told(segments.run),
        /as the substitute as its task must be classification: it is segmentation$/,
      );
    });
  }));
