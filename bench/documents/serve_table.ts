/**
 * A service under load, as a table for the documents.
 *
 * @module
 */
import type { ServeResult } from "../serve/command.ts";
import { table } from "./markdown_table.ts";

/** Writes the loads as Markdown, and how memory went. */
export function serveTable({ served, loads, memory, environment }: ServeResult): string {
  const heading = ["clients", "requests/s", "median, ms", "95 %, ms", "99 %, ms", "failed"];
  const lines = loads.map(({ clients, requestsPerSecond, latency: { p50, p95, p99 }, failed }) =>
    [clients, requestsPerSecond, p50, p95, p99, failed].map(String)
  );
  const { cpu, threads } = environment as { readonly cpu?: string; readonly threads?: number };
  const [first, last] = [memory[0], memory[memory.length - 1]];
  const held = first
    ? ` Memory: ${first.resident} MiB after ${first.requests} requests, ${last.resident} after ${last.requests}.`
    : "";
  const machine = [cpu, threads && `${threads} threads`].filter(Boolean).join(", ");
  const size = served.size ? ` of ${served.size.join("x")}` : "";
  return `${table([heading, ...lines], () => true)}\n\nImages${size}, restored${
    machine && `; ${machine}`
  }.${held} [bench/results/serve.json](../bench/results/serve.json)`;
}
