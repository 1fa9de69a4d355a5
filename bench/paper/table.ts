/**
 * The figures of a grid as one table, the paper's beside ours.
 *
 * @module
 */
import type { Evaluation, EvaluationRow, LossSetting, PixelTarget, Preset } from "@realign/core";
import type { FinishedCell } from "./grid.ts";

/** A figure over all seeds, in `[0, 1]`. */
export interface Figure {
  readonly mean: number;
  /** One for each seed, in their order. */
  readonly values: readonly number[];
  /** The widest 95 % interval of a seed, as the distance from its value. */
  readonly margin?: number;
  /** The paper's, in percent. */
  readonly paper?: number;
}

/** One row: O alone, or a cell. */
export interface TableRow {
  /** "none" for O alone. */
  readonly name: string;
  readonly setting?: LossSetting;
  readonly pixelTarget?: PixelTarget;
  readonly stopGradient?: boolean;
  /** By column. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** IDs of its runs, one a seed. */
  readonly runs: readonly string[];
  /** Of training G, all seeds together. */
  readonly seconds: number;
}

/** How rows are wanted to stand to one another, and how they do. */
export interface Order {
  readonly column: string;
  readonly wanted: readonly string[];
  /** The same rows, the best first. */
  readonly measured: readonly string[];
  readonly holds: boolean;
}

/** A whole table. */
export interface PaperTable {
  readonly version: 1;
  readonly kind: "table-1";
  readonly preset: string;
  /** The paper's table and data set, e.g. "Tables 1 and 5, CIFAR10". */
  readonly paperTable: string;
  readonly dataset: Evaluation["dataset"];
  readonly architecture: string;
  readonly metric: string;
  readonly seeds: readonly number[];
  /** Steps that G was trained for. */
  readonly steps: number;
  /** Attacks in their order: "clean", "pgd", ...; "whitebox NAME" for one through G. */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly order?: Order;
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
}

/** The order of Table 1 under PGD, the best first. */
const WANTED = ["full", "L_I+F", "L_I", "L_T"];

/**
 * Puts finished cells into a table.
 *
 * @param cells At least one; a row has the seeds that are there
 * @param preset What the grid was made from
 * @returns The table
 * @throws {Error} If cells were measured on different data, or cells of a seed on different targets
 */
export function collectTable(cells: readonly FinishedCell[], preset: Preset): PaperTable {
  assertAlike(cells);
  const [{ evaluation }] = cells;
  const columns = columnsOf(evaluation);
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const names = [...new Set(cells.map(({ cell }) => cell.name))];
  const firsts = seeds.map((seed) => cells.find((cell) => cell.seed === seed)!);
  const { paper } = preset.evaluation;
  const rows: TableRow[] = [
    {
      name: "none",
      figures: figuresOf(firsts, "none", columns, paper.none),
      runs: [],
      seconds: 0,
    },
    ...names.map((name) => {
      const own = cells.filter(({ cell }) => cell.name === name);
      const [{ cell: { setting, pixelTarget, stopGradient } }] = own;
      const isPapers = pixelTarget === undefined;
      return {
        name,
        setting,
        pixelTarget: pixelTarget ?? preset.losses.pixelTarget,
        stopGradient: stopGradient ?? preset.losses.stopGradient,
        figures: figuresOf(own, "generator", columns, isPapers ? paper[setting] : undefined),
        runs: own.map(({ run }) => run),
        seconds: own.reduce((sum, { stages }) => sum + Number(stages.train?.seconds ?? 0), 0),
      };
    }),
  ];
  return {
    version: 1,
    kind: "table-1",
    preset: preset.name,
    paperTable: preset.evaluation.paperTable,
    dataset: evaluation.dataset,
    architecture: evaluation.target.architecture,
    metric: evaluation.rows[0].metric.name,
    seeds,
    steps: Number(cells[0].stages.train?.steps ?? 0),
    columns,
    rows,
    order: orderOf(rows, "pgd"),
    warnings: [...new Set(cells.flatMap(({ evaluation: { warnings } }) => warnings))],
    environment: evaluation.environment,
  };
}

/** Attacks on G, in the order that they were measured in. */
function columnsOf({ rows }: Evaluation): string[] {
  return rows.filter(({ defense, attack }) => defense === "generator" && attack !== "worst case")
    .map(columnOf);
}

function columnOf({ threatModel, attack }: EvaluationRow): string {
  return threatModel === "whitebox" ? `whitebox ${attack}` : attack;
}

function figuresOf(
  cells: readonly FinishedCell[],
  defense: string,
  columns: readonly string[],
  paper: Readonly<Record<string, number>> = {},
): Record<string, Figure> {
  const figures: Record<string, Figure> = {};
  for (const column of columns) {
    const found = cells.map(({ evaluation: { rows } }) =>
      rows.find((row) => row.defense === defense && columnOf(row) === column)
    ).filter((row) => row !== undefined);
    if (found.length === 0) continue;
    const values = found.map(({ metric }) => metric.value);
    const margins = found.flatMap(({ metric: { value, interval } }) =>
      interval ? [interval[1] - value, value - interval[0]] : []
    );
    figures[column] = {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      values,
      ...(margins.length > 0 && { margin: Math.max(...margins) }),
      ...(paper[column] !== undefined && { paper: paper[column] }),
    };
  }
  return figures;
}

function orderOf(rows: readonly TableRow[], column: string): Order | undefined {
  const found = WANTED.map((name) => rows.find((row) => row.name === name));
  const means = found.map((row) => row?.figures[column]?.mean);
  if (means.includes(undefined)) return undefined;
  const measured = WANTED.toSorted((a, b) => means[WANTED.indexOf(b)]! - means[WANTED.indexOf(a)]!);
  return { column, wanted: WANTED, measured, holds: measured.join() === WANTED.join() };
}

function assertAlike(cells: readonly FinishedCell[]): void {
  if (cells.length === 0) throw new RangeError("Cannot make a table as no cell is finished");
  const [first] = cells;
  for (const { cell, seed, run, evaluation: { dataset, target } } of cells) {
    const same = cells.find((other) => other.seed === seed)!;
    const differs = dataset.digest !== first.evaluation.dataset.digest
      ? `the data of ${first.run}`
      : target.digest !== same.evaluation.target.digest
      ? `the target of ${same.run}`
      : undefined;
    if (!differs) continue;
    throw new Error(
      `Cannot make a table as ${cell.name} of seed ${seed} (${run}) was not measured on ${differs}: remove its folder and run the grid again`,
    );
  }
}
