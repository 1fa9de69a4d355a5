import assert from "node:assert/strict";
import { createEvaluationBatches, createTrainingBatches } from "../batches/mod.ts";
import { createRandom } from "../random.ts";
import { asWorker } from "../testing/as_worker.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import {
  foundByAll,
  fromAll,
  fromFirst,
  gathered,
  inShares,
  meanOfWorkers,
  meansOfWorkers,
  ownDraws,
  ownRows,
} from "./mod.ts";

await useTestBackend();

const nothing = (tensor: tf.Tensor) => tf.zerosLike(tensor);

Deno.test("gathered puts this worker's rows in their places of each block, of numbers, whole numbers and truths", () => {
  const rows = tf.tensor2d([[1], [2], [11], [12]]);
  const whole = asWorker(1, 3, () => gathered(rows, 2), nothing);
  assertClose(whole, [0, 0, 1, 2, 0, 0, 0, 0, 11, 12, 0, 0]);
  const labels = { classes: tf.tensor1d([5, 6], "int32"), valid: tf.tensor1d([1, 0], "bool") };
  const { classes, valid } = asWorker(0, 2, () => gathered(labels), nothing);
  assert.deepEqual([classes.dtype, valid.dtype], ["int32", "bool"]);
  assertClose(classes, [5, 6, 0, 0]);
  assertClose(valid, [1, 0, 0, 0]);
});

Deno.test("gathered gives this worker's rows their gradient, times the workers, whose mean is taken later", () => {
  const rows = tf.tensor1d([1, 2]);
  const weights = tf.tensor1d([1, 2, 3, 4]);
  const gradient = asWorker(
    1,
    2,
    () => tf.grad((rows) => tf.sum(tf.mul(gathered(rows), weights)))(rows),
    nothing,
  );
  assertClose(gradient, [2 * 3, 2 * 4]);
});

Deno.test("meanOfWorkers and meansOfWorkers divide by the workers, in many buckets too", () => {
  const others = (tensor: tf.Tensor) => tf.mul(tensor, 5);
  assertClose(asWorker(0, 2, () => meanOfWorkers(tf.scalar(3)), others), [9]);
  const gradient = asWorker(0, 2, () => tf.grad(meanOfWorkers)(tf.scalar(3)), others);
  assertClose(gradient, [3]);
  const large = tf.ones([1_500_000]);
  const [first, none, second, third] = asWorker(
    0,
    2,
    () => meansOfWorkers([tf.tensor2d([[1, 2]]), undefined, large, tf.scalar(4)]),
    others,
  );
  assert.equal(none, undefined);
  assert.deepEqual([first!.shape, second!.shape, third!.shape], [[1, 2], [1_500_000], []]);
  assertClose(first!, [3, 6]);
  assertClose(third!, [12]);
  assertClose(tf.sum(second!), [4_500_000]);
});

Deno.test("ownDraws gives each worker its part of what one process draws, and all the same single numbers", () => {
  const stream = () => createRandom(3, "noise");
  const whole = stream().uniforms(6, -1, 1);
  const normals = stream().fork("a", 1).normals(6, 2);
  for (const index of [0, 1, 2]) {
    asWorker(index, 3, () => {
      assert.deepEqual(
        ownDraws(stream()).uniforms(2, -1, 1),
        whole.slice(2 * index, 2 * index + 2),
      );
      const forked = ownDraws(stream()).fork("a", 1).normals(2, 2);
      assert.deepEqual(forked, normals.slice(2 * index, 2 * index + 2));
      assert.equal(ownDraws(stream()).next(), stream().next());
      assert.equal(ownDraws(stream()).integer(9), stream().integer(9));
    });
  }
});

Deno.test("ownRows are equal shares, or refused", () => {
  assert.deepEqual(asWorker(2, 4, () => ownRows(8)), { first: 4, rows: 2 });
  assert.throws(() => asWorker(0, 4, () => ownRows(6)), /among 4 workers .* current value is 6/);
});

Deno.test("training batches of a share are the rows of the whole batches", async () => {
  const dataset = createToyDataset(12);
  const task = createToyTask();
  const options = { batchSize: 6, seed: 1, end: 3, augmentation: task.augmentations.flip };
  await assertNoLeak(async () => {
    const whole = createTrainingBatches(dataset, task, options);
    const part = createTrainingBatches(dataset, task, { ...options, own: { first: 2, rows: 2 } });
    for await (const { ids, indices, images, labels } of whole) {
      const own = (await part.next()).value!;
      assert.deepEqual(own.ids, ids.slice(2, 4));
      assert.deepEqual([...own.indices], [...indices.slice(2, 4)]);
      assert.equal(own.count, 2);
      assertClose(own.images, tf.tidy(() => tf.slice(images, 2, 2).dataSync()), 0);
      assertClose(own.labels, tf.tidy(() => tf.slice(labels, 2, 2).dataSync()), 0);
      tf.dispose([images, labels, own.images, own.labels]);
    }
    await part.return();
  });
});

Deno.test("inShares computes this worker's rows, gathers them, and keeps nothing", async () => {
  const batches = createEvaluationBatches(createToyDataset(4), createToyTask(), { batchSize: 4 });
  const { images, labels } = (await batches.next()).value!;
  const twice = (own: { images: tf.Tensor; labels: tf.Tensor }) =>
    Promise.resolve({ images: tf.mul(own.images, 2), labels: tf.clone(own.labels) });
  await assertNoLeak(async () => {
    const all = await asWorker(1, 2, () => inShares({ images, labels }, twice), nothing);
    assert.deepEqual(all.images.shape, images.shape);
    const [first, own] = tf.tidy(() =>
      tf.split(all.images, 2).map((half) => half.dataSync<"float32">())
    );
    assert.ok(first.every((value) => value === 0));
    assertClose(own, tf.tidy(() => tf.mul(tf.split(images, 2)[1], 2).dataSync()));
    tf.dispose(all);
  });
  tf.dispose([images, labels]);
  await batches.return();
});

Deno.test("messages have the first worker's bytes, each worker's numbers, and agree on what was found", async () => {
  const bytes = new Uint8Array([7, 0, 255, 128, 1]);
  const read = () => Promise.resolve(bytes);
  assert.deepEqual(await asWorker(0, 2, () => fromFirst(read), nothing), bytes);
  assert.equal(
    await asWorker(0, 2, () => fromFirst(() => Promise.resolve(undefined)), nothing),
    undefined,
  );
  const all = await asWorker(1, 2, () => fromAll(Int32Array.of(3, 4)), nothing);
  assert.deepEqual(all.map((one) => [...one]), [[0, 0], [3, 4]]);
  assert.equal(await asWorker(0, 2, () => foundByAll("a", () => 1), nothing), undefined);
  const other = (tensor: tf.Tensor) => tf.reverse(tensor);
  assert.equal(await asWorker(0, 2, () => foundByAll("a", () => 1), other), "a");
});
