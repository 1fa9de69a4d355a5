import assert from "node:assert/strict";
import { assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { createAccuracy } from "./metric.ts";
import type { ClassifierOutput } from "./models/mod.ts";

/** Logits that name these classes, of three. */
function outputFor(predicted: readonly number[]): ClassifierOutput {
  const rows = predicted.map((top) => [0, 1, 2].map((index) => index === top ? 2 : -index));
  return { logits: tf.tensor2d(rows), features: tf.zeros([predicted.length, 1]) };
}

const classes = (values: readonly number[]) => tf.tensor1d([...values], "int32");

Deno.test("createAccuracy counts over batches and leaves padding out", async () => {
  await useTestBackend();
  const metric = createAccuracy(3);
  await metric.update(outputFor([0, 1, 1, 2]), classes([0, 1, 0, 2]), 4);
  await metric.update(outputFor([1, 0, 2, 2]), classes([1, 1, 2, 2]), 2);
  const { name, value, count, details } = metric.result();
  assert.deepEqual([name, value, count], ["accuracy", 4 / 6, 6]);
  assert.deepEqual(details, {
    perClass: [1 / 2, 2 / 3, 1],
    notANumber: 0,
    confusion: [[1, 1, 0], [1, 2, 0], [0, 0, 1]],
  });
});

Deno.test("createAccuracy says nothing of classes that were not met", async () => {
  await useTestBackend();
  const metric = createAccuracy(3);
  await metric.update(outputFor([0]), classes([1]), 1);
  assert.deepEqual(metric.result().details?.perClass, [null, 0, null]);
});

Deno.test("createAccuracy counts logits that are not a number as wrong", async () => {
  await useTestBackend();
  const metric = createAccuracy(3);
  const logits = tf.tensor2d([[NaN, NaN, NaN], [1, NaN, 0], [1, 0, 0]]);
  await metric.update({ logits, features: logits }, classes([0, 0, 0]), 3);
  assert.equal(metric.result().value, 1 / 3);
  assert.equal(metric.result().details?.notANumber, 2);
});

Deno.test("createAccuracy keeps the result of a thousand classes small", async () => {
  await useTestBackend();
  const metric = createAccuracy(1000);
  const logits = tf.zeros<tf.Rank.R2>([1, 1000]);
  await metric.update({ logits, features: logits }, classes([0]), 1);
  assert.equal("confusion" in metric.result().details!, false);
});

Deno.test("createAccuracy has no result before the first example", () => {
  assert.throws(() => createAccuracy(3).result(), RangeError);
});

Deno.test("createAccuracy leaves no tensors behind and disposes none of its caller's", async () => {
  await useTestBackend();
  const metric = createAccuracy(3);
  const output = outputFor([0, 1]);
  const labels = classes([0, 1]);
  await assertNoLeak(() => metric.update(output, labels, 2));
  assert.equal(output.logits.isDisposed || labels.isDisposed, false);
});
