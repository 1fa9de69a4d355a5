import assert from "node:assert/strict";
import { sampleEvaluation } from "../../cli/testing.ts";
import { groupOf } from "../speed/result.ts";
import { readCommitted } from "./readme.ts";
import { resultsSummary, speedSummary } from "./summary.ts";

Deno.test("resultsSummary() shows one line per task, whitebox last", async () => {
  const { evaluations } = await readCommitted();
  const rows = resultsSummary(evaluations).split("\n").slice(2);
  assert.deepEqual(
    rows.map((row) => row.split(" ")[1]),
    ["classification,", "segmentation,", "detection,"],
  );
  for (const row of rows) assert.match(row, /\| [\d.]+ \| \*\*[\d.]+\*\* \|$/);
  assert.equal(resultsSummary([{ file: "other.json", evaluation: sampleEvaluation }]), "");
});

Deno.test("resultsSummary() takes the strongest attack of each threat model, and no worst case", () => {
  const [row] = sampleEvaluation.rows;
  const figures = [
    ["none", "clean", "none", 0.9],
    ["none", "clean", "generator", 0.8],
    ["oblivious", "pgd", "none", 0.1],
    ["oblivious", "pgd", "generator", 0.7],
    ["oblivious", "deepfool", "generator", 0.6],
    ["oblivious", "worst case", "generator", 0.5],
    ["whitebox", "pgd", "generator", 0.2],
  ] as const;
  const rows = figures.map(([threatModel, attack, system, value]) => ({
    ...row,
    threatModel,
    attack,
    system,
    metric: { name: "accuracy", value, count: 8 },
  }));
  const evaluation = { ...sampleEvaluation, rows };
  const text = resultsSummary([{ file: "bench/results/cifar10-small.json", evaluation }]);
  assert.match(text, /\| 90\.0 \| 10\.0 \| 80\.0 \| 60\.0 \| \*\*20\.0\*\* \|$/);
});

Deno.test("speedSummary() compares with the fastest variant of PyTorch", () => {
  const group = groupOf("step", { realign: [100], "torch eager": [150], "torch compile": [120] });
  const bench = {
    version: 1,
    kind: "bench",
    name: "step",
    title: "",
    quick: false,
    threads: 2,
    date: "",
    groups: [group],
    failed: {},
    settings: {},
    versions: {},
    machine: {},
  } as const;
  assert.match(speedSummary([bench]), /\| 100 ms \| 120 ms \(torch compile\) \| 1\.20 \|$/);
  assert.equal(speedSummary([]), "");
});
