import assert from "node:assert/strict";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { backendInfo, type BackendName, record, selectBackend } from "./mod.ts";

await useTestBackend();
const first = backendInfo()!;

Deno.test("selectBackend comes back to a backend as it was, tensors and recordings included", async () => {
  const weight = tf.variable(tf.mul(tf.tensor1d([1, 2]), 2));
  using step = record(({ x }: { x: tf.Tensor }) => tf.mul(x, weight), { variables: [weight] });
  assertClose(step({ x: tf.ones([2]) }), [2, 4]);
  await selectBackend("cpu");
  assert.equal(tf.getBackend(), "cpu");
  assert.equal(backendInfo()!.name, "cpu");
  const again = await selectBackend(first.name as BackendName);
  assert.deepEqual(again, first);
  assertClose(step({ x: tf.ones([2]) }), [2, 4]);
  weight.dispose();
});

Deno.test("selectBackend moves tensors along with the backend", async () => {
  const made = tf.mul(tf.tensor1d([1, 2]), 2);
  await selectBackend("cpu");
  const sum = tf.add(made, 1);
  await useTestBackend();
  assertClose(tf.mul(sum, made), [6, 20]);
});

Deno.test("selectBackend refuses a name that is none, and says which there are", async () => {
  await assert.rejects(
    selectBackend("cuda" as BackendName),
    /must be one of auto, tensorflow, wasm, webgpu, cpu: current value is "cuda"/,
  );
});

Deno.test("selectBackend refuses a device that is none", async () => {
  for (const device of ["gpu", "tpu", "gpu:a", ""]) {
    await assert.rejects(selectBackend("cpu", { device }), /must be auto, cpu or gpu:0 with/);
  }
  assert.notEqual(tf.getBackend(), "cpu");
});
