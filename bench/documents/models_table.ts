/**
 * Models that were made elsewhere, as a table for the documents.
 *
 * @module
 */
import type { ExportedModelResult, ModelResult, ModelsResult } from "../models/result.ts";
import { table } from "./markdown_table.ts";

const HEADING = [
  "model, images",
  "exporter",
  "nodes / types",
  "outputs differ by",
  "onnxruntime's by",
  "gradient differs by",
  "PyTorch's own by",
  "gradient, ms",
  "eager, ms",
  "compiled, ms",
  "PyTorch / ours",
];

/** Writes a row a model and exporter as Markdown, and below what it was measured on. */
export function modelsTable(result: ModelsResult): string {
  const { models, skipped, environment, threads, versions, load, quick } = result;
  const lines = models.flatMap((model) =>
    Object.entries(model.exports).map(([exporter, found]) => rowOf(model, exporter, found))
  );
  const measured = models.flatMap(({ name, exports, failed }) => [
    ...Object.entries(exports).flatMap(([exporter, { reason }]) =>
      reason === undefined ? [] : [`${name}, ${exporter}: ${reason}`]
    ),
    ...Object.entries(failed).map(([mode, reason]) => `${name}, torch ${mode}: ${reason}`),
  ]);
  const reasons = [
    ...measured,
    ...Object.entries(skipped).map(([name, reason]) => `${name}: ${reason}`),
  ];
  const { cpu } = environment as { readonly cpu?: string };
  const facts = [
    cpu,
    `${threads} threads of each side`,
    `load averages of ${load.map((value) => value.toFixed(1)).join(" to ")}`,
    `PyTorch ${versions.torch}, torchvision ${versions.torchvision}, timm ${versions.timm}`,
    ...(quick ? ["few rounds: figures say little"] : []),
  ].filter(Boolean);
  return [
    table([HEADING, ...lines], (column) => column >= 3),
    "",
    `Weights drawn with a seed. Best times of alternated runs; ${
      facts.join("; ")
    }. [bench/results/models.json](../bench/results/models.json)`,
    ...(reasons.length > 0 ? ["", ...reasons.map((reason) => `- ${reason}`)] : []),
  ].join("\n");
}

function rowOf(model: ModelResult, exporter: string, found: ExportedModelResult): string[] {
  const { name, batch, size, torchGradientError, torchSeconds: { eager, compile } } = model;
  const { nodes, operators, outputDifference, runtimeDifference, gradientError, seconds, ratio } =
    found;
  return [
    `${name}, ${batch} of ${size}x${size}`,
    exporter,
    nodes === undefined ? "" : `${nodes} / ${operators!.length}`,
    small(outputDifference),
    small(runtimeDifference),
    small(gradientError),
    small(torchGradientError),
    milliseconds(seconds?.min),
    milliseconds(eager?.min),
    milliseconds(compile?.min),
    ratio === undefined ? "" : ratio.toFixed(2),
  ];
}

const small = (value: number | undefined) => value === undefined ? "" : value.toExponential(1);
const milliseconds = (seconds: number | undefined) =>
  seconds === undefined ? "" : String(Math.round(1000 * seconds));
