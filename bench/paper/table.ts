/**
 * The figures of a grid as one table, the paper's beside ours.
 *
 * @module
 */
import {
  attackerBehind,
  type EvaluatedSystem,
  type EvaluatedTarget,
  type Evaluation,
  type EvaluationRow,
  isWorstCase,
  type LossSetting,
  type Preset,
  type Published,
  type PublishedTable,
  UNDEFENDED,
} from "@realign/core";
import { subjectsOf } from "../../cli/report/compared_rows.ts";
import { withMarks } from "../../cli/report/warnings.ts";
import { besideControls } from "./controls.ts";
import { figuresOf, isOf, isTarget, paperIn } from "./figures.ts";
import type { Agreement, Order, PaperTable, TableColumn, TableRow } from "./paper_table.ts";
import type { FinishedCell } from "./plan.ts";
import { kendallTau } from "./kendall.ts";
import { fileWordOf, type TableKind } from "./kinds.ts";

/** What the paper prints for a setting of the losses, before the O of an evaluation. */
export type PublishedFor = (
  setting: LossSetting,
  evaluation: Pick<Evaluation, "target">,
) => Published | undefined;

/** What it prints for other defenses before the O of an evaluation. */
export type RivalsFor = (evaluation: Pick<Evaluation, "target">) => PublishedTable | undefined;

/** The order of Table 1 under PGD, the best first. */
const WANTED = ["full", "L_I+F", "L_I", "L_T"];
const ORDERED_BY: TableColumn = { threatModel: "oblivious", attack: "pgd" };

/**
 * Puts finished cells into a table.
 *
 * @param measured At least one cell; a row has the seeds that are there
 * @param preset What the grid was made from
 * @param kind The paper's table
 * @param published What the paper prints
 * @param rivals What it prints for other defenses. Default: nothing
 * @returns The table
 * @throws {Error} If cells were measured on different data, or cells of a seed on different targets
 */
export function collectTable(
  measured: readonly FinishedCell[],
  preset: Preset,
  kind: TableKind,
  published: PublishedFor,
  rivals: RivalsFor = () => undefined,
): PaperTable {
  assertAlike(measured);
  const cells = measured.map((cell) => ({ ...cell, evaluation: withMarks(cell.evaluation) }));
  // Adversarially trained targets are evaluated alone: what the columns are, another cell says.
  const first = cells.find(({ cell }) => !isTarget(cell)) ?? cells[0];
  const { evaluation } = first;
  const subject = subjectOf(first);
  const columns = columnsOf(evaluation, subject, kind);
  const whole = published(preset.losses.setting, evaluation);
  const others = rivals(evaluation);
  const systems = [subject, ...(kind.rows === "codec" ? behind(evaluation, subject) : [])];
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const names = [...new Set(cells.map(({ cell }) => cell.name))];
  const firsts = seeds.flatMap((seed) =>
    cells.find((cell) => cell.seed === seed && !isTarget(cell.cell)) ?? []
  );
  const rows = besideControls([
    {
      name: UNDEFENDED,
      figures: figuresOf(firsts, UNDEFENDED, columns, paperIn(whole)),
      runs: [],
      seconds: 0,
    },
    ...names.flatMap((name) => {
      const own = cells.filter(({ cell }) => cell.name === name);
      const [{ cell: { setting, pixelTarget, stopGradient, change, rival } }] = own;
      const title = rival?.by === "transformation" ? rival.title : change?.title;
      const isPapers = pixelTarget === undefined && title === undefined;
      const paper = rival
        ? ({ attack }: EvaluationRow) => others?.figures[rival.paper ?? ""]?.[attack]
        : paperIn(isPapers ? published(setting, evaluation) : undefined);
      return (rival ? [subjectOf(own[0])] : systems).map((system, index) => ({
        name: index === 0 ? name : `${name}, ${titleOf(evaluation, system)}`,
        ...(title !== undefined && { title }),
        ...(rival && { rival: rival.by }),
        setting,
        pixelTarget: pixelTarget ?? preset.losses.pixelTarget,
        stopGradient: stopGradient ?? preset.losses.stopGradient,
        figures: figuresOf(own, system, columns, paper),
        runs: own.map(({ run }) => run),
        seconds: own.reduce((sum, { stages }) => sum + Number(stages.train?.seconds ?? 0), 0),
      }));
    }),
  ], columns);
  const second = secondIn(evaluation);
  return {
    version: 2,
    kind: `table-${fileWordOf(kind)}`,
    ...(kind.suite !== undefined && { suite: kind.suite }),
    preset: preset.name,
    paperTable: sourceOf(kind, others, whole),
    dataset: evaluation.dataset,
    architecture: evaluation.target.architecture,
    metric: evaluation.rows[0].metric.name,
    seeds,
    steps: Number(cells.find(({ stages }) => stages.train)?.stages.train?.steps ?? 0),
    columns,
    rows,
    order: orderOf(rows, columns),
    agreement: agreementOf(rows, columns),
    ...(second && { second }),
    warnings: [...new Set(cells.flatMap(({ evaluation: { warnings } }) => warnings))],
    environment: evaluation.environment,
  };
}

/** Where the paper's figures beside a table are from; "" where there are none. */
function sourceOf(
  { rows, view }: TableKind,
  others: PublishedTable | undefined,
  whole: Published | undefined,
): string {
  const own = view === "transfer" ? whole?.threatModels?.transfer ?? whole : whole;
  return (rows === "rivals" ? others ?? own : own)?.table ?? "";
}

/** The system that a cell is about: G, what stands in its place, or O alone. */
function subjectOf({ cell, evaluation }: FinishedCell): string {
  if (isTarget(cell)) return UNDEFENDED;
  if (cell.rival?.by === "transformation") return cell.name;
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
function columnsOf(
  { rows, worst = [] }: Evaluation,
  subject: string,
  { view, suite }: TableKind,
): TableColumn[] {
  const isMeant = ({ threatModel }: EvaluationRow) =>
    threatModel === "none" || (threatModel === "transfer") === (view === "transfer");
  const least = suite === undefined ? [] : worst;
  return [...rows.filter((row) => !isWorstCase(row) && isMeant(row)), ...least]
    .filter((row) => row.system === subject)
    .map((row) => ({ ...attackerBehind(row), attack: row.attack }));
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
    const same = cells.find((other) => other.seed === seed && !isTarget(other.cell)) ?? first;
    const differs = dataset.digest !== first.evaluation.dataset.digest
      ? `the data of ${first.run}`
      : !isTarget(cell) && target.digest !== same.evaluation.target.digest
      ? `the target of ${same.run}`
      : undefined;
    if (!differs) continue;
    throw new Error(
      `Cannot make a table as ${cell.name} of seed ${seed} (${run}) was not evaluated on ${differs}: remove its folder and run the grid again`,
    );
  }
}
