/**
 * What runs and the user's configuration say, changed at random, by seed: a report, or one line; and what
 * is kept only to be faster counts as absent.
 */
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { keepResult } from "../../bench/documents/keep_result.ts";
import { plain } from "../../datasets/testing.ts";
import { loadPlugin } from "../../cli/presets/load_plugin.ts";
import { assertTrusted, trustPlugin } from "../../cli/presets/plugin_trust.ts";
import { EvaluatedColumns } from "../../cli/runs/evaluated_columns.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { parseRunRecord } from "../../cli/runs/run_record.ts";
import { RunStore } from "../../cli/runs/run_store.ts";
import { saveSamples } from "../../cli/runs/sample_files.ts";
import { configFolder } from "../../cli/system/config_folder.ts";
import { runHere, sampleEvaluation, sampleRun, withStore } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { mutations } from "./counts.ts";
import { assertRefused, mutate, tryAll } from "./mutations.ts";
import { begin, filesIn } from "./small_run.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error("Cannot read it as JSON");
  }
};

const metric = {
  name: "mIoU",
  value: 0.5,
  count: 8,
  interval: [0.2, 0.8] as const,
  details: {
    perClass: [0.5, null, 0.25],
    confusion: [[3, 1, 0], [0, 2, 0], [1, 0, 1]],
    curves: {
      axes: ["recall", "precision"] as const,
      lines: [[[0, 1], [1, 0.5]] as const, null, [[0, 0.5]] as const],
    },
  },
};
const pgd = { name: "pgd", epsilon: 0.031, stepSize: 0.01, steps: 3 };
const attacked = { threatModel: "oblivious", attack: "PGD", settings: pgd, seconds: 1 };
const clean = { threatModel: "none", attack: "clean", settings: null, seconds: 1 };
const evaluation = {
  ...sampleEvaluation,
  dataset: { ...sampleEvaluation.dataset, classNames: ["a", "b", "c"] },
  rows: ["none", "generator"].flatMap((system) => [
    {
      ...clean,
      system,
      metric,
      maxPerturbation: 0,
      millisecondsPerImage: 2.5,
      reconstructionError: 0.1,
    },
    {
      ...attacked,
      substitute: "other",
      attackNotANumber: 1,
      system,
      metric,
      maxPerturbation: 0.03,
    },
    { ...attacked, system, metric, maxPerturbation: 0.031, outcomes: "01011010" },
    { ...attacked, attack: "worst case", system, metric, maxPerturbation: 0.031, notANumber: 1 },
  ]),
  published: { table: "Table 1", figures: { generator: { PGD: 51.5 } } },
  warnings: ["few examples"],
};

/** Writes a run's record anew without what differs from time to time: the same seed then makes the same changes. */
async function fixRecord(folder: string): Promise<void> {
  const path = join(folder, "run.json");
  const record = JSON.parse(await Deno.readTextFile(path));
  const fixed = { id: "sample-20260101-000000-bada", created: "2026-01-01T00:00:00.000Z" };
  const stages = { "train-target": { steps: 1 } };
  const text = JSON.stringify({ ...record, ...fixed, environment: { deno: "2" }, stages }, null, 2);
  await Deno.writeTextFile(path, text);
}

/** A run's folder with all that a report is made from. */
async function createFullRun(runs: string): Promise<string> {
  using store = await RunStore.create(runs, {
    ...sampleRun,
    digests: { test: "d" },
  }, () => {});
  await fixRecord(store.folder);
  await store.writeJson("evaluation.json", evaluation);
  const losses = { task: 1 };
  for (const step of [0, 1]) {
    const line = { stage: "train", step, epoch: 0, learningRate: 1, seconds: 1, losses } as const;
    await store.metrics.append(line);
  }
  const picture = plain(4, 6, [90, 60, 30]);
  const labelMap = { height: 4, width: 6, classes: new Uint8Array(24).fill(1) };
  const boxes = [{ box: [0, 0, 0.5, 1] as const, class: 1, score: 0.5 }];
  const overlay = { labelMap, boxes };
  await saveSamples(store, {
    attack: "PGD",
    restoredBy: "Generator G",
    legend: [{ name: "a", colour: [1, 2, 3] }, { name: "b", colour: [4, 5, 6] }],
    samples: [{
      id: "test/1",
      truth: "a",
      clean: picture,
      adversarial: picture,
      restored: picture,
      predictions: { clean: "a", adversarial: "b", restored: "a" },
      overlays: { truth: overlay, clean: overlay, adversarial: overlay, restored: overlay },
    }],
  }, encodePng);
  return store.folder;
}

Deno.test(`${mutations.records} mutated files of a run give a report, or one line and exit code 1`, () =>
  withFolder(async (runs) => {
    const folder = await createFullRun(runs);
    const report = ["report", folder, "--runs", runs];
    assert.equal((await runHere(report)).code, 0);
    const before = await filesIn(folder);
    const names = ["run.json", "evaluation.json", "metrics.jsonl", "pictures/samples.json"];
    const paths = [...names, "pictures/01-clean.png"].map((name) => join(folder, name));
    const originals = await Promise.all(paths.map((path) => Deno.readFile(path)));
    let refused = 0;
    for (let turn = 0; turn < mutations.records; turn++) {
      const which = turn % paths.length;
      await Deno.writeFile(paths[which], mutate(originals[which], "records", turn));
      await Deno.writeTextFile(join(folder, "report.html"), "before");
      const ended = await runHere(report);
      await Deno.writeFile(paths[which], originals[which]);
      const page = await Deno.readTextFile(join(folder, "report.html"));
      if (ended.code === 0) {
        assert.match(page, /<\/html>\s*$/);
        assert.doesNotMatch(page, />[^<]*\b(NaN|undefined|\[object Object\])/, `${turn}`);
        continue;
      }
      refused++;
      assertRefused(ended, `${paths[which]} ${turn}`);
      assert.equal(page, "before");
    }
    assert.ok(refused > mutations.records / 10);
    assert.deepEqual(await filesIn(folder), before, "half-written files");
  }));

