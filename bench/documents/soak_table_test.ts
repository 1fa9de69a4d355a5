import assert from "node:assert/strict";
import { soakTable } from "./soak_table.ts";

Deno.test("soakTable() shows both ends of what was measured, and leaves out what was not", () => {
  const end = { early: 700.4, late: 690.6, allowed: 24, flat: true };
  const text = soakTable({
    version: 1,
    hours: 2.01,
    rounds: 9,
    commands: 72,
    flat: true,
    ends: { native: end, tensors: { early: 0, late: 0, allowed: 0, flat: true } },
    samples: [],
    environment: { commit: "0123456789" },
  });
  assert.match(
    text,
    /\| memory outside V8, MiB \| 700 \| 691 \| 24 \|\n\| tensors \| 0 \| 0 \| 0 \|\n/,
  );
  assert.match(text, /72 commands in 9 rounds within 2\.0 hours, in one process, commit 0123456:/);
  assert.doesNotMatch(text, /open files/);
});
