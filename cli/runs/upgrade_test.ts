import { publishedFigure } from "@realign/core";
import assert from "node:assert/strict";
import { assertAttacks } from "../presets/attack_options.ts";
import { renderReport } from "../report/html.ts";
import { parseEvaluation } from "./evaluation_file.ts";
import { parseRunRecord } from "./run_record.ts";
import { renameAttack, renamedColumn, upgradeEvaluation, upgradeRunRecord } from "./upgrade.ts";

/** What a run of version 1 left, cut short: `run.json` and `evaluation.json`. */
const old: Readonly<Record<"run" | "evaluation", Readonly<Record<string, unknown>>>> = JSON.parse(
  await Deno.readTextFile(new URL("fixtures/version_1.json", import.meta.url)),
);

Deno.test("parseRunRecord() reads a run of version 1 as one of systems and threat models", () => {
  const { version, preset, id } = parseRunRecord(old.run, "run.json");
  assert.deepEqual([version, id], [2, old.run.id]);
  const { systems, threatModels, ...rest } = preset.evaluation;
  assert.deepEqual(rest, { batchSize: 100, examples: 50 });
  assert.deepEqual(systems, {
    identity: { defenses: [{ name: "identity" }] },
    jpeg: { defenses: [{ name: "jpeg", quality: 60 }] },
    generator: { defenses: [{ name: "generator" }] },
    "generator+jpeg": { defenses: [{ name: "generator" }, { name: "jpeg", quality: 60 }] },
  });
  assert.deepEqual(Object.keys(threatModels.oblivious.attacks), ["pgd", "deepfool", "pgd-cw"]);
  assert.deepEqual(Object.keys(threatModels.whitebox.attacks), ["pgd-20"]);
  assert.deepEqual(threatModels.whitebox.systems, ["generator"]);
  assert.equal(threatModels.oblivious.attacks["pgd-cw"].objective, "cw-margin");
  assert.equal(preset.attack.randomStart, "trades");
  assertAttacks(preset, undefined, "run.json");
});

Deno.test("parseRunRecord() reads a stopped gradient that is true or false, of either version", () => {
  const { preset } = parseRunRecord(old.run, "run.json");
  assert.equal(preset.losses.stopGradient, "all");
  for (const [written, stopGradient] of [[true, "all"], [false, "none"]] as const) {
    const losses = { ...preset.losses, stopGradient: written };
    const record = { ...old.run, version: 2, preset: { ...preset, losses } };
    assert.equal(parseRunRecord(record, "run.json").preset.losses.stopGradient, stopGradient);
  }
});

Deno.test("parseEvaluation() reads figures of version 1, the paper's apart, and a report shows them", () => {
  const evaluation = parseEvaluation(old.evaluation, "evaluation.json", old.run);
  assert.equal(evaluation.version, 2);
  assert.deepEqual(evaluation.systems.map(({ name, title, role }) => [name, title, role]), [
    ["none", "None (O alone)", "undefended"],
    ["generator", "Generator G", "subject"],
    ["generator+jpeg", "Generator G, then JPEG", "other"],
  ]);
  assert.deepEqual(evaluation.systems[2].defenses[1], { name: "jpeg", quality: 60 });
  const before = old.evaluation.rows as Record<string, unknown>[];
  assert.deepEqual(
    evaluation.rows.map(({ threatModel, system, metric }) => [threatModel, system, metric]),
    before.map(({ threatModel, defense, metric }) => [threatModel, defense, metric]),
  );
  assert.ok(evaluation.rows.some(({ attack }) => attack === "pgd-cw"));
  assert.equal(evaluation.published?.table, "Tables 1 and 5, CIFAR10");
  assert.deepEqual(
    evaluation.rows.map((row) => publishedFigure(evaluation, row)).filter(Boolean),
    [95.1, 90.6],
  );
  const page = renderReport({
    record: parseRunRecord(old.run, "run.json"),
    evaluation,
    samples: undefined,
    generatorCharts: [],
    targetCharts: [],
  });
  assert.match(page, /<th scope="col">PGD-CW<\/th>/);
  assert.match(page, /<th scope="row">Generator G, then JPEG<\/th>/);
  assert.match(page, /paper 90\.6/);
});

Deno.test("upgrades leave what is of version 2 alone, and what is no version at all to the checks", () => {
  const record = upgradeRunRecord(old.run);
  assert.equal(upgradeRunRecord(record), record);
  const evaluation = upgradeEvaluation(old.evaluation);
  assert.equal(upgradeEvaluation(evaluation), evaluation);
  for (const value of [undefined, null, "1", 1, [], { version: 3 }, { version: 1 }]) {
    assert.equal(upgradeEvaluation(value), value);
    assert.throws(() => parseRunRecord(value, "run.json"), /Cannot use run.json as/);
    assert.throws(() => parseEvaluation(value, "x.json"), /Cannot use x.json as/);
  }
});

Deno.test("upgradeEvaluation() knows where the paper's figures stand only by the run", () => {
  const { published } = parseEvaluation(old.evaluation, "evaluation.json");
  assert.equal(published?.table, "the paper");
});

Deno.test("renameAttack() gives attacks, objectives and members their new names, in their order", () => {
  const settings = {
    name: "mixture",
    epsilon: 0.1,
    members: [
      { name: "carlini-wagner", steps: 3 },
      { steps: 2, objective: "carlini-wagner", name: "pgd" },
      { name: "carlini-wagner-l2" },
    ],
  };
  assert.equal(
    JSON.stringify(renameAttack(settings)),
    JSON.stringify({
      name: "mixture",
      epsilon: 0.1,
      members: [
        { name: "pgd-cw", steps: 3 },
        { steps: 2, objective: "cw-margin", name: "pgd" },
        { name: "carlini-wagner" },
      ],
    }),
  );
  assert.equal(renameAttack(null), null);
});

Deno.test("columns are renamed but where their attack has the name now", () => {
  assert.deepEqual(["carlini-wagner", "pgd"].map(renamedColumn), ["pgd-cw", "pgd"]);
  const [row] = old.evaluation.rows as Record<string, unknown>[];
  const settings = { name: "carlini-wagner-l2", epsilon: 0.1 };
  const rows = [{ ...row, attack: "carlini-wagner", settings }];
  const upgraded = upgradeEvaluation({ ...old.evaluation, rows }) as {
    rows: Record<string, unknown>[];
  };
  assert.equal(upgraded.rows[0].attack, "carlini-wagner");
  assert.deepEqual(upgraded.rows[0].settings, { name: "carlini-wagner", epsilon: 0.1 });
});

Deno.test("parseRunRecord() reads whom G was trained against, once train.attacker", () => {
  const trainOf = (attacker: string) => {
    const { preset } = parseRunRecord(old.run, "run.json");
    const train = { ...preset.train, attackCache: 0, attacker };
    const record = { ...old.run, version: 2, preset: { ...preset, train } };
    return parseRunRecord(record, "run.json").preset.train;
  };
  const { adversary, start } = trainOf("whitebox");
  assert.deepEqual([adversary, start], ["system", { epochs: 0 }]);
  assert.deepEqual([trainOf("oblivious").adversary, trainOf("oblivious").start], [
    "target",
    undefined,
  ]);
});
