/**
 * Certified accuracy by radius, as a table for the documents.
 *
 * @module
 */
import type { Certification } from "../../cli/runs/certificate_file.ts";
import {
  certifiedColumns,
  certifiedFigures,
  certifiedWords,
} from "../../cli/report/certificate_words.ts";
import { sentence } from "../../cli/report/labels.ts";
import { table } from "./markdown_table.ts";
import { withoutPaths } from "./without_paths.ts";

/** Certificates as they are committed: without those of single images. */
export interface CommittedCertificates extends Omit<Certification, "examples"> {
  /** The run that they belong to, by its file's name without ".json". */
  readonly result: string;
}

/** Certificates as they are committed, without paths of a machine. */
export function certificatesToKeep(
  result: string,
  { examples: _, environment, ...certification }: Certification,
): CommittedCertificates {
  return { result, ...certification, environment: withoutPaths(environment) };
}

/** Writes certificates as Markdown, a table for each run with how they were made; "" where there are none. */
export function certificateTable(all: readonly CommittedCertificates[]): string {
  return all.map((kept) => {
    const { dataset, target, systems, results, result, environment } = kept;
    const heading = ["Data, target O", "Defense", ...certifiedColumns(kept).map(sentence)];
    const lines = systems.map(({ name, title }) => [
      `${dataset.name}, ${target.architecture}`,
      title,
      ...certifiedFigures(results[name]).map(({ text, interval }) =>
        interval === "" ? text : `${text} (${interval})`
      ),
    ]);
    const { commit } = environment as { readonly commit?: string };
    const words = [
      ...certifiedWords(kept).map((text) => `${sentence(text)}.`),
      `In brackets, 95 % intervals of the choice of images. Preset ${kept.preset}, seed ${kept.seed}${
        commit === undefined ? "" : `, commit ${commit.slice(0, 7)}`
      }: [bench/results/${result}.certificate.json](../bench/results/${result}.certificate.json).`,
    ];
    return `${table([heading, ...lines], (column) => column > 1)}\n\n${words.join(" ")}`;
  }).join("\n\n");
}
