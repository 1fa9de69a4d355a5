/**
 * How the time of a step grows, as a picture for documents.
 *
 * @module
 */
import { axis, drawSvg } from "../../cli/report/chart_svg.ts";
import type { BenchResult } from "./result.ts";
import { OURS } from "./result.ts";

/** Colours that stand apart on white and on black. */
const COLOURS = ["#1f6feb", "#c2570c"];

/**
 * Draws the bench "scaling".
 *
 * @param result Its groups are named by dimension and value, e.g. "batch 16"
 * @returns An SVG file, one panel a dimension, that is legible on light and dark pages
 */
export async function scalingPlot({ groups }: BenchResult): Promise<string> {
  const points = groups.flatMap(({ name, sides }) => {
    const [, dimension, value] = /^(.*) (\d+)$/.exec(name)!;
    return Object.entries(sides).map(([side, { median, lowerQuartile, upperQuartile }]) => ({
      dimension,
      value: Number(value),
      side,
      median,
      lowerQuartile,
      upperQuartile,
    }));
  });
  const names = [...new Set(points.map(({ side }) => side))];
  const dimensions = [...new Set(points.map(({ dimension }) => dimension))];
  const x = (title: string) => ({
    field: "value",
    type: "quantitative" as const,
    scale: { zero: true },
    axis: {
      ...axis,
      title,
      values: points.filter(({ dimension }) => dimension === title).map(({ value }) => value),
    },
  });
  const y = {
    field: "median",
    type: "quantitative" as const,
    axis: { ...axis, title: "ms a step" },
  };
  const color = {
    field: "side",
    type: "nominal" as const,
    sort: names,
    scale: { domain: names, range: names.map((name) => COLOURS[name === OURS ? 0 : 1]) },
    legend: {
      title: null,
      labelColor: "currentColor",
      labelFontSize: 12,
      orient: "top" as const,
      symbolType: "stroke" as const,
    },
  };
  const svg = await drawSvg({
    autosize: "pad",
    data: { values: points },
    hconcat: dimensions.map((dimension) => ({
      transform: [{ filter: { field: "dimension", equal: dimension } }],
      width: 210,
      height: 170,
      layer: [
        {
          mark: { type: "line" as const, strokeWidth: 2, point: { size: 36 } },
          encoding: { x: x(dimension), y, color },
        },
        {
          mark: { type: "rule" as const, strokeWidth: 1.5 },
          encoding: {
            x: x(dimension),
            y: { ...y, field: "lowerQuartile" },
            y2: { field: "upperQuartile" },
            color,
          },
        },
      ],
    })),
  });
  const style = "<style>:root{color:#1c2024;font-family:system-ui,sans-serif}" +
    "@media(prefers-color-scheme:dark){:root{color:#e4e6e9}}</style>";
  const title = `<title>Time of a training step by ${dimensions.join(", ")}: ${
    names.join(" and ")
  }</title>`;
  return svg.replace(
    /^<svg aria-hidden="true" ([^>]*)>/,
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" $1>${title}${style}`,
  ) + "\n";
}
