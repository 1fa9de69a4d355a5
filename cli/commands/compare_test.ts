import assert from "node:assert/strict";
import { join } from "node:path";
import { evaluation } from "../report/testing.ts";
import { RunStore } from "../runs/run_store.ts";
import { runHere, sampleRun } from "../testing.ts";

/** A folder with runs, evaluated or not. */
async function runsOf(
  count: number,
  isEvaluated = true,
): Promise<{ folder: string; ids: string[] }> {
  const folder = await Deno.makeTempDir({ prefix: "realign-compare-" });
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    using store = await RunStore.create(folder, sampleRun, () => {});
    if (isEvaluated) await store.writeJson("evaluation.json", evaluation);
    ids.push(store.id);
  }
  return { folder, ids };
}

Deno.test("compare puts runs beside each other, as text, as JSON and as a page", async () => {
  const { folder, ids } = await runsOf(2);
  const told = await runHere(["compare", ...ids, "--runs", folder]);
  for (const id of ids) assert.match(told.out, new RegExp(`${id}: Behind Generator G`));
  const out = join(folder, "elsewhere");
  const json = await runHere(["compare", ...ids, "--runs", folder, "--out", out, "--json"]);
  const { page, systems } = JSON.parse(json.out);
  assert.equal(systems.length, 3);
  assert.match(await Deno.readTextFile(page), /What each attacker leaves/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("compare names a run that was not evaluated, and how to", async () => {
  const { folder, ids } = await runsOf(1, false);
  const { code, error } = await runHere(["compare", ...ids, "--runs", folder]);
  assert.equal(code, 1);
  assert.match(
    error,
    /^error: Cannot compare \S+ as it has not been evaluated: realign evaluate \S+$/m,
  );
  await Deno.remove(folder, { recursive: true });
});
