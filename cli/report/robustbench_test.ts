import type { Evaluation, EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { modelInfoOf } from "./robustbench.ts";
import { assertEntry } from "../commands/robustbench.ts";
import { samplePreset } from "../testing.ts";
import { evaluation } from "./testing.ts";

const [, , , , known] = evaluation.rows;
const auto: EvaluationRow = {
  ...known,
  attack: "autoattack",
  settings: { name: "autoattack", epsilon: 8 / 255, version: "standard", norm: "linf" },
  metric: { ...known.metric, value: 0.3456 },
};
const whole: Evaluation = {
  ...evaluation,
  dataset: { ...evaluation.dataset, name: "cifar10", split: "test", count: 10_000 },
  rows: [...evaluation.rows, auto],
};
const withRow = (more: Partial<EvaluationRow>) => ({
  ...whole,
  rows: [...evaluation.rows, { ...auto, ...more }],
});

Deno.test("modelInfoOf() fills in what an evaluation knows, numbers as text", () => {
  const info = modelInfoOf(whole);
  assert.deepEqual(
    [info.dataset, info.eps, info.clean_acc, info.autoattack_acc, info.number_forward_passes],
    ["cifar10", "8/255", "91.11", "34.56", 1],
  );
  assert.equal(info.architecture, "Generator G + resnet20");
  assert.match(info.footnote, /frozen/);
  const worst = [{ ...auto, metric: { ...auto.metric, value: 0.3 } }];
  assert.equal(modelInfoOf({ ...whole, worst }).reported, "30.00");
});

Deno.test("modelInfoOf() refuses what the list would not take, and says why", () => {
  const { dataset } = whole;
  const cases: [Evaluation, RegExp][] = [
    [{ ...whole, dataset: { ...dataset, name: "shapes" } }, /lists are of cifar10 and cifar100: /],
    [
      { ...whole, dataset: { ...dataset, count: 1000 } },
      /all 10000 test images: 1000 of the test split are measured/,
    ],
    [{ ...whole, rows: evaluation.rows }, /AutoAttack, version standard.*--suite standard$/],
    [withRow({ settings: { ...auto.settings!, version: "rand" } }), /version standard/],
    [withRow({ threatModel: "oblivious" }), /version standard/],
    [
      withRow({ settings: { ...auto.settings!, epsilon: 0.031 } }),
      /8\/255 exactly: this is 0\.031/,
    ],
    [withRow({ measured: 100 }), /version standard/],
    [withRow({ passes: 10 }), /deterministic defenses with an exact gradient: Generator G/],
    [withRow({ gradient: "bpda-identity" }), /deterministic defenses with an exact gradient/],
  ];
  for (const [evaluation, message] of cases) {
    assert.throws(() => modelInfoOf(evaluation), message);
  }
});

Deno.test("evaluate --robustbench fails before the first attack where the list would not take it", () => {
  const preset = (more: object) => ({
    ...samplePreset,
    dataset: { ...samplePreset.dataset, name: "cifar10" },
    evaluation: { ...samplePreset.evaluation, examples: 0, ...more },
  });
  const autoattack = { name: "autoattack", epsilon: 8 / 255 };
  const threatModels = { whitebox: { attacks: { autoattack } } };
  assertEntry(preset({ threatModels }), "test");
  assert.throws(() => assertEntry(preset({ threatModels }), "train"), /of the train split/);
  assert.throws(() => assertEntry(preset({}), "test"), /use --suite standard/);
  assert.throws(() => assertEntry(samplePreset, "test"), /lists are of cifar10/);
});
