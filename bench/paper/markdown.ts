/**
 * A grid's table as Markdown.
 *
 * @module
 */
import { UNDEFENDED } from "@realign/core";
import { brokenNote, columnLabel, figure, percent } from "../../cli/report/labels.ts";
import { table as markdown } from "../documents/markdown_table.ts";
import { BELOW, controlNote } from "./controls.ts";
import type { Figure, PaperTable, TableRow } from "./paper_table.ts";

/** A row as a reader knows it. */
export function rowLabel({ name, title, rival }: TableRow): string {
  if (title !== undefined) return rival === "target" ? `${title} *` : title;
  if (name === UNDEFENDED) return "O alone";
  return name.replace(/^full(?=$|,)/, "Full");
}

/** The pixel target of a row, in words. */
export function pixelTargetLabel({ pixelTarget, stopGradient }: TableRow): string {
  if (pixelTarget === "adversarial") return "x^a, as printed";
  if (pixelTarget === "clean") return "x^c, traditional";
  if (stopGradient === "perceptual") return "x̂^c, gradient of L_r into it";
  const flows = stopGradient === false || stopGradient === "none";
  return flows ? "x̂^c, gradient into it" : "x̂^c, no gradient into it";
}

/** Rows of the paper's table, and those that differ in the pixel target. */
export function splitRows({ rows }: PaperTable): { paper: TableRow[]; targets: TableRow[] } {
  const isVariant = ({ name }: TableRow) => name.includes("@");
  const variants = rows.filter(isVariant);
  const settings = new Set(variants.map(({ setting }) => setting));
  const own = rows.filter(({ name, setting }) => name === setting && settings.has(setting));
  return {
    paper: rows.filter((row) => !isVariant(row)),
    targets: variants.length > 0 ? [...own, ...variants] : [],
  };
}

/** Whether any figure of a table has a part. */
function hasPart({ rows }: PaperTable, part: "paper" | "margin"): boolean {
  return rows.some(({ figures }) => figures.some((figure) => figure && figure[part] !== undefined));
}

/** Whether the paper has figures to stand beside. */
export const hasPaper = (table: PaperTable): boolean => hasPart(table, "paper");

/** Whether single seeds have intervals. */
export const hasMargin = (table: PaperTable): boolean => hasPart(table, "margin");

/** The metric as a sentence begins with it. */
export function metricLabel({ metric }: PaperTable): string {
  return metric === "accuracy" ? "Accuracy" : metric;
}

/** What the order of rows came to, in a sentence; "" where rows are missing. */
export function orderSentence({ order }: PaperTable): string {
  if (!order) return "";
  const chain = (names: readonly string[]) => names.join(" > ");
  return `Expected under ${columnLabel(order.column)}: ${chain(order.wanted)}; measured: ${
    chain(order.measured)
  }${order.holds ? ", the same order." : "."}`;
}

/** How far the rows stand in the paper's order, in a sentence; "" where there is nothing to compare. */
export function agreementSentence({ agreement = [], paperTable }: PaperTable): string {
  const compared = agreement.filter(({ rows }) => rows > 2);
  if (compared.length === 0) return "";
  const parts = compared.map(({ column, tau }) => `${columnLabel(column)} ${tau.toFixed(2)}`);
  return `Order of rows against ${paperTable}, Kendall's tau over ${compared[0].rows} rows: ${
    parts.join(", ")
  }.`;
}

/** The network besides O, in a sentence; "" where there is none. */
export function secondSentence({ second, columns }: PaperTable): string {
  if (!second) return "";
  return columns.some(({ substitute }) => substitute !== undefined)
    ? `Attacks are made on a substitute, ${second.architecture}.`
    : `G was trained for another O, ${second.architecture}.`;
}

/**
 * Writes a table as Markdown.
 *
 * @param table From `collectTable`
 * @returns Two tables with captions and what they were made from
 */
