/**
 * Finished cells whose figures are known.
 *
 * @module
 */
import type { EvaluationRow, Preset } from "@realign/core";
import classification from "@realign/classification";
import { sampleEvaluation } from "../../cli/testing.ts";
import { parseCell } from "./cells.ts";
import type { FinishedCell } from "./plan.ts";
import { kindOf, type TableKind } from "./kinds.ts";
import type { PaperTable } from "./paper_table.ts";
import { collectTable } from "./table.ts";

const { presets, published, publishedRivals } = classification as Required<typeof classification>;
/** The preset of the cells. */
export const preset: Preset = presets["cls-cifar10-small"];

/** Table 1. */
export const kind = kindOf("1", "classification");
/** Makes a table of cells. */
export const collect = (cells: readonly FinishedCell[], table: TableKind = kind): PaperTable =>
  collectTable(
    cells,
    preset,
    table,
    (setting) => published({ ...preset, losses: { ...preset.losses, setting } }),
    () => publishedRivals(preset, table.view),
  );

/** A cell whose accuracies are known. */
export function finished(
  name: string,
  seed: number,
  pgd: number,
  digest = `target ${seed}`,
): FinishedCell {
  const row = (system: string, attack: string, value: number, through = false): EvaluationRow => ({
    threatModel: attack === "clean" ? "none" : through ? "whitebox" : "oblivious",
    attack,
    settings: null,
    system,
    metric: { name: "accuracy", value, count: 1000, interval: [value - 0.03, value + 0.02] },
    maxPerturbation: 0,
    seconds: 1,
  });
  return {
    cell: parseCell(name),
    seed,
    run: `run-${name}-${seed}`,
    stages: { train: { seconds: 10, steps: 625 } },
    evaluation: {
      version: 2,
      preset: preset.name,
      task: "classification",
      dataset: { name: "cifar10", split: "test", digest: "data", count: 1000 },
      target: { architecture: "wrn-10-2", digest },
      seed,
      systems: [
        ...sampleEvaluation.systems,
        { name: "jpeg", title: "JPEG", role: "other", defenses: [] },
      ],
      rows: [
        row("none", "clean", 0.775),
        row("generator", "clean", 0.625),
        row("none", "pgd", 0),
        row("jpeg", "pgd", 0.3),
        row("generator", "pgd", pgd),
        row("generator", "worst case", 0.1),
        row("generator", "pgd-20", 0, true),
      ],
      warnings: ["weights are <random>"],
      environment: { deno: "2" },
      seconds: 5,
    },
  };
}

/** Rows of Table 1 with two seeds. */
export const cells = [
  ...[1, 2].flatMap((seed) => [
    finished("full", seed, seed === 1 ? 0.48 : 0.52),
    finished("L_I+F", seed, 0.4),
    finished("L_I", seed, 0.3),
    finished("L_T", seed, 0.2),
    finished("full@adversarial", seed, 0.1),
  ]),
];
