import assert from "node:assert/strict";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createStopwatch } from "./stopwatch.ts";

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
