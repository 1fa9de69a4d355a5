import assert from "node:assert/strict";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Defense } from "../defenses/mod.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { type Column, columnsOf } from "./columns.ts";
import { evaluateColumn } from "./evaluate.ts";
import { createStopwatch } from "./stopwatch.ts";
import { undefended } from "./system.ts";

await useTestBackend();

/** What a stopwatch says of batches that take so long. */
async function timed(milliseconds: readonly number[], size = 4): Promise<number | undefined> {
  let now = 100;
  const stopwatch = createStopwatch(() => now);
  using output = { value: tf.zeros([size, 3]), [Symbol.dispose]: () => tf.dispose(output.value) };
  for (const length of milliseconds) {
    const begun = now;
    now += length;
    await stopwatch.stop(begun, { logits: output.value }, size);
  }
  return stopwatch.result();
}

Deno.test("createStopwatch takes the median per image and leaves the first batch out", async () => {
  assert.equal(await timed([1000, 8, 12, 400]), 3);
  assert.equal(await timed([1000, 8, 12]), 2.5);
  assert.equal(await timed([1000, 8], 1), 8);
});

Deno.test("createStopwatch says nothing of a single batch, which is recorded in its time", async () => {
  assert.equal(await timed([]), undefined);
  assert.equal(await timed([1000]), undefined);
});

Deno.test("createStopwatch leaves no tensors behind and disposes none of the output's", async () => {
  const output = { logits: tf.zeros([2, 3]), none: tf.zeros([0, 3]) };
  await assertNoLeak(() => createStopwatch().stop(0, output, 2));
  assert.equal(output.logits.isDisposed, false);
  tf.dispose(output);
});

Deno.test("evaluateColumn times O and each defense on clean images, once they are warm", async () => {
  const [first, later, size] = [200, 40, 4];
  let calls = 0;
  const defense: Defense = {
    name: "slow",
    variables: [],
    restore: async (images) => {
      await new Promise((resolve) => setTimeout(resolve, calls++ === 0 ? first : later));
      return tf.clone(images);
    },
  };
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(4, "target"));
  const threatModels = { oblivious: { attacks: { fgsm: { name: "fgsm", epsilon: 0.06 } } } };
  const systems = [undefended(target), { name: "slow", title: "Slow", target, defense }];
  const [clean, attacked] = columnsOf({ threatModels }, systems);
  const timesOf = async (column: Column<Parameters<typeof task.taskLoss>[0]>, batchSize = size) => {
    const dataset = createToyDataset(10, "test");
    const batches = () => createEvaluationBatches(dataset, task, { batchSize });
    const rows = await evaluateColumn({ preset: toyPreset, task, batches }, column);
    return rows.map(({ millisecondsPerImage }) => millisecondsPerImage);
  };
  const [alone, behind] = await timesOf(clean) as number[];
  assert.ok(alone > 0 && alone < behind);
  assert.ok(behind >= 0.95 * later / size && behind < first / size, `${behind} ms`);
  assert.deepEqual(await timesOf(attacked), [undefined, undefined]);
  assert.deepEqual(await timesOf(clean, 10), [undefined, undefined], "a single batch is not warm");
});
