/**
 * The figures of a grid as one table, the paper's beside ours.
 *
 * @module
 */
import {
  type Evaluation,
  type EvaluationRow,
  type LossSetting,
  type PixelTarget,
  type Preset,
  publishedFigure,
  type StopGradient,
  UNDEFENDED,
} from "@realign/core";
import { subjectsOf } from "../../cli/report/compared_rows.ts";
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

/** What a column is of. */
export type TableColumn = Pick<EvaluationRow, "threatModel" | "attack">;

/** One row: O alone, or a cell. */
export interface TableRow {
  /** "none" for O alone. */
  readonly name: string;
  readonly setting?: LossSetting;
  readonly pixelTarget?: PixelTarget;
  /** Once, true for "all" and false for "none". */
  readonly stopGradient?: StopGradient | boolean;
  /** In the order of the columns; null where nothing was measured. */
  readonly figures: readonly (Figure | null)[];
  /** IDs of its runs, one a seed. */
  readonly runs: readonly string[];
  /** Of training G, all seeds together. */
  readonly seconds: number;
}

/** How rows are wanted to stand to one another, and how they do. */
export interface Order {
  readonly column: TableColumn;
  readonly wanted: readonly string[];
  /** The same rows, the best first. */
  readonly measured: readonly string[];
  readonly holds: boolean;
}

/** A whole table. */
export interface PaperTable {
  readonly version: 2;
  readonly kind: "table-1";
  readonly preset: string;
  /** The paper's table and data set, e.g. "Tables 1 and 5, CIFAR10"; "" where it has none. */
  readonly paperTable: string;
  readonly dataset: Evaluation["dataset"];
  readonly architecture: string;
  readonly metric: string;
  readonly seeds: readonly number[];
  /** Steps that G was trained for. */
  readonly steps: number;
  /** In the order that they were measured in. */
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly order?: Order;
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
}

/** The order of Table 1 under PGD, the best first. */
const WANTED = ["full", "L_I+F", "L_I", "L_T"];
const ORDERED_BY: TableColumn = { threatModel: "oblivious", attack: "pgd" };

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
  const subject = subjectOf(evaluation);
  const columns = columnsOf(evaluation, subject);
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const names = [...new Set(cells.map(({ cell }) => cell.name))];
  const firsts = seeds.map((seed) => cells.find((cell) => cell.seed === seed)!);
  const rows: TableRow[] = [
    {
      name: UNDEFENDED,
      figures: figuresOf(firsts, UNDEFENDED, columns, true),
      runs: [],
      seconds: 0,
    },
    ...names.map((name) => {
      const own = cells.filter(({ cell }) => cell.name === name);
      const [{ cell: { setting, pixelTarget, stopGradient } }] = own;
      return {
        name,
        setting,
        pixelTarget: pixelTarget ?? preset.losses.pixelTarget,
        stopGradient: stopGradient ?? preset.losses.stopGradient,
        figures: figuresOf(own, subject, columns, pixelTarget === undefined),
        runs: own.map(({ run }) => run),
        seconds: own.reduce((sum, { stages }) => sum + Number(stages.train?.seconds ?? 0), 0),
      };
    }),
  ];
  return {
    version: 2,
    kind: "table-1",
    preset: preset.name,
    paperTable: evaluation.published?.table ?? "",
    dataset: evaluation.dataset,
    architecture: evaluation.target.architecture,
    metric: evaluation.rows[0].metric.name,
    seeds,
    steps: Number(cells[0].stages.train?.steps ?? 0),
    columns,
    rows,
    order: orderOf(rows, columns),
    warnings: [...new Set(cells.flatMap(({ evaluation: { warnings } }) => warnings))],
    environment: evaluation.environment,
  };
}

/** The system that a grid is about: G. */
function subjectOf(evaluation: Evaluation): string {
  const [subject] = subjectsOf(evaluation);
  if (subject) return subject.name;
  throw new Error("Cannot make a table as no system with a defense was evaluated");
}

/** Attacks on a system, in the order that they were measured in. */
function columnsOf({ rows }: Evaluation, subject: string): TableColumn[] {
  return rows.filter(({ system, attack }) => system === subject && attack !== "worst case")
    .map(({ threatModel, attack }) => ({ threatModel, attack }));
}

const isOf = (row: TableColumn, { threatModel, attack }: TableColumn) =>
  row.threatModel === threatModel && row.attack === attack;

function figuresOf(
  cells: readonly FinishedCell[],
  system: string,
  columns: readonly TableColumn[],
  withPaper: boolean,
): (Figure | null)[] {
  return columns.map((column) => {
    const found = cells.map(({ evaluation: { rows } }) =>
      rows.find((row) => row.system === system && isOf(row, column))
    ).filter((row) => row !== undefined);
    if (found.length === 0) return null;
    const values = found.map(({ metric }) => metric.value);
    const margins = found.flatMap(({ metric: { value, interval } }) =>
      interval ? [interval[1] - value, value - interval[0]] : []
    );
    const paper = withPaper ? publishedFigure(cells[0].evaluation, found[0]) : undefined;
    return {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      values,
      ...(margins.length > 0 && { margin: Math.max(...margins) }),
      ...(paper !== undefined && { paper }),
    };
  });
}

function orderOf(rows: readonly TableRow[], columns: readonly TableColumn[]): Order | undefined {
  const index = columns.findIndex((column) => isOf(column, ORDERED_BY));
  const found = WANTED.map((name) => rows.find((row) => row.name === name));
  const means = found.map((row) => row?.figures[index]?.mean);
  if (means.includes(undefined)) return undefined;
  const measured = WANTED.toSorted((a, b) => means[WANTED.indexOf(b)]! - means[WANTED.indexOf(a)]!);
  const holds = measured.join() === WANTED.join();
  return { column: ORDERED_BY, wanted: WANTED, measured, holds };
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
      `Cannot make a table as ${cell.name} of seed ${seed} (${run}) was not evaluated on ${differs}: remove its folder and run the grid again`,
    );
  }
}
