import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../../cli/testing.ts";
import { groupOf } from "../speed/result.ts";
import { readCommitted } from "./readme.ts";
import { resultsSummary, speedSummary } from "./summary.ts";

Deno.test("resultsSummary() shows each task, and a G trained against who knows it last", async () => {
  const { evaluations } = await readCommitted();
  const rows = resultsSummary(evaluations).split("\n").slice(2).filter((row) =>
    row.startsWith("|")
  );
  assert.deepEqual(
    rows.map((row) => row.split(" ")[1]),
    ["classification,", "segmentation,", "detection,", "classification,", "classification,"],
  );
  for (const row of rows) {
    assert.match(row, /\| [\d.]+ \([^|]+\) \| \*\*[\d.]+!? \([^|]+\)\*\* \|$/);
  }
  assert.equal(resultsSummary([{ file: "other.json", evaluation: sampleEvaluation }]), "");
});

/** A summary's only line of figures. */
function lineOf(
  figures:
    readonly (readonly [threatModel: string, attack: string, system: string, value: number])[],
  more: Partial<EvaluationRow> = {},
): { line: string; text: string } {
  const rows = figures.map(([threatModel, attack, system, value]): EvaluationRow => ({
    threatModel,
    attack,
    system,
    settings: null,
    metric: { name: "accuracy", value, count: 8 },
    maxPerturbation: 0,
    seconds: 1,
    ...more,
  }));
  const evaluation = { ...sampleEvaluation, rows };
  const text = resultsSummary([{ file: "bench/results/cifar10-small.json", evaluation }]);
  return { line: text.split("\n")[2], text };
}

const figures = [
  ["none", "clean", "none", 0.9],
  ["none", "clean", "generator", 0.8],
  ["oblivious", "fgsm", "none", 0.7],
  ["oblivious", "fgsm", "generator", 0.5],
  ["oblivious", "pgd", "none", 0.1],
  ["oblivious", "pgd", "generator", 0.6],
  ["oblivious", "worst case", "generator", 0.4],
  ["whitebox", "pgd", "generator", 0.2],
  ["whitebox", "bim", "generator", 0.3],
] as const;

Deno.test("resultsSummary() compares O and G under the same attack, and names every attack", () => {
  assert.equal(
    lineOf(figures).line,
    "| classification, shapes | accuracy | 90.0 | 80.0 | PGD | 10.0 | 60.0 | 50.0 (FGSM) | **20.0 (PGD)** |",
  );
});

Deno.test("resultsSummary() says where no whitebox attack was measured, and marks broken figures", () => {
  const { line, text } = lineOf(figures.slice(0, 6), { notANumber: 1 });
  assert.match(line, /\| 10\.0† \| 60\.0† \| 50\.0† \(FGSM\) \| \*\*not measured\*\* \|$/);
  assert.match(text, /\n\n† some outputs are not numbers and count as wrong\.$/);
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
