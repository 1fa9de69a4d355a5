import assert from "node:assert/strict";
import { createEvaluationBatches } from "../batches/mod.ts";
import { type Defense, identityDefense } from "../defenses/mod.ts";
import { assertNoLeak } from "../testing/mod.ts";
import {
  attackedBy,
  cleanOf,
  darker,
  dataset,
  LENGTH,
  obliviousOf,
  partsOf,
  task,
  whiteboxOf,
} from "../testing/toy_columns.ts";
import { evaluateColumn } from "./evaluate.ts";

Deno.test("evaluateColumn leaves no tensor behind", async () => {
  await assertNoLeak(async () => {
    await evaluateColumn(partsOf(), cleanOf(identityDefense, darker));
    await evaluateColumn(partsOf(), obliviousOf(identityDefense, darker));
    await evaluateColumn(partsOf(), whiteboxOf(darker));
  });
});

/** What throws in the midst of a column, by what it is. */
const faults: Readonly<Record<string, () => readonly [typeof task, Defense]>> = {
  metric: () => {
    const update = () => Promise.reject(new Error("broken"));
    return [{ ...task, createMetric: () => ({ ...task.createMetric(), update }) }, darker];
  },
  defense: () => [task, { ...darker, restore: () => Promise.reject(new Error("broken")) }],
  judge: () => {
    const classOf = () => {
      throw new Error("broken");
    };
    return [{ ...task, classOf }, darker];
  },
  attack: () => [attackedBy(() => Promise.reject(new Error("broken"))), darker],
};
for (const [what, make] of Object.entries(faults)) {
  Deno.test(`evaluateColumn leaves no tensor behind where the ${what} throws`, async () => {
    const [broken, defense] = make();
    const batches = () =>
      createEvaluationBatches(dataset, task, { batchSize: LENGTH, prefetch: 0 });
    const parts = partsOf({ task: broken, batches });
    await assertNoLeak(() => assert.rejects(evaluateColumn(parts, obliviousOf(defense)), /broken/));
  });
}
