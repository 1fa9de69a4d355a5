/**
 * The paper's published figures, shown next to a run's results.
 *
 * @module
 */
import type { LossSetting } from "./preset.ts";

/** Published figures for the same systems and attacks. */
export interface PublishedTable {
  /** Their source, e.g. "Tables 1 and 5, CIFAR10". */
  readonly table: string;
  /** In percent, by system, then attack. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Published figures for clean images and oblivious attackers, and for others. */
export interface Published extends PublishedTable {
  /** For other attackers, by threat model. */
  readonly threatModels?: Readonly<Record<string, PublishedTable>>;
}

/** Rows of the paper's tables: O alone, a setting of the losses, the whole loss with JPEG behind G. */
export type PaperRow = "none" | LossSetting | "full+jpeg";

/** The paper's figures for one dataset and one O, in percent. */
export interface PaperResults {
  /** The tables they are from. */
  readonly table: string;
  /** By row, then by the attack's name in presets. */
  readonly rows: Readonly<Partial<Record<PaperRow, Readonly<Record<string, number>>>>>;
}

/**
 * Names the columns of one of the paper's tables.
 *
 * @param table Its source, e.g. "Tables 1 and 5, CIFAR10"
 * @param columns "clean" and attacks as presets name them
 * @param rows Figures in percent, in the order of the columns: of the paper's own rows, or of other defenses by the names
 * that it prints; not all tables have all rows
 * @returns The figures by row and column
 *
 * @example Usage
 * ```ts
 * import { paperResults } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const { rows } = paperResults("Table 1", ["clean", "pgd"], { none: [95, 0], full: [90, 60] });
 * assert.equal(rows.full?.pgd, 60);
 * ```
 */
export function paperResults<Row extends string>(
  table: string,
  columns: readonly string[],
  rows: Readonly<Record<Row, readonly number[]>>,
): {
  readonly table: string;
  readonly rows: Readonly<Record<Row, Readonly<Record<string, number>>>>;
} {
  const byColumn = (figures: readonly number[]) =>
    Object.fromEntries(columns.map((column, index) => [column, figures[index]]));
  const named = Object.entries<readonly number[]>(rows)
    .map(([row, figures]) => [row, byColumn(figures)]);
  return { table, rows: Object.fromEntries(named) };
}

/**
 * The paper's figures for the systems of `paperSystems`.
 *
 * @param results Of one dataset; undefined if the paper has none
 * @param setting The losses that G is trained with
 * @param others Of the same dataset, for other attackers than the oblivious one, by threat model
 * @returns By system, then attack; undefined if the paper has none
 *
 * @example Usage
 * ```ts
 * import { paperResults, publishedOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const oblivious = paperResults("Table 1", ["pgd"], { none: [0], full: [85.1] });
 * const transfer = paperResults("Table 12", ["pgd"], { none: [2.1], full: [81.4] });
 * const published = publishedOf(oblivious, "full", { transfer });
 * assert.equal(published?.figures.generator.pgd, 85.1);
 * assert.equal(published?.threatModels?.transfer.figures.generator.pgd, 81.4);
 * assert.equal(publishedOf(undefined, "full"), undefined);
 * ```
 */
export function publishedOf(
  results: PaperResults | undefined,
  setting: LossSetting,
  others: Readonly<Record<string, PaperResults | undefined>> = {},
): Published | undefined {
  if (!results) return undefined;
  const known = Object.entries(others).flatMap(([name, results]) =>
    results ? [[name, tableOf(results, setting)] as const] : []
  );
  return {
    ...tableOf(results, setting),
    ...(known.length > 0 && { threatModels: Object.fromEntries(known) }),
  };
}

function tableOf({ table, rows }: PaperResults, setting: LossSetting): PublishedTable {
  const figures = {
    none: rows.none,
    generator: rows[setting],
    "generator+jpeg": setting === "full" ? rows["full+jpeg"] : undefined,
  };
  return {
    table,
    figures: Object.fromEntries(
      Object.entries(figures).flatMap(([system, row]) => row ? [[system, row]] : []),
    ),
  };
}
