/**
 * Curves of a metric, such as precision over recall, as SVG.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import type { Chart } from "./charts.ts";
import { comparedRows } from "./compared_rows.ts";
import { axis, drawSvg } from "./chart_svg.ts";

/** From more classes on only the mean is drawn. */
const SHOWN = 24;

/** Colours that can be told apart on light and on dark paper, and dashes besides. */
const styles = [
  { colour: "#3f7fd9", dash: [] },
  { colour: "#2f9e63", dash: [6, 3] },
  { colour: "#d9534f", dash: [] },
  { colour: "#d08a1d", dash: [2, 2] },
  { colour: "#8a5fd0", dash: [6, 3] },
  { colour: "#0e8f9e", dash: [] },
  { colour: "#c2559d", dash: [2, 2] },
];

/** Charts, and what their lines are. */
export interface CurveCharts {
  readonly title: string;
  readonly charts: readonly Chart[];
  readonly legend: readonly { readonly name: string; readonly colour: string }[];
}

type Line = readonly (readonly [number, number])[] | null;

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
    svg: await drawLines(lines, [x, y]),
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

/** The colour of a line, by its place. */
export function lineColour(index: number): string {
  return styles[index % styles.length].colour;
}

/**
 * Draws a chart of one line a row; a line keeps its style where others are missing.
 *
 * @param lines Points, y in `[0, 1]`
 * @param titles Of the axes
 * @param xDomain Ends of the x axis. Default: 0 and 1
 * @returns An `<svg>` element
 */
export async function drawLines(
  lines: readonly Line[],
  [xTitle, yTitle]: readonly [string, string],
  xDomain: readonly [number, number] = [0, 1],
): Promise<string> {
  const values = lines.flatMap((line, index) =>
    (line ?? []).map(([x, y]) => ({ x, y, line: `${index}` }))
  );
  const domain = lines.map((_, index) => `${index}`);
  const scale = { domain: [0, 1] };
  return await drawSvg({
    data: { values },
    width: 260,
    height: 200,
    mark: { type: "line", strokeWidth: 1.6 },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        scale: { domain: [...xDomain], nice: false },
        axis: { ...axis, grid: false, title: xTitle },
      },
      y: { field: "y", type: "quantitative", scale, axis: { ...axis, title: yTitle } },
      color: {
        field: "line",
        type: "nominal",
        scale: { domain, range: styles.slice(0, lines.length).map(({ colour }) => colour) },
        legend: null,
      },
      strokeDash: {
        field: "line",
        type: "nominal",
        scale: { domain, range: styles.slice(0, lines.length).map(({ dash }) => dash) },
        legend: null,
      },
    },
  });
}
