import assert from "node:assert/strict";
import { sampleEvaluation, samplePreset } from "../../cli/testing.ts";
import { blocksOf, commandsOf, readDocument } from "../../tests/documents.ts";
import { readCommitted, withResults } from "../documents/readme.ts";
import { type MoreImages, PAGE, type WayResult, wayTable } from "./result.ts";

const sample: WayResult = {
  version: 1,
  kind: "way",
  date: "2026-01-31T10:00",
  command: "deno task bench way --images DIR --weights FILE --empty",
  empty: true,
  images: { train: 30, test: 10, classes: 2 },
  steps: [
    { command: "realign doctor", seconds: 59.4, load: 0.25 },
    { command: "realign train cls-folder", seconds: 119.6, load: 3 },
  ],
  evaluation: sampleEvaluation,
  machine: { cpu: "a CPU", cores: 2, memoryGiB: 4 },
  commit: "0123456789",
};

const more: MoreImages = {
  file: "bench/results/more.run.json",
  evaluation: sampleEvaluation,
  run: {
    preset: { ...samplePreset, train: { ...samplePreset.train, batchSize: 8, epochs: 2 } },
    stages: { train: { steps: 100, seconds: 61 } },
  },
};

Deno.test("wayTable() shows each command's time, the sum, and what it was measured on", () => {
  assert.deepEqual(wayTable(sample, more).split("\n"), [
    "| command | time |",
    "| --- | --: |",
    "| `realign doctor` | 59 s |",
    "| `realign train cls-folder` | 2 min 0 s |",
    "| in total | 2 min 59 s |",
    "",
    "Measured with 30 training and 10 test images of 2 classes, 2 cores of a CPU, 4 GiB, " +
    "load averages of 0.3 to 3.0, nothing downloaded before, 2026-01-31, commit 0123456: " +
    "[bench/results/way.json](../bench/results/way.json).",
    "",
    "Of 400 training images, G's training alone took 1 min 1 s for 100 steps: " +
    "[bench/results/more.run.json](../bench/results/more.run.json).",
  ]);
});

Deno.test("the committed way typed the page's commands, in the page's order", async () => {
  const { way } = await readCommitted();
  const page = await readDocument(PAGE);
  const commands = blocksOf(page).filter(({ kind }) => kind === "sh")
    .flatMap(({ code }) => commandsOf(code));
  assert.ok(way, "bench/results/way.json is missing: deno task bench way");
  assert.deepEqual(way.result.steps.map(({ command }) => command), commands);
  assert.match(way.result.command, /^deno task bench way /);
  assert.doesNotMatch(JSON.stringify(way.result), /\/(?:home|tmp|work|root)\//);
});

Deno.test("the page shows the measured times and figures", async () => {
  const { evaluations, benches, features, tables, way } = await readCommitted();
  const page = await readDocument(PAGE);
  const without = withResults(page, { evaluations, benches, features, tables });
  assert.notEqual(without, page, "the page has no blocks for them");
  assert.match(page, /\| `realign train cls-folder [^|]*` \| [\d min]+ s \|/);
  assert.equal(withResults(page, { evaluations, benches, features, tables, way }), page);
});
