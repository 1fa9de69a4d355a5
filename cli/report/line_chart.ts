/**
 * Lines over numbers, as SVG.
 *
 * @module
 */
import { axis, drawSvg } from "./chart_svg.ts";

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

/** The colour of a line, by its place. */
export function lineColour(index: number): string {
  return styles[index % styles.length].colour;
}

/** Points by x; null where there is no line. */
export type Line = readonly (readonly [number, number])[] | null;

/** How lines are drawn. */
export interface LineAxes {
  readonly titles: readonly [string, string];
  /** Of the x axis; undefined for that of the points. */
  readonly domain?: readonly [number, number];
  /** Whether points are marked, where there are few. */
  readonly points?: boolean;
}

/**
 * Draws lines whose y lies in `[0, 1]`; a line keeps its style where others are missing.
 *
 * @param lines One for each style
 * @param axes Titles, and the domain of x
 * @returns An `<svg>` element that takes its colours from the page
 */
export async function drawLines(
  lines: readonly Line[],
  { titles: [xTitle, yTitle], domain: span, points = false }: LineAxes,
): Promise<string> {
  const values = lines.flatMap((line, index) =>
    (line ?? []).map(([x, y]) => ({ x, y, line: `${index}` }))
  );
  const domain = lines.map((_, index) => `${index}`);
  const style = <T>(of: (style: typeof styles[number]) => T) =>
    lines.map((_, index) => of(styles[index % styles.length]));
  return await drawSvg({
    data: { values },
    width: 260,
    height: 200,
    mark: { type: "line", strokeWidth: 1.6, point: points },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        ...(span && { scale: { domain: [...span], nice: false } }),
        axis: { ...axis, grid: false, title: xTitle },
      },
      y: {
        field: "y",
        type: "quantitative",
        scale: { domain: [0, 1] },
        axis: { ...axis, title: yTitle },
      },
      color: {
        field: "line",
        type: "nominal",
        scale: { domain, range: style(({ colour }) => colour) },
        legend: null,
      },
      strokeDash: {
        field: "line",
        type: "nominal",
        scale: { domain, range: style(({ dash }) => dash) },
        legend: null,
      },
    },
  });
}
