import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { measurePrecision } from "./measure_precision.ts";

await useTestBackend();

Deno.test("measurePrecision compares both precisions where the backend has two, and leaves no tensors behind", async () => {
  const before = tf.memory().numTensors;
  const gain = await measurePrecision({ milliseconds: 1 });
  assert.equal(tf.memory().numTensors, before);
  if (tf.getBackend() !== "tensorflow") return assert.equal(gain, undefined);
  assert.deepEqual(Object.keys(gain!.gains), ["64", "128", "256"]);
  assert.ok(Object.values(gain!.gains).every((value) => value > 0 && value < 100));
});
