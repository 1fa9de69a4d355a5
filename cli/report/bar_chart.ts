/**
 * Figures as bars: one below the other, with how sure each is, and a mark where a published one lies.
 *
 * @module
 */
import { axis, drawSvg } from "./chart_svg.ts";

/** Height of a bar with its gap. */
const BAR = 17;

/** A bar. All figures are in percent. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ends of the line across the bar's end: an interval, or the lowest and highest of several. */
  readonly low: number;
  readonly high: number;
  /** Where the upright mark is. */
  readonly paper?: number;
}

/**
 * Draws bars from 0 to 100.
 *
 * @param bars In their order, from top to bottom
 * @returns An `<svg>` element that takes its colours from the page
 */
export async function drawBars(bars: readonly Bar[]): Promise<string> {
  const y = {
    field: "name",
    type: "nominal",
    sort: null,
    axis: { ...axis, grid: false, title: null, labelLimit: 220 },
  } as const;
  const scale = { domain: [0, 100] };
  return await drawSvg({
    data: { values: bars.map((bar) => ({ ...bar })) },
    width: 320,
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
