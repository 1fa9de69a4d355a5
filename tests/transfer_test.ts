/**
 * Attacks that transfer from a substitute, and a generator that transfers to another target: from the command
 * line, on runs of seconds.
 */
import { type Evaluation, formatSafetensors, parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, TINY } from "../cli/testing.ts";
import { filesIn, withFolder } from "./faults/small_run.ts";
import { hasStepped, signalAt, steps } from "./faults/signalled.ts";

const SMALL = [
  ...TINY,
  "--evaluation.batchSize=8",
  "--evaluation.threatModels.oblivious.attacks.deepfool.steps=1",
  "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=1",
];

/** A folder with what is needed to run commands in it. */
const withProgram = (
  use: (program: {
    readonly folder: string;
    readonly runs: string;
    readonly places: readonly string[];
    /** Runs a command that must succeed. */
    readonly realign: (...args: string[]) => Promise<{ out: string; error: string }>;
    /** The one line of a command that must fail. */
    readonly fail: (...args: string[]) => Promise<string>;
    /** Starts a run; gives its ID. */
    readonly start: (...args: string[]) => Promise<string>;
    readonly evaluate: (...args: string[]) => Promise<Evaluation>;
  }) => Promise<void>,
) =>
  withFolder(async (folder) => {
    const runs = join(folder, "runs");
    const places = ["--runs", runs, "--cache", join(folder, "cache")];
    const realign = async (...args: string[]) => {
      const { code, ...written } = await runHere(args);
      assert.equal(code, 0, `${args.join(" ")}\n${written.error}`);
      return written;
    };
    await use({
      folder,
      runs,
      places,
      realign,
      async fail(...args) {
        const { code, error } = await runHere(args);
        assert.notEqual(code, 0, args.join(" "));
        return /^error: (.*)\n$/m.exec(error)?.[1] ?? error;
      },
      async start(...args) {
        const { out } = await realign(...args, ...SMALL, ...places, "--json");
        return (JSON.parse(out) as { run: string }).run;
      },
      async evaluate(...args) {
        const { out } = await realign("evaluate", ...args, ...places, "--json");
        return JSON.parse(out) as Evaluation;
      },
    });
  });

/** Names of kept images of an evaluation, one folder for an attack on a model. */
const imagesIn = (folder: string) =>
  [...Deno.readDirSync(join(folder, "cache", "evaluated"))].map(({ name }) => name).sort();

const weightsOf = (runs: string, run: string, stage = "train-target") =>
  join(runs, run, "checkpoints", `${stage}-final.safetensors`);

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
        columns: Evaluation["rows"][];
      };
      const kept = columns.flat();
      const { rows } = await evaluate(run, slow);
      assert.deepEqual(rows.slice(0, kept.length), kept, "with the seconds that they took");
    }),
});

Deno.test("a generator is evaluated in front of another target, beside its own results", (t) =>
  withProgram(async ({ runs, places, realign, fail, start, evaluate }) => {
    const run = await start("train", "cls-shapes", "--steps", "1", "--target-steps", "3");
    const other = await start(
      ...["train-target", "cls-shapes", "--architecture", "resnet20", "--steps", "3"],
      ...["--mean", "0.5,0.5,0.5", "--std", "0.25,0.25,0.25", "--target.size=16x16"],
    );
    const own = await evaluate(run);
    const folder = join(runs, run);
    const text = () => Deno.readTextFile(join(folder, "evaluation.json"));
    const before = await text();
    const moved = await evaluate(run, "--target", other);
    const file = `evaluation-on-resnet20-${moved.target.digest.slice(0, 8)}.json`;

    await t.step("its record names both targets, and the run's results stay", async () => {
      assert.equal(moved.target.architecture, "resnet20");
      assert.deepEqual(moved.trainedFor, own.target);
      assert.equal(own.trainedFor, undefined);
      assert.equal(await text(), before);
      assert.deepEqual(JSON.parse(await Deno.readTextFile(join(folder, file))), moved);
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
        rows.filter(({ attack, system }) => system === "none" && ["clean", "pgd"].includes(attack))
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
