import assert from "node:assert/strict";
import { type BenchResult, groupOf } from "../speed/result.ts";
import { defensesTable } from "./defenses_table.ts";

const result: BenchResult = {
  version: 1,
  kind: "bench",
  name: "defenses",
  title: "training, restoring and memory of each defense",
  quick: false,
  threads: 2,
  date: "2026-01-31T14:02",
  groups: [
    groupOf("training step", { realign: [110], trades: [2000], search: [50] }),
    groupOf("an image", { realign: [1.5], search: [30], jpeg: [0.25] }),
    groupOf("memory, training", { realign: [700.4], trades: [900], search: [800] }, {
      unit: "MiB",
    }),
  ],
  failed: {},
  settings: {
    trainingImages: 20_000,
    defenses: {
      realign: { title: "Realign", parameters: 1_234_567, batchSize: 32, steps: 6000, images: 100 },
      trades: { title: "TRADES", parameters: 1000, batchSize: 128, steps: 300 },
      search: {
        title: "Search",
        parameters: 10,
        batchSize: 32,
        steps: 6,
        images: 4,
        options: { name: "search", protocol: "paper", restarts: 10, steps: 200 },
      },
      jpeg: { title: "JPEG", images: 100, options: [{ name: "jpeg" }] },
    },
  },
  versions: {},
  machine: {},
  commit: "0123456789",
};

Deno.test("defensesTable() has a row for each, whole trainings by their steps, and nothing where nothing is measured", () => {
  const text = defensesTable(result);
  const lines = text.split("\n");
  assert.equal(lines[2], "| Realign | 1,234,567 | 110 | 11.0 | 700 | 1.50 |  |");
  assert.equal(lines[3], "| TRADES | 1,000 | 2000 | 10.0 | 900 |  |  |");
  assert.equal(lines[5], "| JPEG |  |  |  |  | 0.250 |  |");
  assert.match(text, /On 2 threads, commit 0123456: .* 32 or 128 images, a training set 20,000\. /);
  assert.match(text, /restored 100 at a time, 4 by Search \(restarts 10, steps 200\)\.$/);
});

Deno.test("defensesTable() tells no whole training where its number of images is not known", () => {
  const { trainingImages: _, defenses } = result.settings;
  const { realign, jpeg } = defenses as Record<string, { steps?: number }>;
  const settings = { defenses: { realign: { ...realign, steps: undefined }, jpeg } };
  const text = defensesTable({ ...result, settings, commit: undefined });
  assert.ok(text.includes("| Realign | 1,234,567 | 110 |  | 700 |"), text);
  assert.match(
    text,
    /On 2 threads: .*\. A step has 32 images\. Images are restored 100 at a time\.$/,
  );
});
