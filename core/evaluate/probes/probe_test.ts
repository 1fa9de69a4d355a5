import assert from "node:assert/strict";
import { createEvaluationBatches } from "../../batches/mod.ts";
import { randomResizePadDefense } from "../../defenses/mod.ts";
import { createRandom } from "../../random.ts";
import { assertNoLeak, useTestBackend } from "../../testing/mod.ts";
import { createToyDataset, createToyTask } from "../../testing/toy_task.ts";
import * as tf from "../../tf.ts";
import { probeSystem } from "./probe.ts";

await useTestBackend();

const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(1));
const parts = {
  seed: 1,
  task,
  batches: () => createEvaluationBatches(createToyDataset(6), task, { batchSize: 4, prefetch: 0 }),
  epsilon: 0.03,
};
const system = { name: "O", target };

Deno.test("probeSystem gives the same numbers again, leaks nothing, and takes no more batches than it needs", async () => {
  const probe = await probeSystem(parts, system);
  assert.equal(probe.examples, 6, "padding is no example");
  assert.deepEqual(await probeSystem(parts, system), probe);
  const seen: number[] = [];
  const first = await probeSystem({ ...parts, examples: 3 }, system, (done) => seen.push(done));
  assert.deepEqual([first.examples, seen], [4, [4]]);
  await assertNoLeak(() => probeSystem(parts, system));
  using resized = randomResizePadDefense({ smallest: 0.5, perImage: true });
  await assertNoLeak(() => probeSystem(parts, { ...system, defense: resized }));
});

Deno.test("probeSystem has no numbers of gradients where there are none", async () => {
  const defense = {
    name: "black box",
    variables: [],
    restore: (images: tf.Tensor4D) => Promise.resolve(tf.tidy(() => tf.round<tf.Tensor4D>(images))),
  };
  const { numbers } = await probeSystem(parts, { ...system, defense });
  assert.deepEqual(Object.keys(numbers).toSorted(), [
    ...["changedLogits", "changedPredictions", "lossChangeByNoise", "probabilities"],
    "saturatedOutputs",
  ]);
  assert.equal(numbers.saturatedOutputs, 1);
});

Deno.test("probeSystem counts zeros and what is not a number in gradients", async () => {
  const through = (apply: (images: tf.Tensor4D) => tf.Tensor) => ({
    name: "through",
    variables: [],
    restore: (images: tf.Tensor4D) => Promise.resolve(tf.tidy(() => tf.clone(images))),
    gradient: { exact: true, apply: (images: tf.Tensor4D) => apply(images) as tf.Tensor4D },
  });
  // The gradient of the left half of the pixels is 0.
  const half = through((images) => {
    const [count, height, width, channels] = images.shape;
    const mask = Array.from({ length: width }, (_, x) => Number(x >= width / 2));
    return tf.add(
      tf.mul(images, tf.tensor4d(mask, [1, 1, width, 1])),
      tf.fill([count, height, width, channels], 0.1),
    );
  });
  const zeros = await probeSystem(parts, { ...system, defense: half });
  assert.equal(zeros.numbers.zeroGradientEntries, 0.5);
  assert.equal(zeros.numbers.imagesWithoutGradient, 0);
  const broken = through((images) => tf.add(images, tf.sqrt(tf.mul(images, 0))));
  const { numbers } = await probeSystem(parts, { ...system, defense: broken });
  assert.equal(numbers.notANumberGradientEntries, 1);
  assert.equal(numbers.imagesWithoutGradient, 0);
});

Deno.test("probeSystem stops when it is told to", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(probeSystem({ ...parts, signal }, system), /enough/);
});

Deno.test("probeSystem makes do with a task that decides nothing, or has no loss", async () => {
  const { logits: _, classOf: __, ...measuring } = task;
  const { numbers } = await probeSystem({ ...parts, task: measuring }, system);
  assert.ok(numbers.lossRiseAtEnd >= 0);
  assert.ok(!("changedPredictions" in numbers) && !("unconstrainedSurvivors" in numbers));
  const bare = await probeSystem({ ...parts, task: { ...measuring, objectives: {} } }, system);
  assert.deepEqual(bare.numbers, {});
});
