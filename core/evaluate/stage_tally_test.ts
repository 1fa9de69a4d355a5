import assert from "node:assert/strict";
import { ones, partsOf, reckon, systemOf, target } from "../testing/toy_columns.ts";
import type { ToyOutput } from "../testing/toy_task.ts";
import type { Column } from "./columns.ts";
import { evaluateColumn } from "./evaluate.ts";
import { StageTally } from "./stage_tally.ts";

Deno.test("StageTally sums stages over batches, and says nothing where some are unknown", () => {
  const tally = new StageTally();
  assert.equal(tally.of(0), undefined);
  tally.add([{ stage: "clean", left: 3 }, { stage: "apgd-ce", left: 1 }], 4);
  tally.add([{ stage: "clean", left: 2 }, { stage: "apgd-ce", left: 0 }], 4);
  assert.deepEqual(tally.of(8), [{ stage: "clean", left: 5 }, { stage: "apgd-ce", left: 1 }]);
  assert.equal(tally.of(12), undefined);
});

Deno.test("a row of AutoAttack says how many examples each of its stages left", async () => {
  const column: Column<ToyOutput> = {
    threatModel: "whitebox",
    attack: "autoattack",
    settings: { name: "autoattack", epsilon: 0.1, version: "rand", draws: 1 },
    attacked: { target },
    systems: [systemOf()],
  };
  const [row] = await evaluateColumn(partsOf(), column);
  const [clean, ...stages] = row.survivors!;
  assert.equal(clean.left, ones(await reckon((images) => images)));
  assert.deepEqual(stages.map(({ stage }) => stage), ["apgd-ce", "apgd-dlr"]);
  assert.equal(stages.at(-1)!.left, ones(row.outcomes!), "the last stage leaves the figure");
});
