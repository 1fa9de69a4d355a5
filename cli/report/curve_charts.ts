/**
 * Curves of a metric, such as precision over recall, as SVG.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import type { Chart } from "./charts.ts";
import { comparedRows } from "./compared_rows.ts";
import { drawLines, type Line, lineColour } from "./line_chart.ts";

/** From more classes on only the mean is drawn. */
const SHOWN = 24;

/** Charts, and what their lines are. */
export interface CurveCharts {
  readonly title: string;
  readonly charts: readonly Chart[];
  readonly legend: readonly { readonly name: string; readonly colour: string }[];
}

/**
 * Draws the curves of an evaluation: the mean over classes, and each class.
 *
 * @param evaluation What was measured
 * @returns The charts; undefined where the metric has no curves
 */
export async function curveCharts(evaluation: Evaluation): Promise<CurveCharts | undefined> {
  const rows = comparedRows(evaluation).flatMap(({ label, row }) => {
    const curves = row.metric.details?.curves;
    return curves ? [{ label, curves }] : [];
  });
  if (rows.length === 0) return undefined;
  const [x, y] = rows[0].curves.axes;
  const count = rows[0].curves.lines.length;
  const names = evaluation.dataset.classNames ?? [];
  const draw = async (title: string, lines: readonly Line[]): Promise<Chart> => ({
    title,
    description: `${y} over ${x}, ${title}`,
    svg: await drawLines(lines, { titles: [x, y], domain: [0, 1] }),
  });
  const charts = [
    await draw("mean over classes", rows.map(({ curves }) => meanOf(curves.lines))),
  ];
  if (count > 1 && count <= SHOWN) {
    for (let index = 0; index < count; index++) {
      const lines = rows.map(({ curves }) => curves.lines[index] ?? null);
      if (lines.every((line) => line === null)) continue;
      charts.push(await draw(names[index] ?? `class ${index}`, lines));
    }
  }
  return {
    title: `${y[0].toUpperCase()}${y.slice(1)} over ${x}`,
    charts,
    legend: rows.map(({ label }, index) => ({
      name: label,
      colour: lineColour(index),
    })),
  };
}

/** The mean of the curves that are there; they share their points on the x axis. */
function meanOf(lines: readonly Line[]): Line {
  const known = lines.filter((line) => line !== null);
  if (known.length === 0) return null;
  return known[0].map(([x], index): [number, number] => [
    x,
    known.reduce((sum, line) => sum + (line[index]?.[1] ?? 0), 0) / known.length,
  ]);
}
