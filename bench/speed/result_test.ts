import assert from "node:assert/strict";
import { join } from "node:path";
import { scalingPlot } from "./plot.ts";
import { type BenchResult, groupOf, keptResult, saveResult } from "./result.ts";
import { summaryTable } from "./summary.ts";

const rounds = {
  realign: [100, 110, 90],
  "torch eager": [150, 165, 135],
  "torch compile": [140, 121, 117],
  "torch eager, by hand": [80, 80, 80],
};

const result: BenchResult = {
  version: 1,
  kind: "bench",
  name: "step",
  title: "whole step",
  quick: false,
  threads: 2,
  date: "2025-01-31T14:02",
  groups: [groupOf("step", rounds, { aim: 1.1, aside: ["torch eager, by hand"] })],
  failed: { "torch max": "no compiler" },
  settings: { batchSize: 32, parameters: 1_234_567, share: 0.1234567 },
  versions: { torch: "2" },
  machine: { cores: 2 },
  commit: "abc",
  preset: "p",
};

Deno.test("groupOf() takes the peer of the least median for the best and leaves out what stands aside", () => {
  const { best, aim, ratios } = result.groups[0];
  assert.equal(best?.side, "torch compile");
  assert.equal(best?.ratio, 1.3);
  assert.equal(ratios["torch eager"].median, 1.5);
  assert.deepEqual(aim, { ratio: 1.1, reached: true });
  const alone = groupOf("read", { realign: [1, 2] });
  assert.deepEqual([alone.best, alone.ratios], [undefined, {}]);
});

Deno.test("keptResult() gives back what was measured at the same commit with the same threads and settings", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await saveResult(folder, result);
    const text = await Deno.readTextFile(join(folder, "bench-step.json"));
    assert.match(text, /"values": \[100, 110, 90\]/);
    assert.match(text, /"parameters": 1234567,\s+"share": 0\.12346/);
    const facts = { quick: false, threads: 2, commit: "abc", preset: "p" };
    assert.deepEqual(await keptResult(folder, "step", facts), JSON.parse(text));
    const others = [{ commit: "def" }, { threads: 1 }, { quick: true }, { preset: "q" }];
    for (const other of [...others, { commit: undefined }]) {
      assert.equal(await keptResult(folder, "step", { ...facts, ...other }), undefined);
    }
    assert.equal(await keptResult(folder, "attack", facts), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("summaryTable() shows medians, the best peer's ratio and what could not be measured", () => {
  const text = summaryTable([result]);
  assert.match(
    text,
    /\| whole step \| ms \| 100 \(95\.0–105\) \| torch compile 121 \(119–131\) \| 1\.30 \(1\.20–1\.35\) \| 1\.1 \|/,
  );
  assert.match(text, /torch eager 150; torch eager, by hand 80\.0/);
  assert.match(text, /- step: torch max was not measured: no compiler/);
  const other = { ...result, settings: { ...result.settings, target: "resnet20" } };
  assert.match(summaryTable([other]), /\| whole step, resnet20 \| ms \|/);
});

Deno.test("scalingPlot() is an SVG file of a panel a dimension", async () => {
  const groups = [8, 16].flatMap((value) =>
    ["batch", "width"].map((dimension) =>
      groupOf(`${dimension} ${value}`, {
        realign: [value, value + 1],
        "torch eager": [2 * value, 3 * value],
      })
    )
  );
  const svg = await scalingPlot({ ...result, groups });
  assert.match(
    svg,
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" viewBox="[^"]+"><title>/,
  );
  for (const word of ["batch", "width", "realign", "torch eager", "ms a step"]) {
    assert.ok(svg.includes(`>${word}<`), word);
  }
});