export function markdownTable(table: PaperTable): string {
  const { columns, dataset, seeds, steps, architecture, preset, warnings } = table;
  const { paper, targets } = splitRows(table);
  const labels = columns.map(columnLabel);
  const marks = marksNoteOf(table);
  const caption = `${metricLabel(table)} in percent on ${dataset.count} images of ${dataset.name}${
    seeds.length > 1
      ? `, mean of ${seeds.length} seeds (lowest–highest)`
      : hasMargin(table)
      ? ", ± 95 % interval"
      : ""
  }${hasPaper(table) ? `; in brackets the paper's figure (${table.paperTable})` : ""}.`;
  const lines = (rows: readonly TableRow[], second?: (row: TableRow) => string) => {
    const heading = [cornerOf(table), ...(second ? ["target of x̂^a"] : []), ...labels];
    const body = rows.map((row) => [
      rowLabel(row),
      ...(second ? [second(row)] : []),
      ...row.figures.map(cell),
    ]);
    return markdown([heading, ...body], (column) => column >= heading.length - labels.length);
  };
  return [
    caption,
    "",
    lines(paper),
    ...(table.order ? ["", orderSentence(table)] : []),
    ...[secondSentence(table), agreementSentence(table)].flatMap((text) => text ? ["", text] : []),
    ...(targets.length > 0 ? ["", lines(targets, pixelTargetLabel)] : []),
    ...(hasOwnTarget(table) ? ["", TARGET_NOTE] : []),
    ...(hasMarginAttack(columns) ? ["", MARGIN_NOTE] : []),
    ...(marks === undefined ? [] : ["", `${marks}.`]),
    "",
    `Preset ${preset}, O is ${architecture}, G trained for ${steps} steps, ${
      seeds.length > 1 ? "seeds" : "seed"
    } ${seeds.join(", ")}.${warnings.map((warning) => ` Warning: ${warning}.`).join("")}`,
    "",
  ].join("\n");
}

/** What rows are told apart by. */
export function cornerOf({ rows }: PaperTable): string {
  return rows.some(({ rival }) => rival) ? "Defense" : "Losses";
}

/** Whether rows are of another O than G's. */
export function hasOwnTarget({ rows }: PaperTable): boolean {
  return rows.some(({ rival }) => rival === "target");
}

/** How such rows are attacked. */
export const TARGET_NOTE =
  "* Another O, trained further or adversarially, and attacked for itself: all attacks on it are whitebox. The oblivious ones on other rows do not know the defense.";

/** Whether a table has the attack that the paper calls by another name. */
export function hasMarginAttack(columns: PaperTable["columns"]): boolean {
  return columns.some(({ attack }) => attack === "pgd-cw");
}

/** What its name stands for. */
export const MARGIN_NOTE =
  "PGD-CW is PGD on Carlini and Wagner's margin loss, which the paper calls C&W.";

function cell(found: Figure | null): string {
  if (!found) return "";
  const { paper } = found;
  return [
    meanOf(found),
    spread(found),
    paper === undefined ? "" : `[${paper.toFixed(1)}]`,
  ].filter(Boolean).join(" ");
}

/** The mean over the seeds in percent, with marks where it is not what it seems, or below a control's. */
export function meanOf({ mean, notANumber, alarms, below }: Figure): string {
  const marked = figure({ metric: { value: mean }, notANumber, alarms });
  return below === undefined ? marked : `${marked} ${BELOW}`;
}

/** What the marks mean; undefined where no figure of a table has one. */
export function marksNoteOf(table: PaperTable): string | undefined {
  const figures = table.rows.flatMap(({ figures }) => figures.filter((found) => found !== null));
  const notes = [brokenNote(figures), controlNote(table)].filter((note) => note !== undefined);
  return notes.length > 0 ? notes.join("; ") : undefined;
}

/** How far seeds lie apart, or how sure the one seed is. */
export function spread({ values, margin }: Figure): string {
  if (values.length > 1) {
    return `(${percent(Math.min(...values))}–${percent(Math.max(...values))})`;
  }
  return margin === undefined ? "" : `± ${percent(margin)}`;
}
