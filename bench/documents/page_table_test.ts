import assert from "node:assert/strict";
import { pageTable } from "./page_table.ts";

Deno.test("pageTable() has a line for each engine, and the greatest difference", () => {
  const text = pageTable({
    version: 1,
    kind: "page",
    date: "2026-01-01T00:00",
    ...{ browser: "Chrome/1", size: [32, 48], bytes: 2_000_000 },
    engines: [
      {
        ...{ engine: "wasm", ready: 1234, restoration: 20, step: { target: 5.5, system: 40 } },
        difference: 2.1e-7,
      },
      {
        ...{ engine: "cpu", ready: 2000, restoration: 300, step: { target: 9, system: 400 } },
        difference: 4.4e-7,
      },
    ],
    load: 0.5,
    environment: { cpu: "a cpu", threads: 2 },
  });
  assert.match(text, /\| wasm \| 1\.2 \| 20 \| 5\.5 \| 40 \|/);
  assert.match(
    text,
    /Images of 32x48, a page of 2\.0 MB; Chrome\/1, a cpu, 2 threads, a load of 0\.5 besides\./,
  );
  assert.match(text, /by at most 4e-7\./);
});
