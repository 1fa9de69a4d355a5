import assert from "node:assert/strict";
import { createEvaluationBatches } from "../batches/mod.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { columnsOf } from "./columns.ts";
import { evaluateColumn } from "./evaluate.ts";
import { countNotNumbers, notNumberAlarms } from "./not_numbers.ts";
import { undefended } from "./system.ts";
import { worstCases } from "./worst_cases.ts";

await useTestBackend();

Deno.test("countNotNumbers() counts examples, of any output, without padding", async () => {
  const output = {
    scores: tf.tensor2d([[1, NaN], [1, 2], [3, 4], [NaN, NaN]]),
    maps: [tf.tensor3d([[[1]], [[Infinity]], [[NaN]], [[0]]])],
    labels: tf.tensor1d([0, 1, 2, 3], "int32"),
    priors: tf.tensor1d([NaN]),
  };
  for (const [count, expected] of [[4, 3], [3, 2], [1, 1]]) {
    assert.equal(await countNotNumbers(output, 4, count), expected);
  }
  assert.equal(await countNotNumbers({ priors: output.priors }, 4, 4), 0);
  await assertNoLeak(() => countNotNumbers(output, 4, 4));
});

Deno.test("evaluateColumn() counts outputs that are not numbers, and the worst case has them too", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(1));
  const restore = (images: tf.Tensor4D) =>
    Promise.resolve(tf.tidy(() => tf.mul<tf.Tensor4D>(images, NaN)));
  const broken = { name: "broken", variables: [], restore };
  const systems = [
    undefended(target),
    { name: "broken", title: "Broken", role: "other" as const, target, defense: broken },
  ];
  const dataset = createToyDataset(7, "test");
  const parts = {
    preset: { seed: 1 },
    task,
    batches: () => createEvaluationBatches(dataset, task, { batchSize: 4 }),
  };
  const threatModels = { oblivious: { attacks: { pgd: { name: "pgd", epsilon: 0.1 } } } };
  const rows = [];
  for (const column of columnsOf({ threatModels }, systems)) {
    rows.push(...await evaluateColumn(parts, column));
  }
  rows.push(...worstCases(rows));
  assert.deepEqual(
    rows.map(({ system, attack, notANumber }) => [system, attack, notANumber]),
    [
      ["none", "clean", undefined],
      ["broken", "clean", 7],
      ["none", "pgd", undefined],
      ["broken", "pgd", 7],
      ["none", "worst case", undefined],
      ["broken", "worst case", 7],
    ],
  );
  assert.deepEqual(notNumberAlarms(rows), [
    '7 of 7 outputs of "broken" are not numbers on clean images, 7 of 7 under oblivious pgd: ' +
    "its figures there are of a network that does not work",
  ]);
});
