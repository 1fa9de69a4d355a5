/**
 * Results in a few lines.
 *
 * @module
 */
import { table } from "../documents/markdown_table.ts";
import { type BenchResult, OURS } from "./result.ts";
import type { Spread } from "./statistics.ts";

/**
 * Writes results as one Markdown table: medians with their quartiles, the best PyTorch variant's ratio.
 *
 * @param results In the order of the table
 * @returns Lines, with what could not be measured below
 */
export function summaryTable(results: readonly BenchResult[]): string {
  const heading = ["Bench", "Unit", OURS, "Best PyTorch variant", "Ratio", "Target", "Others"];
  const lines = results.flatMap((result) => {
    const { groups } = result;
    const title = titleOf(result);
    return groups.map(({ name, unit, sides, best, aim, ratios }) => {
      const others = Object.keys(sides).filter((side) => side !== OURS && side !== best?.side);
      return [
        groups.length > 1 ? `${title}: ${name}` : title,
        unit,
        spread(sides[OURS]),
        best ? `${best.side} ${spread(sides[best.side])}` : "",
        best ? `${spread(ratios[best.side], 2)}` : "",
        aim ? `${aim.ratio}${aim.reached ? "" : ", not met"}` : "",
        others.map((side) => `${side} ${figure(sides[side].median)}`).join("; "),
      ];
    });
  });
  const failures = results.flatMap(({ name, failed }) =>
    Object.entries(failed).map(([side, reason]) => `- ${name}: ${side} was not measured: ${reason}`)
  );
  return [
    table([heading, ...lines], (column) => column > 1 && column !== 6),
    ...(failures.length > 0 ? ["", ...failures] : []),
  ].join("\n");
}

/** A bench that is made of several networks says of which. */
function titleOf({ title, settings: { target } }: BenchResult): string {
  return typeof target === "string" ? `${title}, ${target}` : title;
}

function spread({ median, lowerQuartile, upperQuartile }: Spread, digits?: number): string {
  const text = (value: number) => digits === undefined ? figure(value) : value.toFixed(digits);
  return `${text(median)} (${text(lowerQuartile)}–${text(upperQuartile)})`;
}

/** A figure in three digits; those from 100 on have no decimals. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
