/**
 * An exported page on the engines of a browser, as a table for the documents.
 *
 * @module
 */
import type { PageResult } from "../page/command.ts";
import { table } from "./markdown_table.ts";

/** Writes the times as Markdown. */
export function pageTable(
  { browser, size, bytes, engines, load, environment }: PageResult,
): string {
  const heading = [
    "engine",
    "ready, s",
    "a restoration, ms",
    "a step on the target, ms",
    "a step through both, ms",
  ];
  const lines = engines.map(({ engine, ready, restoration, step }) =>
    [engine, (ready / 1000).toFixed(1), restoration, step.target, step.system].map(String)
  );
  const { cpu, threads } = environment as { readonly cpu?: string; readonly threads?: number };
  const busy = `a load of ${load} besides`;
  const machine = [browser, cpu, threads && `${threads} threads`, busy].filter(Boolean).join(", ");
  const worst = Math.max(...engines.map(({ difference }) => difference));
  return `${table([heading, ...lines], (column) => column > 0)}\n\nImages of ${
    size.join("x")
  }, a page of ${
    (bytes / 1e6).toFixed(1)
  } MB; ${machine}. A restored image differs from the command line's by at most ${
    worst.toPrecision(1)
  }. [bench/results/page.json](../bench/results/page.json)`;
}
