import assert from "node:assert/strict";
import type { Certification } from "../../cli/runs/certificate_file.ts";
import { certificatesToKeep, certificateTable } from "./certificate_table.ts";

const certification: Certification = {
  version: 1,
  preset: "cls-sample",
  task: "classification",
  dataset: { name: "shapes", split: "test", digest: "d", count: 8 },
  target: { architecture: "resnet20", digest: "t" },
  generator: "g",
  seed: 1,
  settings: { sigma: 0.25, selectionDraws: 100, draws: 10_000, alpha: 0.001 },
  systems: [{ name: "none", title: "None (O alone)" }],
  wanted: 2,
  examples: [{
    index: 0,
    id: "a",
    label: 1,
    certificates: { none: { class: 1, count: 9990, radius: 0.7 } },
  }],
  results: {
    none: {
      count: 1,
      abstained: 0,
      averageRadius: { value: 0.7, interval: [0.6, 0.8] },
      shares: [{ radius: 0.5, value: 0.9, interval: [0.8, 0.95] }],
    },
  },
  warnings: [],
  environment: { commit: "0123456789", backend: { name: "tensorflow", library: "/home/me/lib" } },
  seconds: 1,
};

Deno.test("certificateTable() shows figures with intervals, draws, sigma and confidence", () => {
  const kept = certificatesToKeep("mine", certification);
  assert.ok(!("examples" in kept));
  assert.doesNotMatch(JSON.stringify(kept), /home/);
  const text = certificateTable([kept]);
  assert.match(text, /\| shapes, resnet20 \| None \(O alone\) \| 90\.0 \(80\.0–95\.0\) \| 0\.700 /);
  assert.match(text, /1 image \(of 2 that are wanted\).* sigma 0\.25: 100 draws .* 10,000 others/);
  assert.match(text, /confidence of 99\.9 %.*above 0\.800 .*mine\.certificate\.json\)\.$/s);
  assert.equal(certificateTable([]), "");
});
