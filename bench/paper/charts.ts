/**
 * A grid's table as bars: one chart an attack, a bar a row, a mark where the paper's figure is.
 *
 * @module
 */
import { columnLabel } from "../../cli/report/labels.ts";
import type { Chart } from "../../cli/report/charts.ts";
import { drawBars } from "../../cli/report/bar_chart.ts";
import { meanOf, rowLabel } from "./markdown.ts";
import type { PaperTable } from "./paper_table.ts";

/** Draws every column of a table. */
export async function tableCharts(table: PaperTable): Promise<Chart[]> {
  return await Promise.all(table.columns.map(async (column, index) => {
    const bars = table.rows.flatMap((row) => {
      const figure = row.figures[index];
      if (!figure) return [];
      const { mean, values, paper } = figure;
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return [{
        name: rowLabel(row),
        value: 100 * mean,
        said: meanOf(figure),
        low: 100 * low,
        high: 100 * high,
        ...(paper !== undefined && { paper }),
      }];
    });
    const title = columnLabel(column);
    const description = bars.map(({ name, said, paper }) =>
      `${name} ${said}${paper === undefined ? "" : `, the paper ${paper}`}`
    ).join("; ");
    return { title, description: `${title}: ${description}`, svg: await drawBars(bars) };
  }));
}
