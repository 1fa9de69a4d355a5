/**
 * What is left as epsilon or the number of steps grows: curves that an honest figure must fall along.
 *
 * @module
 */
import { attackerBehind, type Evaluation, type EvaluationRow } from "@realign/core";
import type { CurveCharts } from "./curve_charts.ts";
import { attackerLabel, attackLabel, percent, placeLabel } from "./labels.ts";
import { drawLines, lineColour } from "./line_chart.ts";

/** What is varied, and how the axis reads. */
const AXES = [
  {
    option: "epsilon",
    title: "epsilon, of 255",
    at: ({ settings }: EvaluationRow) => 255 * settings!.epsilon,
  },
  {
    option: "steps",
    title: "steps",
    at: ({ settings }: EvaluationRow) => Number(settings!.steps),
  },
] as const;

/** The attack of a curve's point, without what is varied: "pgd" of "pgd-epsilon-50". */
const baseOf = ({ attack }: EvaluationRow) => /^(.*)-(epsilon|steps)-\d+$/.exec(attack);

/**
 * Draws the curves of an evaluation.
 *
 * @param evaluation What was measured
 * @returns A chart over epsilon and one over steps, as far as they were measured; undefined where none was
 */
export async function attackCurves(evaluation: Evaluation): Promise<CurveCharts | undefined> {
  const { curves = [] } = evaluation;
  const points = curves.filter((row) => row.settings && baseOf(row));
  if (points.length === 0) return undefined;
  const lineOf = (row: EvaluationRow) =>
    `${placeLabel(evaluation, row.system)}: ${attackLabel(baseOf(row)![1])}, ${
      attackerLabel(attackerBehind(row))
    }`;
  const names = [...new Set(points.map(lineOf))];
  const charts = [];
  for (const { option, title, at } of AXES) {
    const own = points.filter((row) => baseOf(row)![2] === option);
    if (own.length === 0) continue;
    const lines = names.map((name) =>
      own.filter((row) => lineOf(row) === name)
        .map((row): [number, number] => [at(row), row.metric.value])
        .toSorted(([a], [b]) => a - b)
    );
    const told = names.map((name, index) =>
      `${name}: ${lines[index].map(([x, y]) => `${percent(y)} % at ${+x.toFixed(2)}`).join(", ")}`
    );
    charts.push({
      title: `over ${option}`,
      description: told.join("; "),
      svg: await drawLines(lines, {
        titles: [title, own[0].metric.name],
        points: true,
      }),
    });
  }
  return {
    title: "As the attack grows",
    charts,
    legend: names.map((name, index) => ({
      name,
      colour: lineColour(index),
    })),
  };
}
