/**
 * Which figures of a table are below those of its control rows.
 *
 * @module
 */
import type { Figure, PaperTable, TableColumn, TableRow } from "./paper_table.ts";
import { CONTROLS, TARGET_CONTROL } from "./rivals.ts";

/**
 * Marks figures under attack that are below a control's: of a defense in front of O the best of "identity", "bicubic" and
 * "jpeg", of an adversarially trained O that of the O that was trained on without attacks.
 *
 * @param rows Of a table
 * @param columns Its columns, in the order of the figures
 * @returns The rows; those of controls, and of O alone, as they were
 */
export function besideControls(
  rows: readonly TableRow[],
  columns: readonly TableColumn[],
): TableRow[] {
  return rows.map((row) => {
    const names = row.rival === "target" ? [TARGET_CONTROL] : CONTROLS;
    const controls = rows.filter(({ name }) => names.includes(name));
    if (row.runs.length === 0 || controls.includes(row)) return row;
    return {
      ...row,
      figures: row.figures.map((figure, index) =>
        figure && columns[index].threatModel !== "none" ? marked(figure, controls, index) : figure
      ),
    };
  });
}

function marked(figure: Figure, controls: readonly TableRow[], index: number): Figure {
  const [best] = controls
    .flatMap(({ name, figures }) => figures[index] ? [{ name, mean: figures[index].mean }] : [])
    .toSorted((a, b) => b.mean - a.mean);
  return best && best.mean > figure.mean ? { ...figure, below: best.name } : figure;
}

/** What stands behind a figure that is below a control's. */
export const BELOW = "▾";

/** What the mark means; undefined where no figure of a table has it. */
export function controlNote({ rows }: Pick<PaperTable, "rows">): string | undefined {
  const names = new Set(rows.flatMap(({ figures }) => figures.flatMap((one) => one?.below ?? [])));
  return names.size === 0
    ? undefined
    : `${BELOW} below a control row, which restores nothing: ${[...names].join(", ")}`;
}