Deno.test(`${mutations.openings} mutated records of a run are gone on from, or refused with one line`, () =>
  withFolder(async (runs) => {
    const places = ["--runs", runs, "--cache", join(runs, "cache")];
    const short = ["--steps", "1", "--target-steps", "1"];
    const trained = await runHere(["train", ...begin, ...short, ...places, "--json"]);
    assert.equal(trained.code, 0, trained.error);
    const { run } = JSON.parse(trained.out) as { run: string };
    await fixRecord(join(runs, run));
    const path = join(runs, run, "run.json");
    const original = await Deno.readFile(path);
    const commands = [
      ["evaluate", run, "--attacks", "none", "--examples", "2"],
      ["train", "--resume", run],
      ["attack", run],
    ];
    let refused = 0;
    for (let turn = 0; turn < mutations.openings; turn++) {
      const command = commands[turn % commands.length];
      await Deno.writeFile(path, mutate(original, "openings", turn));
      const ended = await runHere([...command, ...places]);
      await Deno.writeFile(path, original);
      if (ended.code === 0) continue;
      refused++;
      assertRefused(ended, `${command[0]} ${turn}`);
    }
    assert.ok(refused > mutations.openings / 10);
    assert.deepEqual((await filesIn(runs)).filter((name) => name.endsWith(".partial")), []);
  }));

Deno.test(`${mutations.columns} mutated files of measured columns are taken whole or not at all`, () =>
  withStore(async (store) => {
    const columns = await EvaluatedColumns.open(store, "facts");
    for (const [index, row] of evaluation.rows.entries()) await columns.add(index, [row]);
    const path = join(store.folder, "evaluation-columns.json");
    const whole = await Deno.readFile(path);
    for (let turn = 0; turn < mutations.columns; turn++) {
      await Deno.writeFile(path, mutate(whole, "columns", turn));
      const opened = await EvaluatedColumns.open(store, "facts");
      for (const [index] of evaluation.rows.entries()) {
        const rows = opened.at(index);
        if (rows) parseEvaluation({ ...evaluation, rows }, `columns ${turn}`);
      }
    }
  }));

const fixture = JSON.parse(
  await Deno.readTextFile(
    new URL("../../cli/runs/fixtures/version_1.json", import.meta.url),
  ),
);

Deno.test(`${mutations.oldRecords} mutated files of runs of version 1 are upgraded or refused`, () =>
  tryAll(
    mutations.oldRecords,
    "old records",
    [encode(fixture.run), encode(fixture.evaluation)],
    async (changed, which) => {
      const value = await Promise.resolve(changed).then(parse);
      if (which === 0) parseRunRecord(value, "run.json");
      else parseEvaluation(value, "evaluation.json", fixture.run);
      // Each is also what the other is read beside.
      parseEvaluation(fixture.evaluation, "evaluation.json", value);
    },
  ));

Deno.test(`${mutations.keptResults} mutated results are kept whole or not at all`, () =>
  withFolder(async (folder) => {
    const runs = join(folder, "runs");
    const run = await createFullRun(runs);
    const target = join(folder, "results");
    await Deno.mkdir(target);
    const paths = ["run.json", "evaluation.json"].map((name) => join(run, name));
    const originals = await Promise.all(paths.map((path) => Deno.readFile(path)));
    await tryAll(mutations.keptResults, "kept", originals, async (changed, which) => {
      for (const name of await filesIn(target)) await Deno.remove(join(target, name));
      await Deno.writeFile(paths[which], changed);
      try {
        await keepResult(run, "mine", target);
      } catch (error) {
        assert.deepEqual(await filesIn(target), []);
        throw error;
      } finally {
        await Deno.writeFile(paths[which], originals[which]);
      }
      assert.deepEqual(await filesIn(target), ["mine.json", "mine.run.json"]);
      for (const name of await filesIn(target)) {
        JSON.parse(await Deno.readTextFile(join(target, name)));
      }
    });
  }));

Deno.test(`${mutations.trust} mutated records of trusted plugins trust nothing else`, () =>
  withFolder(async (folder) => {
    await trustPlugin(await loadPlugin(begin[2]), assert.fail);
    const path = join(configFolder()!, "trusted-plugins.json");
    const whole = await Deno.readFile(path);
    const mine = pathToFileURL(begin[2]).href;
    const other = join(folder, "other.ts");
    await Deno.writeTextFile(other, "export default {};");
    await assertTrusted(mine, "a run");
    try {
      await tryAll(mutations.trust, "trust", [whole], async (changed) => {
        await Deno.writeFile(path, changed);
        const foreign = await assertTrusted(pathToFileURL(other).href, "a run").catch(() => "no");
        assert.equal(foreign, "no");
        await assertTrusted(mine, "a run");
      });
    } finally {
      await Deno.writeFile(path, whole);
    }
  }));
