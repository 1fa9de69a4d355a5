import assert from "node:assert/strict";
import { defineAttack } from "../attacks/attack.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Images } from "../dataset.ts";
import { identityDefense } from "../defenses/mod.ts";
import type { Column } from "../evaluate/columns.ts";
import { evaluateColumn } from "../evaluate/evaluate.ts";
import type { EvaluationRow } from "../evaluate/rows.ts";
import { undefended } from "../evaluate/system.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { keptImages } from "./kept_images.ts";
import * as tf from "../tf.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "../testing/toy_task.ts";

await useTestBackend();

const task = createToyTask();
const dataset = createToyDataset(10, "test");
const target = task.createTarget("toy-net", createRandom(4, "target"));
const same = { name: "same", title: "Same", target, defense: identityDefense };
const stub: Column<ToyOutput> = {
  threatModel: "oblivious",
  attack: "stub-20",
  settings: { name: "stub", epsilon: 0.02 },
  attacked: { target },
  systems: [undefended(target), same],
};

Deno.test("evaluateColumn makes images once where it is given storage, and each time where not", async () => {
  const kept = new Map<string, Uint8Array>();
  const storage = {
    read: (name: string) => Promise.resolve(kept.get(name)),
    write: (name: string, bytes: Uint8Array) => Promise.resolve(void kept.set(name, bytes.slice())),
  };
  let made = 0;
  const parts = (change: number) => ({
    preset: toyPreset,
    task: {
      ...task,
      attacks: {
        stub: defineAttack({
          title: "Stub",
          version: 1,
          options: {},
          create: () => ({
            perturb: (images) => {
              made++;
              return Promise.resolve(tf.clipByValue(tf.add(images, change), 0, 1) as Images);
            },
            [Symbol.dispose]() {},
          }),
        }),
      },
    },
    batches: () => createEvaluationBatches(dataset, task, { batchSize: 4 }),
    storageOf: ({ attacked }: Column<ToyOutput>) => attacked?.defense ? undefined : storage,
  });
  const first = await evaluateColumn(parts(0.02), stub);
  assert.equal(made, 3);
  assert.equal(kept.size, 3);
  const again = await evaluateColumn(parts(-0.02), stub);
  assert.equal(made, 3);
  const figures = (rows: EvaluationRow[]) => rows.map(({ seconds: _, ...row }) => row);
  assert.deepEqual(figures(again), figures(first));
  const through = { ...stub, threatModel: "whitebox", attacked: same, systems: [same] };
  await evaluateColumn(parts(0.02), through);
  await evaluateColumn(parts(0.02), through);
  assert.equal(made, 9);
  kept.set("0", kept.get("0")!.subarray(4));
  await evaluateColumn(parts(0.02), stub);
  assert.equal(made, 10);
});

Deno.test("keptImages disposes images that cannot be kept", async () => {
  const write = () => Promise.reject(new Error("full"));
  const storage = { read: () => Promise.resolve(undefined), write };
  await assertNoLeak(() =>
    assert.rejects(
      keptImages(
        storage,
        "0",
        [1, 1, 1, 3],
        () => Promise.resolve({ images: tf.ones([1, 1, 1, 3]), facts: {} }),
      ),
      /full/,
    )
  );
});
