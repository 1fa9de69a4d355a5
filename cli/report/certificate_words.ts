/**
 * What certificates say, in words and as lines of figures: the same on a terminal and in a report.
 *
 * @module
 */
import { type CertifiedAccuracy, largestRadius } from "@realign/core/certify";
import type { Certification } from "../runs/certificate_file.ts";
import { textTable } from "../terminal/text_table.ts";
import { percent } from "./labels.ts";

/** A figure with its interval. */
export interface CertifiedFigure {
  readonly text: string;
  readonly interval: string;
  /** In `[0, 1]`, for a bar; absent for a radius. */
  readonly share?: number;
}

/** What figures and words are made from. */
type Shown = Omit<Certification, "examples">;

/** The headings of all figures. */
export function certifiedColumns({ results, systems }: Shown): string[] {
  const { shares } = results[systems[0].name];
  return [...shares.map(({ radius }) => `radius ${radius}`), "mean radius", "abstained"];
}

/** The figures of a system, in the order of the columns. */
export function certifiedFigures(result: CertifiedAccuracy): CertifiedFigure[] {
  const { shares, averageRadius: { value, interval }, abstained } = result;
  return [
    ...shares.map(({ value, interval }) => ({
      text: percent(value),
      interval: interval.map(percent).join("–"),
      share: value,
    })),
    { text: value.toFixed(3), interval: interval.map((end) => end.toFixed(3)).join("–") },
    { text: percent(abstained), interval: "", share: abstained },
  ];
}

/** What was done and how sure it is, in sentences. */
export function certifiedWords(
  { settings, results, systems, wanted, dataset }: Shown,
): string[] {
  const { count } = results[systems[0].name];
  const { sigma, selectionDraws, draws, alpha } = settings;
  const confidence = Number((100 * (1 - alpha)).toFixed(6));
  const number = (value: number) => value.toLocaleString("en-US");
  const unfinished = count < wanted ? ` (of ${wanted} that are wanted)` : "";
  return [
    `${count} ${
      count === 1 ? "image" : "images"
    }${unfinished} of the ${dataset.split} split of ${dataset.name}, drawn by seed`,
    `each under Gaussian noise of sigma ${sigma}: ${
      number(selectionDraws)
    } draws choose the class, ${number(draws)} others bound its probability`,
    `a certificate holds with a confidence of ${confidence} %: no change of the image whose L2 norm is below its radius alters the class that is said under noise`,
    `no image can have a radius above ${
      largestRadius(settings).toFixed(3)
    } with so many draws of this sigma`,
  ];
}

/** Certificates for a terminal: certified accuracy by radius, with 95 % intervals. */
export function certificateText(certification: Shown): string {
  const { systems, results } = certification;
  const columns = certifiedColumns(certification);
  const lines = systems.map(({ name, title }) => [
    title,
    ...certifiedFigures(results[name]).map(({ text, interval }) =>
      interval === "" ? text : `${text} (${interval})`
    ),
  ]);
  return [
    `certified accuracy in percent by L2 radius (95 % interval of the choice of images)\n${
      textTable([["defense", ...columns], ...lines])
    }`,
    certifiedWords(certification).map((text) => `${text[0].toUpperCase()}${text.slice(1)}.`)
      .join("\n"),
  ].join("\n\n");
}
