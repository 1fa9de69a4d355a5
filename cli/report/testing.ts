/**
 * What tests of reports need: a run with everything a report shows.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import type { MetricsLine } from "../runs/metrics_file.ts";
import type { RunRecord } from "../runs/run_record.ts";
import type { KeptSamples } from "../runs/sample_files.ts";
import { sampleEvaluation, samplePreset } from "../testing.ts";
import { lossCharts } from "./charts.ts";
import type { ReportContent } from "./html.ts";

/** The head of a PNG of 32 by 16: all that the page reads of it. */
export const png = new Uint8Array(33);
new DataView(png.buffer).setUint32(16, 32);
new DataView(png.buffer).setUint32(20, 16);

/** Of a run with a warning. */
export const record: RunRecord = {
  version: 2,
  id: "cls-sample-20250131-140233-kafo",
  created: "2025-01-31T14:02:33.000Z",
  preset: samplePreset,
  plugin: "",
  data: "",
  steps: {},
  digests: {},
  environment: { deno: "2.9.6" },
  stages: { train: { seconds: 3 } },
  warnings: ["weights are <random>"],
};

const row = (
  system: string,
  attack: string,
  value: number,
  more: Partial<EvaluationRow> = {},
): EvaluationRow => ({
  threatModel: attack === "clean" ? "none" : "oblivious",
  attack,
  settings: attack === "clean" ? null : samplePreset.attack,
  system,
  metric: { name: "accuracy", value, count: 200, interval: [value - 0.02, value + 0.02] },
  maxPerturbation: 0.031,
  seconds: 1,
  ...more,
});

/** O and G on clean images and under one attack of each attacker, with published figures. */
export const evaluation: Evaluation = {
  ...sampleEvaluation,
  dataset: { ...sampleEvaluation.dataset, count: 200 },
  rows: [
    row("none", "clean", 0.95),
    row("generator", "clean", 0.9111),
    row("none", "pgd", 0.03),
    row("generator", "pgd", 0.8222),
    row("generator", "pgd-20", 0.1333, { threatModel: "whitebox" }),
  ],
  published: {
    table: "Table 2",
    figures: { none: { clean: 95.1 }, generator: { pgd: 85.1, "pgd-20": 1.5 } },
  },
  warnings: ["weights are <random>"],
  environment: { deno: "2.9.6" },
  seconds: 12,
};

/** One example, without overlays. */
export const samples: KeptSamples = {
  attack: "pgd",
  magnification: 15,
  samples: [{
    id: "test/3",
    truth: "cat",
    predictions: { clean: "cat 98 %", adversarial: "dog 99 %", restored: "cat 91 %" },
    pictures: { clean: png, adversarial: png, restored: png, difference: png },
  }],
};

const metrics: MetricsLine[] = Array.from({ length: 500 }, (_, step) => ({
  stage: "train",
  step,
  epoch: 0,
  learningRate: 1e-3,
  seconds: 0.1,
  losses: { task: 1 / (step + 1), perceptual: 2 },
}));

/** All of a report. */
export const content: ReportContent = {
  record,
  evaluation,
  samples,
  generatorCharts: await lossCharts(metrics, "train"),
  targetCharts: await lossCharts(metrics, "train-target"),
};
