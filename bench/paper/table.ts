/**
 * The figures of a grid as one table, the paper's beside ours.
 *
 * @module
 */
import {
  type Attacker,
  attackerBehind,
  type EvaluatedSystem,
  type EvaluatedTarget,
  type Evaluation,
  type EvaluationRow,
  isBy,
  isWorstCase,
  type LossSetting,
  type PixelTarget,
  type Preset,
  type Published,
  publishedFigure,
  type StopGradient,
  UNDEFENDED,
} from "@realign/core";
import { subjectsOf } from "../../cli/report/compared_rows.ts";
import type { FinishedCell } from "./plan.ts";
import { kendallTau } from "./kendall.ts";
import type { TableKind } from "./kinds.ts";

/** A figure over all seeds, in `[0, 1]`. */
export interface Figure {
  readonly mean: number;
  /** One for each seed, in their order. */
  readonly values: readonly number[];
  /** The widest 95 % interval of a seed, as the distance from its value. */
  readonly margin?: number;
  /** The paper's, in percent. */
  readonly paper?: number;
  /** Examples of all seeds whose outputs are not numbers, where there are any. */
  readonly notANumber?: number;
}

/** What a column is of. */
export type TableColumn = Attacker & Pick<EvaluationRow, "attack">;

/** One row: O alone, or a cell. */
export interface TableRow {
  /** "none" for O alone; else a cell's, with what is behind G if more than O is. */
  readonly name: string;
  /** What it changes, where it is no row of the paper's. */
  readonly title?: string;
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

/** How far our rows stand in the order of the paper's. */
export interface Agreement {
  readonly column: TableColumn;
  /** Kendall's tau-b, in [-1, 1]. */
  readonly tau: number;
  /** Number of rows that both have. */
  readonly rows: number;
}

/** A whole table. */
export interface PaperTable {
  readonly version: 2;
  /** "table-" and its number in the paper, or "table-values". */
  readonly kind: string;
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
  /** For each column with the paper's figures; absent from older tables. */
  readonly agreement?: readonly Agreement[];
  /** The second network, if the table uses one beside O: the substitute, or the O that G was trained for. */
  readonly second?: EvaluatedTarget;
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
}

/** What the paper prints for a setting of the losses, before the O of an evaluation. */
export type PublishedFor = (
  setting: LossSetting,
  evaluation: Pick<Evaluation, "target">,
) => Published | undefined;

/** The order of Table 1 under PGD, the best first. */
const WANTED = ["full", "L_I+F", "L_I", "L_T"];
const ORDERED_BY: TableColumn = { threatModel: "oblivious", attack: "pgd" };

/**
 * Puts finished cells into a table.
 *
 * @param cells At least one; a row has the seeds that are there
 * @param preset What the grid was made from
 * @param kind The paper's table
 * @param published What the paper prints
 * @returns The table
 * @throws {Error} If cells were measured on different data, or cells of a seed on different targets
 */
export function collectTable(
  cells: readonly FinishedCell[],
  preset: Preset,
  kind: TableKind,
  published: PublishedFor,
): PaperTable {
  assertAlike(cells);
  const [{ evaluation }] = cells;
  const subject = subjectOf(evaluation);
  const columns = columnsOf(evaluation, subject, kind);
  const whole = published(preset.losses.setting, evaluation);
  const systems = [subject, ...(kind.rows === "codec" ? behind(evaluation, subject) : [])];
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const names = [...new Set(cells.map(({ cell }) => cell.name))];
  const firsts = seeds.map((seed) => cells.find((cell) => cell.seed === seed)!);
  const rows: TableRow[] = [
    {
      name: UNDEFENDED,
      figures: figuresOf(firsts, UNDEFENDED, columns, whole),
      runs: [],
      seconds: 0,
    },
    ...names.flatMap((name) => {
      const own = cells.filter(({ cell }) => cell.name === name);
      const [{ cell: { setting, pixelTarget, stopGradient, change } }] = own;
      const isPapers = pixelTarget === undefined && change === undefined;
      const paper = isPapers ? published(setting, evaluation) : undefined;
      return systems.map((system, index) => ({
        name: index === 0 ? name : `${name}, ${titleOf(evaluation, system)}`,
        ...(change && { title: change.title }),
        setting,
        pixelTarget: pixelTarget ?? preset.losses.pixelTarget,
        stopGradient: stopGradient ?? preset.losses.stopGradient,
        figures: figuresOf(own, system, columns, paper),
        runs: own.map(({ run }) => run),
        seconds: own.reduce((sum, { stages }) => sum + Number(stages.train?.seconds ?? 0), 0),
      }));
    }),
  ];
  const second = secondIn(evaluation);
  return {
    version: 2,
    kind: `table-${kind.name}`,
    preset: preset.name,
    paperTable: (kind.view === "transfer" ? whole?.threatModels?.transfer : whole)?.table ?? "",
    dataset: evaluation.dataset,
    architecture: evaluation.target.architecture,
    metric: evaluation.rows[0].metric.name,
    seeds,
    steps: Number(cells[0].stages.train?.steps ?? 0),
    columns,
    rows,
    order: orderOf(rows, columns),
    agreement: agreementOf(rows, columns),
    ...(second && { second }),
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

/** Systems with more behind G than O. */
function behind({ systems }: Evaluation, subject: string): string[] {
  const chainOf = (system: EvaluatedSystem) => system.defenses.map(({ name }) => name);
  const own = chainOf(systems.find(({ name }) => name === subject)!);
  return systems.filter((system) => {
    const chain = chainOf(system);
    return !system.target && chain.length > own.length &&
      chain.slice(0, own.length).join() === own.join();
  }).map(({ name }) => name);
}

function titleOf({ systems }: Evaluation, name: string): string {
  return systems.find((system) => system.name === name)!.title;
}

/** The network besides O that made the images, or that G was trained for. */
function secondIn({ substitutes = {}, trainedFor }: Evaluation): EvaluatedTarget | undefined {
  return trainedFor ?? Object.values(substitutes)[0];
}

/** Attacks on a system, in the order that they were measured in; only those that a table is about. */
function columnsOf({ rows }: Evaluation, subject: string, { view }: TableKind): TableColumn[] {
  const isMeant = ({ threatModel }: EvaluationRow) =>
    threatModel === "none" || (threatModel === "transfer") === (view === "transfer");
  return rows
    .filter((row) => row.system === subject && !isWorstCase(row) && isMeant(row))
    .map((row) => ({ ...attackerBehind(row), attack: row.attack }));
}

const isOf = (row: TableColumn, column: TableColumn) =>
  isBy(row, column) && row.attack === column.attack;

function figuresOf(
  cells: readonly FinishedCell[],
  system: string,
  columns: readonly TableColumn[],
  published: Published | undefined,
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
    const paper = publishedFigure({ published }, found[0]);
    const notANumber = found.reduce((sum, row) => sum + (row.notANumber ?? 0), 0);
    return {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      values,
      ...(margins.length > 0 && { margin: Math.max(...margins) }),
      ...(paper !== undefined && { paper }),
      ...(notANumber > 0 && { notANumber }),
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

/** Of each column with the paper's figures, the rows that have them. */
function agreementOf(rows: readonly TableRow[], columns: readonly TableColumn[]): Agreement[] {
  return columns.flatMap((column, index) => {
    const both = rows.flatMap(({ figures }) => {
      const figure = figures[index];
      return figure?.paper === undefined ? [] : [{ ours: figure.mean, paper: figure.paper }];
    });
    const tau = kendallTau(both.map(({ ours }) => ours), both.map(({ paper }) => paper));
    return tau === undefined ? [] : [{ column, tau, rows: both.length }];
  });
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
