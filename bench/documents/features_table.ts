/**
 * O's features in numbers, as a table for the documents.
 *
 * @module
 */
import { FEATURE_STATES, type KeptFeatures } from "../../cli/runs/feature_file.ts";
import { attackLabel } from "../../cli/report/labels.ts";
import { table } from "./markdown_table.ts";

/** Features as they are committed: without the points of the map. */
export interface CommittedFeatures extends Omit<KeptFeatures, "points" | "legend" | "classes"> {
  /** The evaluation that they belong to, by its file's name without ".json". */
  readonly result: string;
  /** How many vectors. */
  readonly vectors: number;
}

/** Features as they are committed. */
export function featuresToKeep(
  result: string,
  { points: _, legend: _legend, classes, ...features }: KeptFeatures,
): CommittedFeatures {
  return { result, vectors: classes.length, ...features };
}

/** Writes features as Markdown, a line for each run; "" where there are none. */
export function featuresTable(features: readonly CommittedFeatures[]): string {
  if (features.length === 0) return "";
  const states = ["xᶜ", "xᵃ", "x̂ᶜ", "x̂ᵃ"];
  const [, ...moved] = states;
  const heading = [
    "Run",
    "Vectors, attack",
    ...moved.map((state) => `distance ${state}`),
    ...states.map((state) => `silhouette ${state}`),
    ...states.map((state) => `neighbours ${state}`),
  ];
  const lines = features.map(({ result, vectors, images, attack, measures }) => {
    const all = FEATURE_STATES.map((state) => measures[state]);
    return [
      `[${result}](../bench/results/${result}.features.json)`,
      `${vectors} of ${images} images, ${attackLabel(attack)}`,
      ...all.slice(1).map(({ centreDistance }) => centreDistance?.toPrecision(3) ?? "–"),
      ...all.map(({ silhouette }) => silhouette?.toFixed(2) ?? "–"),
      ...all.map(({ neighbourAgreement: share }) =>
        share === null ? "–" : (100 * share).toFixed(0)
      ),
    ];
  });
  return table([heading, ...lines], (column) => column > 1);
}
