import assert from "node:assert/strict";
import { createEvaluationBatches, createTrainingBatches } from "./mod.ts";
import type { Dataset } from "../dataset.ts";
import { createOrder } from "./order.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

interface ClassAnnotation {
  readonly class: number;
}

/** Pictures of 2x3 whose bytes are the index; `reads` counts what was asked for. */
function createCounting(length: number): Dataset<ClassAnnotation> & { reads: number } {
  const dataset = {
    name: "counting",
    split: "train",
    length,
    size: [2, 3] as const,
    classNames: ["even", "odd"],
    digest: "0",
    reads: 0,
    async read(index: number) {
      dataset.reads++;
      await new Promise((resolve) => setTimeout(resolve, index % 3));
      const picture = { height: 2, width: 3, pixels: new Uint8Array(18).fill(index) };
      return { id: `${index}`, picture, annotation: { class: index % 2 } };
    },
  };
  return dataset;
}

const task = {
  encodeLabels: (annotations: readonly ClassAnnotation[]) =>
    tf.tensor1d(annotations.map((annotation) => annotation.class), "int32"),
};

/** The ids of all batches, which are disposed. */
async function idsOf(
  batches: AsyncIterable<{ ids: readonly string[]; images: tf.Tensor; labels: tf.Tensor }>,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of batches) {
    ids.push(batch.ids.join());
    tf.dispose([batch.images, batch.labels]);
  }
  return ids;
}

Deno.test("createTrainingBatches gives images in [0, 1] with their labels, in the order of createOrder", async () => {
  await useTestBackend();
  const dataset = createCounting(10);
  const order = createOrder(10, 4, 3);
  let step = 0;
  for await (
    const batch of createTrainingBatches(dataset, task, { batchSize: 4, seed: 3, end: 5 })
  ) {
    const { indices } = order(step++);
    assert.deepEqual(batch.ids, Array.from(indices, String));
    assert.equal(batch.count, 4);
    assert.deepEqual(batch.images.shape, [4, 2, 3, 3]);
    assert.equal(batch.images.dtype, "float32");
    const expected = Array.from(indices).flatMap((index) => new Array(18).fill(index / 255));
    assertClose(batch.images, expected);
    assertClose(batch.labels, Array.from(indices, (index) => index % 2));
    tf.dispose([batch.images, batch.labels]);
  }
  assert.equal(step, 5);
});

Deno.test("createTrainingBatches that starts in the middle gives the same batches, augmentation included", async () => {
  await useTestBackend();
  const options = {
    batchSize: 3,
    seed: 5,
    end: 9,
    augmentation: (
      example: Awaited<ReturnType<Dataset<ClassAnnotation>["read"]>>,
      random: { integer(limit: number): number },
    ) => ({
      ...example,
      id: `${example.id}+${random.integer(1000)}`,
    }),
  };
  const whole = await idsOf(createTrainingBatches(createCounting(10), task, options));
  const rest = await idsOf(
    createTrainingBatches(createCounting(10), task, { ...options, start: 4 }),
  );
  assert.deepEqual(rest, whole.slice(4));
  assert.equal(new Set(whole.join().split(",")).size, 27, "augmentations differ between epochs");
  const drawn = await idsOf(
    createTrainingBatches(createCounting(10), task, { ...options, draws: 1 }),
  );
  assert.ok(new Set(drawn.join().split(",")).size <= 10, "one draw repeats its augmentations");
});

Deno.test("createTrainingBatches reads no further ahead than it is told, and leaves nothing when left early", async () => {
  await useTestBackend();
  for (const prefetch of [0, 1, 3]) {
    const dataset = createCounting(8);
    const batches = createTrainingBatches(dataset, task, { batchSize: 2, seed: 1, prefetch });
    const { value } = await batches.next();
    assert.equal(dataset.reads, 2 * (1 + prefetch));
    tf.dispose([value!.images, value!.labels]);
    const { numTensors } = tf.memory();
    await batches.return();
    assert.equal(tf.memory().numTensors, numTensors);
    assert.deepEqual(await batches.next(), { done: true, value: undefined });
  }
  await assertNoLeak(async () => {
    const batches = createTrainingBatches(createCounting(8), task, { batchSize: 2, seed: 1 });
    for await (const batch of batches) {
      tf.dispose([batch.images, batch.labels]);
      break;
    }
  });
});

