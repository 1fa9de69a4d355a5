/**
 * Loss curves as SVG, drawn without a browser.
 *
 * @module
 */
import type { MetricsLine } from "../runs/metrics_file.ts";
import { axis, drawSvg } from "./chart_svg.ts";

/** The most points of a curve; more are averaged. */
const POINTS = 160;

/** One curve. */
export interface Chart {
  readonly title: string;
  /** In words, for those who cannot see it. */
  readonly description: string;
  /** An `<svg>` element that takes its colours from the page. */
  readonly svg: string;
}

/**
 * Draws every loss term of a stage over its steps.
 *
 * @param lines The run's metrics
 * @param stage Which stage
 * @returns A chart per term, in the terms' order; none if the stage has no metrics
 */
export async function lossCharts(
  lines: readonly MetricsLine[],
  stage: MetricsLine["stage"],
): Promise<Chart[]> {
  const own = lines.filter((line) => line.stage === stage);
  const names = [...new Set(own.flatMap(({ losses }) => Object.keys(losses)))];
  const charts: Chart[] = [];
  for (const name of names) {
    const points = average(
      own.flatMap(({ step, losses }) => name in losses ? [{ step, loss: losses[name] }] : []),
    );
    const ends = [points[0], points[points.length - 1]].map(({ loss }) => formatLoss(loss));
    charts.push({
      title: name,
      description: `${name} over ${own.length} steps: ${ends[0]} at the start, ${
        ends[1]
      } at the end`,
      svg: await draw(points),
    });
  }
  return charts;
}

interface Point {
  readonly step: number;
  readonly loss: number;
}

/** Means of neighbouring steps, so that a curve has no more points than can be seen. */
function average(points: readonly Point[]): Point[] {
  const span = Math.ceil(points.length / POINTS);
  const means: Point[] = [];
  for (let start = 0; start < points.length; start += span) {
    const group = points.slice(start, start + span);
    const mean = (key: keyof Point) =>
      group.reduce((sum, point) => sum + point[key], 0) / group.length;
    means.push({ step: Math.round(mean("step")), loss: mean("loss") });
  }
  return means;
}

/** A loss in three digits. */
function formatLoss(loss: number): string {
  return Number(loss.toPrecision(3)).toString();
}

async function draw(points: readonly Point[]): Promise<string> {
  return await drawSvg({
    data: { values: points.map((point) => ({ ...point })) },
    width: 260,
    height: 120,
    mark: { type: "line", strokeWidth: 1.6, color: "currentColor", interpolate: "monotone" },
    encoding: {
      x: { field: "step", type: "quantitative", axis: { ...axis, grid: false, title: "step" } },
      y: {
        field: "loss",
        type: "quantitative",
        scale: { zero: false, nice: true },
        axis: { ...axis, title: null },
      },
    },
  });
}
