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
  readonly rows: Readonly<Record<PaperRow, Readonly<Record<string, number>>>>;
}

/**
 * Names the columns of one of the paper's tables.
 *
 * @param table Its source, e.g. "Tables 1 and 5, CIFAR10"
 * @param columns "clean" and attacks as presets name them
 * @param rows Figures in percent, in the order of the columns
 * @returns The figures by row and column
 *
 * @example Usage
 * ```ts
 * import { paperResults } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = [90, 60] as const;
 * const names = ["none", "L_I", "L_F", "L_I+F", "L_T", "L_T+F", "full", "full+jpeg"];
 * const rows = Object.fromEntries(names.map((name) => [name, row]));
 * assert.equal(paperResults("Table 1", ["clean", "pgd"], rows as never).rows.full.pgd, 60);
 * ```
 */
export function paperResults(
  table: string,
  columns: readonly string[],
  rows: Readonly<Record<PaperRow, readonly number[]>>,
): PaperResults {
  const byColumn = (figures: readonly number[]) =>
    Object.fromEntries(columns.map((column, index) => [column, figures[index]]));
  return {
    table,
    rows: Object.fromEntries(
      Object.entries(rows).map(([row, figures]) => [row, byColumn(figures)]),
    ) as PaperResults["rows"],
  };
}

/**
 * The paper's figures for the systems of `paperSystems`.
 *
 * @param results Of one dataset; undefined if the paper has none
 * @param setting The losses that G is trained with
 * @returns By system, then attack; undefined if the paper has none
 *
 * @example Usage
 * ```ts
 * import { publishedOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.equal(publishedOf(undefined, "full"), undefined);
 * ```
 */
export function publishedOf(
  results: PaperResults | undefined,
  setting: LossSetting,
): Published | undefined {
  if (!results) return undefined;
  const { table, rows } = results;
  return {
    table,
    figures: {
      none: rows.none,
      generator: rows[setting],
      ...(setting === "full" && { "generator+jpeg": rows["full+jpeg"] }),
    },
  };
}
