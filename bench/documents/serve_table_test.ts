import assert from "node:assert/strict";
import { serveTable } from "./serve_table.ts";

Deno.test("serveTable() has a line for each number of clients, and how memory went", () => {
  const latency = { p50: 12.5, p95: 14, p99: 16, max: 22 };
  const text = serveTable({
    version: 1,
    kind: "serve",
    date: "2026-01-01T00:00",
    served: { run: "run", system: "generator", size: [32, 48], random: false, task: "toy" },
    loads: [{ clients: 8, requests: 100, failed: 1, seconds: 1, requestsPerSecond: 99.5, latency }],
    memory: [{ requests: 10, resident: 500 }, { requests: 20, resident: 510 }],
    environment: { cpu: "a cpu", threads: 2 },
  });
  assert.match(text, /\| 8 \| 99\.5 \| 12\.5 \| 14 \| 16 \| 1 \|/);
  assert.match(text, /Images of 32x48, restored; a cpu, 2 threads\./);
  assert.match(text, /Memory: 500 MiB after 10 requests, 510 after 20\./);
});
