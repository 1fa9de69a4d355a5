import assert from "node:assert/strict";
import type { ModelsResult } from "../models/result.ts";
import { spreadOf } from "../speed/statistics.ts";
import { modelsTable } from "./models_table.ts";

const result: ModelsResult = {
  ...{ version: 1, kind: "models", date: "2026-01-02T03:04", quick: false, threads: 2 },
  load: [0.1, 2],
  models: [{
    ...{ name: "torchvision resnet18", batch: 4, size: 224, parameters: 11e6 },
    torchGradientError: 7.1e-7,
    torchSeconds: { eager: spreadOf([0.5, 0.4]) },
    failed: { compile: "no compiler" },
    exports: {
      legacy: {
        ...{ nodes: 49, operators: ["Conv", "Relu"], outputDifference: 8e-7 },
        ...{ gradientError: 3.5e-3, seconds: spreadOf([0.3, 0.2]), ratio: 2 },
      },
      dynamo: { reason: "NonZero is not here" },
    },
  }],
  skipped: { "timm vit": "timm is absent" },
  versions: { torch: "2.0", torchvision: "0.1", timm: "1.0" },
  environment: { cpu: "A CPU" },
};

Deno.test("modelsTable() has a row an export, best times, and reasons for what is missing", () => {
  const lines = modelsTable(result).split("\n");
  assert.equal(
    lines[2],
    "| torchvision resnet18, 4 of 224x224 | legacy | 49 / 2 | 8.0e-7 |  | 3.5e-3 | 7.1e-7 | 200 | 400 |  | 2.00 |",
  );
  assert.match(lines[3], /^\| torchvision resnet18, 4 of 224x224 \| dynamo \|/);
  const below = lines.slice(4).join("\n");
  assert.match(
    below,
    /A CPU; 2 threads of each side; load averages of 0\.1 to 2\.0; PyTorch 2\.0,/,
  );
  assert.match(below, /- torchvision resnet18, dynamo: NonZero is not here/);
  assert.match(below, /- torchvision resnet18, torch compile: no compiler/);
  assert.match(below, /- timm vit: timm is absent$/);
});
