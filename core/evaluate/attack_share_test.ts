import assert from "node:assert/strict";
import type { CacheStorage } from "../adversaries/cache_storage.ts";
import { defineAttack } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Images } from "../dataset.ts";
import type { Defense } from "../defenses/mod.ts";
import { createRandom, type Random } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { attackShare } from "./attack_share.ts";
import type { Column } from "./columns.ts";
import { evaluateColumn } from "./evaluate.ts";
import type { EvaluationRow } from "./rows.ts";
import { undefended } from "./system.ts";

await useTestBackend();

/** Counts the examples of a batch whose first pixel is dark, as if they were still right. */
const dark = defineAttack({
  title: "Dark",
  version: 1,
  options: {},
  create: ({ epsilon }) => {
    let left = 0;
    return {
      perturb: async (images) => {
        const first = tf.tidy(() => tf.slice(images, 0, [images.shape[0], 1, 1, 1]));
        left = (await first.data()).filter((value) => value < 0.5).length;
        first.dispose();
        return tf.tidy(() => tf.clipByValue(tf.sub(images, epsilon), 0, 1) as Images);
      },
      survivors: () => [{ stage: "clean", left }],
      [Symbol.dispose]() {},
    };
  },
});

const toy = createToyTask();
const task = { ...toy, attacks: { dark } };
const dataset = createToyDataset(10, "test");
const target = task.createTarget("toy-net", createRandom(4, "target"));

/** So much noise that two means of 20 gradients do not point in one direction. */
const noisy: Defense = (() => {
  const draw = (shape: Images["shape"], random: Random) => ({
    noise: tf.tensor(random.normals(shape.reduce((a, b) => a * b), 1.6), shape),
  });
  const apply = (images: Images, { noise }: tf.TensorContainerObject): Images =>
    tf.mul(images, tf.add(noise as tf.Tensor, 1));
  return {
    name: "noisy",
    variables: [],
    gradient: { exact: true, draw, apply },
    restore: (images, random) => {
      const { noise } = draw(images.shape, random);
      const restored = tf.tidy(() => apply(images, { noise }));
      noise.dispose();
      return Promise.resolve(restored);
    },
  };
})();
const behind = { name: "noisy", title: "Noisy", target, defense: noisy };

const oblivious: Column<ToyOutput> = {
  threatModel: "oblivious",
  attack: "dark",
  settings: { name: "dark", epsilon: 0.05 },
  attacked: { target },
  systems: [undefended(target)],
};
const whitebox: Column<ToyOutput> = {
  threatModel: "whitebox",
  attack: "pgd",
  settings: { name: "pgd", epsilon: 0.05, steps: 1 },
  attacked: behind,
  systems: [behind],
};

function memory(kept: Map<string, Uint8Array>): CacheStorage {
  return {
    read: (name) => Promise.resolve(kept.get(name)),
    write: (name, bytes) => Promise.resolve(void kept.set(name, bytes.slice())),
  };
}

const batchesFrom = (start: number, every: number) =>
  createEvaluationBatches(dataset, task, { batchSize: 4, start, every });

const partsOn = (storage: CacheStorage) => ({
  preset: { ...toyPreset, evaluation: { passes: 2 } },
  task,
  storageOf: () => storage,
  batches: () => batchesFrom(0, 1),
  batchesFrom,
});

const figures = (rows: EvaluationRow[]) => rows.map(({ seconds: _, ...row }) => row);

for (const column of [oblivious, whitebox]) {
  Deno.test(`shares of ${column.attack} are bit for bit what one process makes`, async () => {
    const own = new Map<string, Uint8Array>();
    const alone = await evaluateColumn(partsOn(memory(own)), column);
    const kept = new Map<string, Uint8Array>();
    // The last share begins: what the first batches decide is not lost on it.
    for (const [index, expected] of [[1, [4]], [0, [4, 6]]] as const) {
      const done: number[] = [];
      const share = { index, count: 2 };
      const made = await attackShare(partsOn(memory(kept)), column, share, (n) => done.push(n));
      assert.deepEqual([made, done], [expected.at(-1), expected]);
    }
    const withoutCosine = (bytes: Uint8Array) =>
      new TextDecoder("latin1").decode(bytes).replace(/"convergence":[\d.e-]+/, "");
    assert.deepEqual([...kept.keys()].sort(), [...own.keys()].sort());
    for (const [name, bytes] of own) {
      assert.equal(withoutCosine(kept.get(name)!), withoutCosine(bytes), name);
    }
    const unable = { read: memory(kept).read, write: () => assert.fail("made again") };
    const merged = await evaluateColumn(partsOn(unable), column);
    assert.deepEqual(figures(merged), figures(alone));
    if (column === oblivious) {
      assert.deepEqual(alone[0].survivors?.map(({ stage }) => stage), ["clean"]);
      return;
    }
    assert.ok(alone[0].draws! > 20, "the noise asks for more draws than the fewest");
    // An evaluation that goes on takes as many as it began with.
    for (const name of ["4", "8"]) own.delete(name);
    const again = await evaluateColumn(partsOn(memory(own)), column);
    assert.deepEqual(figures(again), figures(alone));
  });
}

Deno.test("attackShare leaves no tensor behind, and makes nothing where nothing is attacked", async () => {
  const clean = { ...oblivious, settings: null, attacked: undefined };
  assert.equal(await attackShare(partsOn(memory(new Map())), clean, { index: 0, count: 1 }), 0);
  for (const column of [oblivious, { ...whitebox, draws: 2 }]) {
    await assertNoLeak(async () => {
      await attackShare(partsOn(memory(new Map())), column, { index: 1, count: 2 });
    });
  }
});
