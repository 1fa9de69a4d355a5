/**
 * Measured figures as bars with their intervals.
 *
 * @module
 */
import type { EvaluationRow } from "@realign/core";
import { drawBars } from "./bar_chart.ts";
import type { Chart } from "./charts.ts";
import { figure } from "./labels.ts";

/** A bar's name and what it shows; nothing is drawn where that was not measured. */
export interface NamedRow {
  readonly name: string;
  readonly row: EvaluationRow | undefined;
}

/**
 * Draws figures below each other, in percent.
 *
 * @param title Of the chart
 * @param named In their order
 */
export async function figureChart(title: string, named: readonly NamedRow[]): Promise<Chart> {
  const bars = named.flatMap(({ name, row }) => {
    if (!row) return [];
    const { value, interval: [low, high] = [value, value] } = row.metric;
    return [{ name, said: figure(row), value: 100 * value, low: 100 * low, high: 100 * high }];
  });
  const description = bars.map(({ name, said }) => `${name} ${said} %`).join("; ");
  return { title, description: `${title}: ${description}`, svg: await drawBars(bars) };
}
