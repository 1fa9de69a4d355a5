import assert from "node:assert/strict";
import { noStorage } from "../adversaries/cache_storage.ts";
import type { AdversarialSource } from "../adversaries/source.ts";
import { createGenerator } from "../networks/generator.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, firstToyBatch, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { attackerOf, fillTrainingCache, onTargetAlone, throughGenerator } from "./adversaries.ts";

await useTestBackend();

const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(1));
const source = { preset: toyPreset, task, target, dataset: createToyDataset(12) };
const batch = await firstToyBatch();

async function imagesOf(from: AdversarialSource<tf.Tensor1D>, step = 0): Promise<Float32Array> {
  const { adversarial, cleanFeatures } = await from.next(batch, step);
  const values = await adversarial.data<"float32">();
  tf.dispose([adversarial, cleanFeatures ?? []]);
  return values;
}

const createG = (seed: number) => createGenerator(toyPreset.generator, createRandom(seed));

// Gradients alone, with restarts to be judged, and results of members to be compared.
const pgd = { name: "pgd", epsilon: 0.1, steps: 2 };
const attacks = {
  pgd,
  "pgd with restarts": { ...pgd, restarts: 2, return: "best" },
  strongest: {
    name: "strongest",
    epsilon: 0.1,
    members: [{ name: "pgd", steps: 1 }, { name: "fgsm" }],
  },
  kl: { ...pgd, objective: "kl" },
  deepfool: { name: "deepfool", epsilon: 0.1, steps: 2 },
  square: { name: "square", epsilon: 0.1, queries: 4 },
  "carlini-wagner": { name: "carlini-wagner", epsilon: 10, steps: 20, initialConstant: 10 },
} as const;
for (const [name, attack] of Object.entries(attacks)) {
  Deno.test(`throughGenerator sees G move: ${name}`, async () => {
    const preset = { ...toyPreset, attack };
    using generator = createG(1);
    using other = createG(2);
    using kept = throughGenerator({ ...source, preset })(generator);
    using ofOther = throughGenerator({ ...source, preset })(other);
    const before = await imagesOf(kept);
    const expected = await imagesOf(ofOther);
    assert.notDeepEqual(before, expected);
    generator.parameters.import(await other.parameters.export(), "another G");
    assert.deepEqual(await imagesOf(kept), expected);
  });
}

Deno.test("throughGenerator attacks O(G(x)), not O(x)", async () => {
  const alone = {
    ...source,
    preset: { ...toyPreset, train: { ...toyPreset.train, attackCache: 0 } },
  };
  using generator = createG(1);
  using through = throughGenerator(source)(generator);
  using oblivious = await onTargetAlone(alone, () => assert.fail("nothing is kept"));
  assert.notDeepEqual(await imagesOf(through), await imagesOf(oblivious));
});

Deno.test("throughGenerator leaves no tensor behind", async () => {
  using generator = createG(1);
  await assertNoLeak(async () => {
    using through = throughGenerator(source)(generator);
    await imagesOf(through);
  });
});

Deno.test("onTargetAlone keeps the passes that the preset asks for, and leaves no tensor behind", async () => {
  await assertNoLeak(async () => {
    using kept = await onTargetAlone(
      source,
      (attack) => fillTrainingCache({ ...source, attack }, noStorage),
    );
    assert.equal(kept.passes, toyPreset.train.attackCache);
    const images = await imagesOf(kept);
    assert.deepEqual(await imagesOf(kept, 5), images);
  });
});

Deno.test("attackerOf refuses to keep images that change as G is trained", () => {
  assert.throws(() => attackerOf({ attacker: "whitebox", attackCache: 1 }), {
    name: "RangeError",
    message: /train\.attackCache must be 0 .*: current value is 1/,
  });
});

Deno.test("fillTrainingCache stores the features that losses are computed from, or none", async () => {
  const storedBy = async (changes: Partial<Preset["losses"]>, size?: [number, number]) => {
    const { losses, generator } = toyPreset;
    const preset = {
      ...toyPreset,
      losses: { ...losses, ...changes },
      generator: { ...generator, size: size ?? generator.size },
      train: { ...toyPreset.train, augmentation: "none" },
    };
    using found = await onTargetAlone(
      { ...source, preset },
      (attack) => fillTrainingCache({ ...source, preset, attack }, noStorage),
    );
    const { adversarial, cleanFeatures } = await found.next(batch, 0);
    adversarial.dispose();
    return cleanFeatures;
  };
  const { logits, features } = target.forward(batch.images);
  assertClose((await storedBy({}))!, features.dataSync<"float32">());
  assertClose((await storedBy({ features: "logits" }))!, logits.dataSync<"float32">());
  const roundTrip = { cleanFeatures: "round-trip" } as const;
  assertClose((await storedBy(roundTrip))!, features.dataSync<"float32">());
  assert.equal(await storedBy(roundTrip, [16, 16]), undefined);
});
