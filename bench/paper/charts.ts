/**
 * A grid's table as bars: one chart an attack, a bar a row, a mark where the paper's figure is.
 *
 * @module
 */
import { columnLabel } from "../../cli/report/labels.ts";
import type { Chart } from "../../cli/report/charts.ts";
import { axis, drawSvg } from "../../cli/report/chart_svg.ts";
import { meanOf, rowLabel } from "./markdown.ts";
import type { PaperTable } from "./table.ts";

/** Height of a bar with its gap. */
const BAR = 17;

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
    return { title, description: `${title}: ${description}`, svg: await draw(bars) };
  }));
}

async function draw(bars: readonly object[]): Promise<string> {
  const y = {
    field: "name",
    type: "nominal",
    sort: null,
    axis: { ...axis, grid: false, title: null, labelLimit: 160 },
  } as const;
  const scale = { domain: [0, 100] };
  return await drawSvg({
    data: { values: bars.map((bar) => ({ ...bar })) },
    width: 300,
    height: BAR * bars.length + 24,
    layer: [
      {
        mark: { type: "bar", color: "currentColor", height: { band: 0.62 } },
        encoding: {
          y,
          x: { field: "value", type: "quantitative", scale, axis: { ...axis, title: null } },
        },
      },
      {
        mark: { type: "rule", color: "currentColor", strokeWidth: 1.5 },
        encoding: {
          y,
          x: { field: "low", type: "quantitative" },
          x2: { field: "high" },
        },
      },
      {
        transform: [{ filter: "isValid(datum.paper)" }],
        mark: { type: "tick", color: "currentColor", thickness: 2.5, height: { band: 0.9 } },
        encoding: { y, x: { field: "paper", type: "quantitative" } },
      },
    ],
  });
}
