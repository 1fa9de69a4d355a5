import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../testing.ts";
import { comparedRows, sameAttack, strongestRow, subjectsOf } from "./compared_rows.ts";

const row = (
  threatModel: string,
  attack: string,
  system: string,
  value: number,
): EvaluationRow => ({
  threatModel,
  attack,
  system,
  settings: null,
  metric: { name: "mAP", value, count: 8 },
  maxPerturbation: 0,
  seconds: 1,
});
const rows = [
  row("none", "clean", "none", 0.8),
  row("none", "clean", "generator", 0.7),
  row("oblivious", "cls-fgsm", "none", 0.5),
  row("oblivious", "cls-fgsm", "generator", 0.05),
  row("oblivious", "mtd", "none", 0.1),
  row("oblivious", "mtd", "generator", 0.6),
  row("oblivious", "loc", "none", 0.1),
  row("oblivious", "worst case", "none", 0.01),
  row("whitebox", "mtd", "generator", 0.02),
];

Deno.test("strongestRow leaves the least of O alone, whatever it leaves behind a defense", () => {
  assert.equal(strongestRow(rows)?.attack, "mtd");
  assert.equal(strongestRow(rows.slice(0, 4))?.attack, "cls-fgsm");
  assert.equal(strongestRow(rows.slice(0, 2))?.attack, undefined);
});

Deno.test("comparedRows sets clean beside the strongest attack, and whitebox attacks last", () => {
  const compared = comparedRows({ ...sampleEvaluation, rows });
  assert.deepEqual(compared.map(({ label, row }) => [label, row.metric.value]), [
    ["O alone: Clean", 0.8],
    ["Behind Generator G: Clean", 0.7],
    ["O alone: MTD, oblivious", 0.1],
    ["Behind Generator G: MTD, oblivious", 0.6],
    ["Behind Generator G: MTD, whitebox", 0.02],
  ]);
});

Deno.test("comparedRows shows controls under attack, and whatever a run is about", () => {
  const systems = [
    ...sampleEvaluation.systems,
    { name: "same", title: "Same", role: "control", defenses: [] },
    { name: "mine", title: "Mine", role: "subject", defenses: [] },
  ] as const;
  const more = ["same", "mine"].map((name) => row("oblivious", "mtd", name, 0.3));
  const compared = comparedRows({ ...sampleEvaluation, systems, rows: [...rows, ...more] });
  assert.deepEqual(compared.map(({ label }) => label), [
    "O alone: Clean",
    "Behind Generator G: Clean",
    "O alone: MTD, oblivious",
    "Behind Same: MTD, oblivious",
    "Behind Generator G: MTD, oblivious",
    "Behind Mine: MTD, oblivious",
    "Behind Generator G: MTD, whitebox",
  ]);
});

Deno.test("subjectsOf takes what was trained, else the first that has a defense", () => {
  const [none, generator] = sampleEvaluation.systems;
  const [jpeg, other] = ["jpeg", "other"].map((name) => ({ ...generator, name, role: "other" }));
  const names = (...systems: unknown[]) => subjectsOf({ systems } as never).map(({ name }) => name);
  assert.deepEqual(names(none, jpeg, generator), ["generator"]);
  assert.deepEqual(names(none, jpeg, other), ["jpeg"]);
  assert.deepEqual(names(none), []);
});

Deno.test("sameAttack finds the same images: an attack from another substitute is another attack", () => {
  const from = (substitute: string, system: string, value: number) => ({
    ...row("transfer", "pgd", system, value),
    substitute,
  });
  const all = [
    ...rows,
    from("a", "none", 0.3),
    from("b", "none", 0.4),
    from("b", "generator", 0.5),
  ];
  assert.equal(sameAttack(all, from("b", "generator", 0), "none")?.metric.value, 0.4);
  assert.equal(sameAttack(all, from("a", "none", 0), "generator"), undefined);
  const last = comparedRows({ ...sampleEvaluation, rows: all }).map(({ label }) => label).slice(-2);
  assert.deepEqual(last, [
    "Behind Generator G: MTD, whitebox",
    "Behind Generator G: PGD, transfer from b",
  ]);
});
