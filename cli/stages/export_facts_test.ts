import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { modelCard } from "../report/model_card.ts";
import { sampleEvaluation, withStore } from "../testing.ts";
import { exportFacts } from "./export_facts.ts";

const row = (
  threatModel: string,
  attack: string,
  system: string,
  value: number,
): EvaluationRow => ({
  ...{ threatModel, attack, system, settings: null, maxPerturbation: 0, seconds: 0 },
  metric: { name: "accuracy", value, count: 8 },
});

/** What a card needs besides facts. */
const model = {
  format: "ONNX",
  library: "onnx",
  files: ["model.onnx"],
  inputs: [{ name: "images", dtype: "float32", shape: [-1, 8, 8, 3] }],
  outputs: [{ name: "restored", dtype: "float32", shape: [-1, 8, 8, 3] }],
  checked: "its structure was checked",
};

const rows = [
  row("none", "clean", "none", 1),
  row("none", "clean", "generator", 0.75),
  row("whitebox", "pgd", "generator", 0.03),
  row("whitebox", "apgd", "generator", 0.5),
  { ...row("whitebox", "pgd", "generator", 0.01), curve: true as const },
];
const evaluation = { ...sampleEvaluation, rows, warnings: ["few images"] };

Deno.test("exportFacts tells figures of the part, and warns of an attacker who knows it", async () => {
  await withStore((store) => {
    const facts = exportFacts(store, evaluation, "defense", ["a", "b"]);
    assert.deepEqual(facts.figures.map(({ value, undefended }) => [value, undefended]), [
      [0.75, 1],
      [0.03, undefined],
      [0.5, undefined],
    ]);
    assert.deepEqual(facts.warnings, [
      "an attacker who knows the defense (whitebox) leaves 3.0 % accuracy by PGD: it does not protect against such an attacker",
      "few images",
    ]);
    const target = exportFacts(store, evaluation, "target", []);
    assert.deepEqual(target.figures.map(({ value }) => value), [1]);
    assert.deepEqual(target.warnings, ["few images"]);
    const held = { ...evaluation, rows: [row("whitebox", "pgd", "generator", 0.4)], warnings: [] };
    assert.deepEqual(exportFacts(store, held, "system", []).warnings, []);
    const [unmeasured] = exportFacts(store, undefined, "system", []).warnings;
    assert.match(unmeasured, /^nothing was measured against an attacker who knows/);
    return Promise.resolve();
  });
});

Deno.test("modelCard has Hugging Face's fields, the warnings, and every figure", async () => {
  await withStore((store) => {
    const card = modelCard(exportFacts(store, evaluation, "defense", []), model);
    const [, head] = card.split("---\n");
    for (const field of ["license: other", "library_name: onnx", "pipeline_tag: image-to-image"]) {
      assert.ok(head.split("\n").includes(field), field);
    }
    assert.match(card, /- An attacker who knows the defense \(whitebox\) leaves 3\.0 %/);
    assert.match(card, /\| in \| `images` \| float32 \| \[batch, 8, 8, 3\] \|/);
    assert.match(card, /\| nobody \| Clean \| accuracy \| 75\.0 \| 100\.0 \| 8 \|/);
    assert.match(card, /\| whitebox \| PGD \| accuracy \| 3\.0 \| {2}\| 8 \|/);
    return Promise.resolve();
  });
});

Deno.test("a card marks figures that an alarm concerns", async () => {
  await withStore((store) => {
    const many = (threatModel: string, value: number) => {
      const one = row(threatModel, "pgd", "generator", value);
      return { ...one, metric: { ...one.metric, count: 100 } };
    };
    const rows = [many("oblivious", 0.6), many("whitebox", 0.9)];
    const card = modelCard(exportFacts(store, { ...evaluation, rows }, "defense", []), model);
    assert.match(card, /\| whitebox \| PGD \| accuracy \| 90\.0! \|/);
    assert.match(card, /! an alarm was raised: oblivious-beats-whitebox/i);
    return Promise.resolve();
  });
});
