import assert from "node:assert/strict";
import { type KeptFeatures, perState } from "../../cli/runs/feature_file.ts";
import { featuresTable, featuresToKeep } from "./features_table.ts";

const features: KeptFeatures = {
  attack: "pgd",
  restoredBy: "Generator G",
  length: 64,
  images: 3,
  legend: [{ name: "cat", colour: [1, 2, 3] }],
  classes: [0, 0, 0],
  points: perState(() => [[0, 0], [0, 0], [0, 0]]),
  measures: perState((state) => ({
    centreDistance: state === "clean" ? 0 : 1.2345,
    silhouette: null,
    neighbourAgreement: 0.756,
  })),
};

Deno.test("featuresTable() shows what was kept, a column for each number", () => {
  const kept = featuresToKeep("shapes", features);
  assert.ok(!("points" in kept));
  const lines = featuresTable([kept]).split("\n");
  assert.equal(new Set(lines.map((line) => line.split("|").length)).size, 1);
  assert.match(
    lines[2],
    /^\| \[shapes\]\S+ \| 3 of 3 images, PGD \| 1\.23 \| 1\.23 \| 1\.23 \| – .* \| 76 \| 76 \| 76 \| 76 \|$/,
  );
  assert.equal(featuresTable([]), "");
});
