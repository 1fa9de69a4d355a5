/**
 * What a soak found, as a table for the documents.
 *
 * @module
 */
import type { SoakResult } from "../soak/main.ts";
import { table } from "./markdown_table.ts";

/** What is held, in words. */
const NAMES = {
  native: "memory outside V8, MiB",
  heap: "V8's heap in use, MiB",
  tensors: "tensors",
  handles: "open files",
} as const;

/** Writes a soak as Markdown: medians after the warm-up and at the end. */
export function soakTable({ hours, rounds, commands, ends, environment }: SoakResult): string {
  const heading = ["held by the process", "first fifth", "last fifth", "allowed more"];
  const lines = (Object.keys(NAMES) as (keyof typeof NAMES)[]).flatMap((name) => {
    const end = ends[name];
    if (!end) return [];
    return [
      [NAMES[name], end.early, end.late, end.allowed].map((cell) =>
        typeof cell === "number" ? cell.toFixed(0) : cell
      ),
    ];
  });
  const { commit } = environment as { readonly commit?: string };
  return `${
    table([heading, ...lines], (column) => column > 0)
  }\n\n${commands} commands in ${rounds} rounds within ${hours.toFixed(1)} hours, in one process${
    commit === undefined ? "" : `, commit ${commit.slice(0, 7)}`
  }: [bench/results/soak.json](../bench/results/soak.json).`;
}