Deno.test("createTrainingBatches reports a failed read when its turn comes, and only then", async () => {
  await useTestBackend();
  const dataset = createCounting(8);
  const bad = [...createOrder(8, 2, 1)(2).indices][1];
  const { read } = dataset;
  dataset.read = (index) =>
    index === bad ? Promise.reject(new Error("Cannot read 5.png: it is damaged")) : read(index);
  const batches = createTrainingBatches(dataset, task, { batchSize: 2, seed: 1, prefetch: 3 });
  for (let step = 0; step < 2; step++) {
    const { value } = await batches.next();
    tf.dispose([value!.images, value!.labels]);
  }
  await assert.rejects(batches.next(), /Cannot read 5.png/);
});

Deno.test("createTrainingBatches refuses pictures of another size than the dataset's", async () => {
  await useTestBackend();
  const dataset = { ...createCounting(4), size: [3, 3] as const };
  const batches = createTrainingBatches(dataset, task, { batchSize: 2, seed: 1 });
  await assert.rejects(batches.next(), /size must be 3x3: current size is 2x3/);
  assert.throws(
    () => createTrainingBatches(dataset, task, { batchSize: 5, seed: 1 }),
    /from 1 to the 4 examples: current value is 5/,
  );
});

Deno.test("createEvaluationBatches goes through the set once and pads the last batch", async () => {
  await useTestBackend();
  const dataset = createCounting(7);
  const seen: [string, number][] = [];
  for await (const batch of createEvaluationBatches(dataset, task, { batchSize: 3 })) {
    seen.push([batch.ids.join(), batch.count]);
    assert.deepEqual(batch.images.shape, [3, 2, 3, 3]);
    tf.dispose([batch.images, batch.labels]);
  }
  assert.deepEqual(seen, [["0,1,2", 3], ["3,4,5", 3], ["6,6,6", 1]]);
  assert.equal(dataset.reads, 7, "padding reads nothing");
  const rest = await idsOf(createEvaluationBatches(dataset, task, { batchSize: 3, start: 2 }));
  assert.deepEqual(rest, ["6,6,6"]);
});

Deno.test("createEvaluationBatches changes examples as training batches of the same draw do", async () => {
  await useTestBackend();
  const augmentation = (
    example: Awaited<ReturnType<Dataset<ClassAnnotation>["read"]>>,
    random: { integer(limit: number): number },
  ) => ({ ...example, id: `${example.id}+${random.integer(1000)}` });
  const training = createTrainingBatches(createCounting(6), task, {
    batchSize: 3,
    seed: 9,
    end: 8,
    augmentation,
    draws: 2,
  });
  const trained = [new Set<string>(), new Set<string>()];
  for await (const { ids, draw, images, labels } of training) {
    ids.forEach((id) => trained[draw].add(id));
    tf.dispose([images, labels]);
  }
  for (const draw of [0, 1]) {
    const changed: string[] = [];
    const changes = { augmentation, seed: 9, draw };
    const options = { batchSize: 4, changes };
    for await (const batch of createEvaluationBatches(createCounting(6), task, options)) {
      assert.equal(batch.draw, draw);
      changed.push(...batch.ids.slice(0, batch.count));
      tf.dispose([batch.images, batch.labels]);
    }
    assert.deepEqual(changed.sort(), [...trained[draw]].sort());
  }
  assert.notDeepEqual(trained[0], trained[1]);
});

Deno.test("createEvaluationBatches of few examples is no longer than they are", async () => {
  await useTestBackend();
  const ids = await idsOf(createEvaluationBatches(createCounting(3), task, { batchSize: 500 }));
  assert.deepEqual(ids, ["0,1,2"]);
});

Deno.test("batches name the example whose label or pixels cannot be used", async () => {
  await useTestBackend();
  const strict = {
    encodeLabels(annotations: readonly ClassAnnotation[]) {
      if (annotations.some((annotation) => annotation.class === 1)) throw new RangeError("Cannot");
      return task.encodeLabels(annotations);
    },
  };
  await assertNoLeak(() =>
    assert.rejects(
      createEvaluationBatches(createCounting(4), strict, { batchSize: 4 }).next(),
      /^RangeError: Cannot \(1 of counting\)$/,
    )
  );
  const counting = createCounting(2);
  const floats = {
    ...counting,
    read: async (index: number) => {
      const { picture, ...rest } = await counting.read(index);
      const pixels = Float32Array.from(picture.pixels) as unknown as Uint8Array;
      return { ...rest, picture: { ...picture, pixels } };
    },
  };
  await assert.rejects(
    createEvaluationBatches(floats, task, { batchSize: 2 }).next(),
    /Cannot put 0 of counting into a batch as its pixels must be bytes/,
  );
});
