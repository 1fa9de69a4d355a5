import assert from "node:assert/strict";
import type { CacheStorage } from "./attack_cache.ts";
import {
  batchesOf,
  createCache,
  createStorage,
  dataset,
  fill,
  LENGTH,
} from "../testing/attack_cache.ts";
import * as tf from "../tf.ts";
import { toyTrainingBatches } from "../testing/toy_task.ts";

Deno.test("AttackCache takes no more memory than it may, features before images", async () => {
  const pixels = 2 * LENGTH * 192;
  using tight = createCache({ memoryLimit: pixels + 10 });
  await fill(tight);
  const { value } = await batchesOf(0, 0).next();
  assert.equal((await tight.cache.lookUp(value!)).cleanFeatures, undefined);
  tf.dispose([value!.images, value!.labels]);
  using tighter = createCache({ memoryLimit: pixels - 1 });
  await assert.rejects(
    fill(tighter),
    /2 passes over 20 examples need .* lower train\.attackCache .* or dataset\.trainExamples/,
  );
});

Deno.test("AttackCache reads what is beyond its memory from the storage again", async () => {
  const pixels = 192;
  const limits = { whole: 2 * LENGTH * pixels, part: 15 * pixels };
  const storage = createStorage();
  const reads: string[] = [];
  const counted: CacheStorage = {
    ...storage,
    read: (name) => {
      reads.push(name);
      return storage.read(name);
    },
  };
  using whole = createCache({ memoryLimit: limits.whole });
  await fill(whole, counted);
  const imagesOf = async ({ cache }: Pick<ReturnType<typeof createCache>, "cache">) => {
    const images: Float32Array[] = [];
    for await (const batch of toyTrainingBatches(dataset, 0, 6, 2)) {
      const { adversarial } = await cache.lookUp(batch);
      images.push(adversarial.dataSync<"float32">());
      tf.dispose([adversarial, batch.images, batch.labels]);
    }
    return images;
  };
  reads.length = 0;
  const expected = await imagesOf(whole);
  assert.deepEqual(reads, []);
  using tight = createCache({ memoryLimit: limits.part });
  await fill(tight, counted);
  reads.length = 0;
  assert.deepEqual(await imagesOf(tight), expected);
  assert.ok(reads.length > 4, `${reads}`);
  storage.files.clear();
  await assert.rejects(
    imagesOf(tight),
    /draw-\d-part-\d of the attack cache is missing or damaged/,
  );
});
