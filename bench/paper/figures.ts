/**
 * The figures of a table's row.
 *
 * @module
 */
import {
  ANY_ATTACKER,
  type Evaluation,
  type EvaluationRow,
  isBy,
  type Published,
  publishedFigure,
} from "@realign/core";
import type { Cell } from "./cells.ts";
import type { Figure, TableColumn } from "./paper_table.ts";
import type { FinishedCell } from "./plan.ts";

/** Whether a cell is another O, and so attacked for itself. */
export const isTarget = ({ rival }: Cell): boolean => rival?.by === "target";

/** Whether a row is of a column. */
export const isOf = (row: TableColumn, column: TableColumn): boolean =>
  isBy(row, column) && row.attack === column.attack;

/** The paper's figure for a row. */
export const paperIn =
  (published: Published | undefined) => (row: EvaluationRow): number | undefined =>
    publishedFigure({ published }, row);

/** Of each column a system's figure over all seeds; null where nothing was measured. */
export function figuresOf(
  cells: readonly FinishedCell[],
  system: string,
  columns: readonly TableColumn[],
  paperOf: (row: EvaluationRow) => number | undefined,
): (Figure | null)[] {
  return columns.map((column) => {
    const found = cells.map(({ cell, evaluation }) => rowOf(evaluation, system, column, cell))
      .filter((row) => row !== undefined);
    if (found.length === 0) return null;
    const values = found.map(({ metric }) => metric.value);
    const margins = found.flatMap(({ metric: { value, interval } }) =>
      interval ? [interval[1] - value, value - interval[0]] : []
    );
    const paper = paperOf(found[0]);
    const alarms = [...new Set(found.flatMap(({ alarms = [] }) => alarms))];
    const notANumber = found.reduce((sum, row) => sum + (row.notANumber ?? 0), 0);
    return {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      values,
      ...(margins.length > 0 && { margin: Math.max(...margins) }),
      ...(paper !== undefined && { paper }),
      ...(notANumber > 0 && { notANumber }),
      ...(alarms.length > 0 && { alarms }),
    };
  });
}

/** A system's row of a column. */
function rowOf(
  { rows, worst = [] }: Evaluation,
  system: string,
  column: TableColumn,
  cell: Cell,
): EvaluationRow | undefined {
  const own = (row: EvaluationRow) => row.system === system;
  if (column.threatModel === ANY_ATTACKER) return worst.find(own);
  // An attack on O alone knows all that there is: it is oblivious and whitebox in one.
  const isAny = isTarget(cell) && !column.substitute;
  return rows.filter(own)
    .find((row) => isAny ? row.attack === column.attack : isOf(row, column));
}
