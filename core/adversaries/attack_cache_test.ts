import assert from "node:assert/strict";
import type { AttackCache } from "./attack_cache.ts";
import { noStorage } from "./cache_storage.ts";
import { createAttack } from "../attacks/mod.ts";
import type { Attack } from "../attacks/attack.ts";
import type { Batch } from "../dataset.ts";
import { victimOf } from "../evaluate/victim.ts";
import { createRandom } from "../random.ts";
import { assertClose } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { type ToyOutput, toyTrainingBatches } from "../testing/toy_task.ts";
import {
  batchesOf,
  createCache,
  createStorage,
  dataset,
  EPSILON,
  fill,
  LENGTH,
  seed,
  target,
  task,
} from "../testing/attack_cache.ts";

/** What a cache holds of every training batch of two epochs, as numbers. */
async function contentOf({ cache }: { cache: AttackCache<ToyOutput, tf.Tensor1D> }) {
  const content: Float32Array[] = [];
  for await (const batch of toyTrainingBatches(dataset, 0, 6, 2)) {
    const { adversarial, cleanFeatures } = await cache.lookUp(batch);
    content.push(adversarial.dataSync<"float32">(), cleanFeatures!.dataSync<"float32">());
    tf.dispose([adversarial, cleanFeatures!, batch.images, batch.labels]);
  }
  return content;
}

const dispose = ({ images, labels }: Batch<tf.Tensor1D>) => tf.dispose([images, labels]);

Deno.test("AttackCache gives back what the attack made, within half a level and inside the ball", async () => {
  using filled = createCache();
  assert.deepEqual(await fill(filled), [6, 12, 18, 20, 26, 32, 38, 40]);
  for (const pass of [0, 1]) {
    for await (const batch of batchesOf(pass, 0)) {
      const { adversarial, cleanFeatures } = await filled.cache.lookUp(batch);
      const random = createRandom(seed, "attack", pass, batch.indices[0]);
      const made = await filled.attack.perturb(batch.images, batch.labels, random);
      const output = tf.tidy(() => target.forward(batch.images));
      const { count } = batch;
      const rows = (all: tf.Tensor) => tf.slice(all, 0, count).dataSync<"float32">();
      assertClose(rows(adversarial), rows(made), EPSILON / 254 + 1e-6);
      assertClose(rows(cleanFeatures!), rows(output.features), 1e-5);
      const change = tf.max(tf.abs(tf.sub(adversarial, batch.images))).dataSync()[0];
      assert.ok(change > EPSILON / 2 && change <= EPSILON + 1e-6, `${change}`);
      const [least, most] = [tf.min(adversarial), tf.max(adversarial)].map((x) => x.dataSync()[0]);
      assert.ok(least >= 0 && most <= 1);
      dispose(batch);
    }
  }
});

Deno.test("AttackCache finds examples in any order, those of training batches", async () => {
  using filled = createCache();
  await fill(filled);
  const byIndex = new Map<string, Float32Array>();
  const keep = async (batch: Batch<tf.Tensor1D>, pass: number, check: boolean) => {
    const { adversarial, cleanFeatures } = await filled.cache.lookUp(batch);
    batch.indices.subarray(0, batch.count).forEach((index, row) => {
      const values = tf.concat([
        tf.slice(cleanFeatures!, row, 1).flatten(),
        tf.slice(adversarial, row, 1).flatten(),
      ]).dataSync<"float32">();
      if (check) assert.deepEqual(values, byIndex.get(`${pass} ${index}`));
      byIndex.set(`${pass} ${index}`, values);
    });
    dispose(batch);
  };
  for (const pass of [0, 1]) {
    for await (const batch of batchesOf(pass, 0)) await keep(batch, pass, false);
  }
  assert.equal(byIndex.size, 2 * LENGTH);
  for await (const batch of toyTrainingBatches(dataset, 0, 9, 2)) {
    await keep(batch, batch.pass, true);
  }
  assert.notDeepEqual(byIndex.get("0 4"), byIndex.get("1 4"), "passes differ");
});

Deno.test("AttackCache reads stored parts and makes none twice, wherever it was stopped", async () => {
  using whole = createCache();
  const complete = createStorage();
  await fill(whole, complete);
  const expected = await contentOf(whole);
  const names = [0, 1].flatMap((pass) => [0, 1].map((part) => `draw-${pass}-part-${part}`));
  assert.deepEqual(complete.written, names);
  assert.equal(whole.counter.calls, 8);

  const storage = createStorage();
  using stopped = createCache();
  for await (const { done } of stopped.cache.fill(batchesOf, storage, 2)) if (done >= 18) break;
  const begun = [names[0], `${names[1]}-begun`];
  assert.deepEqual(storage.written, begun, "the second part was not whole yet");
  using resumed = createCache();
  assert.deepEqual(await fill(resumed, storage), [12, 18, 20, 26, 32, 38, 40]);
  assert.equal(resumed.counter.calls, 5);
  assert.deepEqual(storage.written, [...begun, ...names.slice(1)]);
  assert.deepEqual([...storage.files.keys()], names, "what was begun is forgotten");
  assert.deepEqual(await contentOf(resumed), expected);

  using known = createCache();
  assert.deepEqual(await fill(known, storage), [12, 20, 32, 40]);
  assert.equal(known.counter.calls, 0);
  assert.deepEqual(await contentOf(known), expected);
  assert.deepEqual(await fill(known, storage), [], "a full cache is not filled again");
});

