import classification from "@realign/classification";
import { type Preset, trainGenerator as trainInMemory } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { Output } from "../terminal/output.ts";
import { samplePreset, withStore } from "../testing.ts";
import { trainGenerator } from "./generator.ts";
import { Workbench } from "./workbench.ts";

await useTestBackend();

const { dataset, losses, train } = samplePreset;
const starting = (start: Preset["train"]["start"]): Preset => ({
  ...samplePreset,
  dataset: { ...dataset, trainExamples: 16 },
  attack: { name: "pgd", epsilon: 0.1, steps: 1 },
  train: { ...train, augmentation: "flip", attackCache: 2, start },
});

for (
  const [name, start] of Object.entries({
    "for more epochs": { epochs: 2 },
    "by other features": { epochs: 1, losses: { ...losses, features: "logits" } },
  })
) {
  Deno.test(`trainGenerator of a G that is trained before ${name} gives the weights of the library's`, () =>
    withStore(async (store) => {
      const preset = starting(start);
      const output = new Output(false);
      const progress = { start: () => ({ update: () => {}, [Symbol.dispose]: () => {} }) };
      Object.assign(output, { progress, warn: () => {}, note: () => {} });
      const loaded = { plugin: classification, specifier: "", digest: "1" };
      const options = { data: undefined, training: true };
      using bench = await Workbench.open(preset, loaded, options, output);
      const { task, target, training: dataset } = bench;
      using expected = await trainInMemory({ preset, task, target, dataset });
      const weights = await expected.parameters.export();
      await trainGenerator(bench, store, join(store.folder, "cache"), output);
      const { tensors } = (await store.checkpoints.final("train"))!;
      assert.deepEqual(new Map([...tensors].sort()), new Map([...weights].sort()));
    }));
}
