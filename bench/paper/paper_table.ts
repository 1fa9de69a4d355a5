/**
 * A table of the paper's as a grid fills it.
 *
 * @module
 */
import type {
  Attacker,
  EvaluatedTarget,
  Evaluation,
  EvaluationRow,
  LossSetting,
  PixelTarget,
  StopGradient,
} from "@realign/core";

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
  /** Alarms that any seed's figure raised. */
  readonly alarms?: readonly string[];
  /** The control row that is above it: what is below restores less than what restores nothing. */
  readonly below?: string;
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
  /** How another defense than G comes about; "target" is another O, whose attacker knows all of it. */
  readonly rival?: "target" | "recipe" | "transformation";
  /** In the order of the columns; null where nothing was measured. */
  readonly figures: readonly (Figure | null)[];
  /** IDs of its runs, one a seed. */
  readonly runs: readonly string[];
  /** Of training G, or what stands in its place, all seeds together. */
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
  /** "table-" and its number in the paper, or "table-values"; then the suite, if it is not the paper's. */
  readonly kind: string;
  /** The suite that attacks are of, if it is not the preset's own. */
  readonly suite?: string;
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