const damages: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array | undefined>> = {
  "is missing": () => undefined,
  "is cut short": (bytes) => bytes.slice(0, -5),
  "is too short to be one": () => new Uint8Array(7),
  "has another mark": (bytes) => bytes.with(0, 1),
  "is of pictures of another size": (bytes) => bytes.with(12, 1),
  "begins elsewhere": (bytes) => bytes.with(8, 6),
  "holds more batches": (bytes) => bytes.with(20, 3),
};
for (const [what, damage] of Object.entries(damages)) {
  Deno.test(`AttackCache makes a part anew that ${what}, and no other`, async () => {
    using whole = createCache();
    const storage = createStorage();
    await fill(whole, storage);
    const bytes = damage(storage.files.get("draw-0-part-0")!);
    if (bytes) storage.files.set("draw-0-part-0", bytes);
    else storage.files.delete("draw-0-part-0");
    storage.written.length = 0;
    using repaired = createCache();
    await fill(repaired, storage);
    assert.deepEqual(storage.written, ["draw-0-part-0"]);
    assert.equal(repaired.counter.calls, 2);
    assert.deepEqual(await contentOf(repaired), await contentOf(whole));
  });
}

Deno.test("AttackCache reads parts that lie anywhere in memory", async () => {
  using whole = createCache();
  const storage = createStorage();
  await fill(whole, storage);
  for (const [name, bytes] of storage.files) {
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    storage.files.set(name, moved.subarray(3));
  }
  using read = createCache();
  await fill(read, storage);
  assert.equal(read.counter.calls, 0);
  assert.deepEqual(await contentOf(read), await contentOf(whole));
});

Deno.test("AttackCache keeps a byte a number, and no features that are large", async () => {
  const storage = createStorage();
  const large = {
    ...task,
    extractFeatures: ({ features }: ToyOutput, labels: tf.Tensor1D) => ({
      vectors: tf.tile(features, [1, 10_000]) as tf.Tensor2D,
      classes: labels,
    }),
  };
  using filled = createCache({ task: large });
  await fill(filled, storage);
  const bytes = [...storage.files.values()].reduce((sum, { length }) => sum + length, 0);
  assert.equal(bytes, 2 * LENGTH * 192 + 4 * 32);
  const { value } = await batchesOf(0, 0).next();
  assert.equal((await filled.cache.lookUp(value!)).cleanFeatures, undefined);
  dispose(value!);
});

Deno.test("AttackCache refuses an attack without a ball, or one that leaves it", async () => {
  assert.throws(() => createCache({}, { epsilon: 0 }), /epsilon must be .* current value is 0/);
  assert.throws(
    () => createCache({}, { epsilon: 1, norm: "l2" }),
    /its ball is that of the L2 norm/,
  );
  const unbounded = { name: "deepfool", epsilon: Infinity, steps: 1 };
  using attack = createAttack(unbounded, victimOf({ task, target }));
  assert.throws(() => createCache({ attack }), /"deepfool" .* current value is Infinity/);
  const wild: Attack<tf.Tensor1D> = {
    name: "wild",
    version: "wild 1",
    settings: { name: "wild", epsilon: EPSILON },
    perturb: (clean) => Promise.resolve(tf.add(clean, 2 * EPSILON)),
    [Symbol.dispose]() {},
  };
  using cache = createCache({ attack: wild });
  await assert.rejects(fill(cache), /"wild" as they left the ball of epsilon 0\.031/);
});

Deno.test("AttackCache refuses batches in another order or too few, and look-ups before it is full", async () => {
  using shuffled = createCache();
  const wrong = shuffled.cache.fill(() => toyTrainingBatches(dataset, 0, 3), noStorage);
  await assert.rejects(wrong.next(), /must be in the dataset's order/);
  using early = createCache();
  const { value } = await batchesOf(0, 0).next();
  await assert.rejects(early.cache.lookUp(value!), /example 0 of pass 0 is not in the cache/);
  dispose(value!);
  using short = createCache({ length: LENGTH + 1 });
  await assert.rejects(async () => {
    for await (const _ of short.cache.fill(batchesOf, noStorage, 2));
  }, /the batches of pass 0 end at example 20 of 21/);
});

Deno.test("AttackCache leaves no tensor behind", async () => {
  const run = async () => {
    using filled = createCache();
    await fill(filled);
    for await (const batch of toyTrainingBatches(dataset, 0, 2, 2)) {
      const { adversarial, cleanFeatures } = await filled.cache.lookUp(batch);
      tf.dispose([adversarial, cleanFeatures!]);
      dispose(batch);
    }
  };
  await run();
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before);
});
