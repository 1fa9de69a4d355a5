import assert from "node:assert/strict";
import { noStorage } from "../adversaries/cache_storage.ts";
import { type AdversarialSource, cachedSource } from "../adversaries/source.ts";
import type { RestoringGenerator } from "../defenses/definition.ts";
import { createGenerator } from "../networks/generator.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { GeneratorTraining, Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import {
  createToyDataset,
  createToyTask,
  firstToyBatch,
  toyPreset,
  toyTrainingBatches,
} from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import {
  adversaryOf,
  createTrainingAttack,
  fillTrainingCache,
  freshAdversaries,
} from "./adversaries.ts";
import { createGeneratorMethod } from "./generator.ts";
import { Trainer } from "./trainer.ts";

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

/** A source that can be asked after the method has made it. */
function watched(create: (generator: RestoringGenerator) => AdversarialSource<tf.Tensor1D>) {
  let made: AdversarialSource<tf.Tensor1D> | undefined;
  return {
    adversaries: (generator: RestoringGenerator) => (made = create(generator)),
    kept: () => made!,
  };
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
/** The toy's preset with images that are never kept. */
const fresh = (train: Partial<GeneratorTraining> = {}, changes: Partial<Preset> = {}) => ({
  ...source,
  preset: { ...toyPreset, ...changes, train: { ...toyPreset.train, attackCache: 0, ...train } },
});
const system = { adversary: "system" } as const;

for (const [name, attack] of Object.entries(attacks)) {
  Deno.test(`freshAdversaries sees G move: ${name}`, async () => {
    using generator = createG(1);
    using other = createG(2);
    using kept = freshAdversaries(fresh(system, { attack }))(generator);
    using ofOther = freshAdversaries(fresh(system, { attack }))(other);
    const before = await imagesOf(kept);
    const expected = await imagesOf(ofOther);
    assert.notDeepEqual(before, expected);
    generator.parameters.import(await other.parameters.export(), "another G");
    assert.deepEqual(await imagesOf(kept), expected);
  });
}

Deno.test("freshAdversaries attacks O(x), O(G(x)), or both in turn", async () => {
  using generator = createG(1);
  const imagesAt = async (adversary: GeneratorTraining["adversary"]) => {
    using from = freshAdversaries(fresh({ adversary }))(generator);
    return [await imagesOf(from, 0), await imagesOf(from, 1)];
  };
  const [alone, through] = [await imagesAt("target"), await imagesAt("system")];
  assert.notDeepEqual(alone, through);
  assert.deepEqual(await imagesAt("both"), [alone[0], through[1]]);
});

Deno.test("freshAdversaries makes the radius grow in tenths, and then keeps it to the last bit", async () => {
  const changeAt = async (from: AdversarialSource<tf.Tensor1D>, step: number) => {
    const images = await imagesOf(from, step);
    const clean = batch.images.dataSync();
    return images.reduce((most, value, at) => Math.max(most, Math.abs(value - clean[at])), 0);
  };
  using generator = createG(1);
  const attack = { name: "pgd", epsilon: 0.1, stepSize: 0.1, steps: 1 };
  const steps = 40;
  using growing = freshAdversaries({ ...fresh({ ...system, ramp: 0.5 }, { attack }), steps })(
    generator,
  );
  using whole = freshAdversaries({ ...fresh(system, { attack }), steps })(generator);
  for (const [step, share] of [[0, 0.1], [3, 0.2], [10, 0.6], [19, 1], [20, 1], [39, 1]]) {
    const change = await changeAt(growing, step);
    assert.ok(Math.abs(change - 0.1 * share) < 1e-6, `${change} at ${step}`);
  }
  assert.deepEqual(await imagesOf(growing, 20), await imagesOf(whole, 20));
});

Deno.test("freshAdversaries leaves no tensor behind", async () => {
  using generator = createG(1);
  await assertNoLeak(async () => {
    const both = fresh({ adversary: "both", ramp: 0.5 });
    using through = freshAdversaries({ ...both, steps: 8 })(generator);
    for (const step of [0, 1, 2, 3, 7]) await imagesOf(through, step);
  });
});

Deno.test("adversaryOf refuses to keep images that change from step to step", () => {
  const guard = { examples: 2, attack: { name: "pgd", epsilon: 0.1 } };
  for (const change of [system, { adversary: "both" }, { ramp: 0.1 }, { guard }] as const) {
    assert.throws(() => adversaryOf({ ...change, attackCache: 1 }), {
      name: "RangeError",
      message: /train\.attackCache must be 0 with train\..*: current value is 1/,
    });
    adversaryOf({ ...change, attackCache: 0 });
  }
});

Deno.test("an attack that is kept while G is trained attacks the G of now: its loss is that of a fresh one", async () => {
  const inputs = fresh({ ...system, averaging: 0 });
  const { preset, dataset } = inputs;
  using perceptual = createPerceptual(preset.perceptual, createRandom(1));
  const { adversaries, kept } = watched(freshAdversaries(inputs));
  const method = createGeneratorMethod({ ...inputs, perceptual, adversaries });
  using trainer = new Trainer(method, { stepsPerEpoch: 2, totalSteps: 10 });
  const { generator } = method.moving;
  const first = await generator.parameters.export();
  for await (const _ of trainer.run(toyTrainingBatches(dataset, 0)));
  using unmoved = createG(1);
  unmoved.parameters.import(first, "the first G");
  using anew = freshAdversaries(inputs)(generator);
  using stale = freshAdversaries(inputs)(unmoved);
  const images = await imagesOf(kept(), 99);
  const expected = await imagesOf(anew, 99);
  assert.deepEqual(images, expected);
  const lossOf = (values: Float32Array) =>
    tf.tidy(() => {
      const restored = generator.restore(tf.tensor(values, batch.images.shape));
      return task.taskLoss(target.forward(restored), batch.labels).dataSync()[0];
    });
  assert.equal(lossOf(images), lossOf(expected));
  // Images made on G of step 0 are others: this test can fail.
  assert.notDeepEqual(await imagesOf(stale, 99), expected);
});

Deno.test("fillTrainingCache makes no more passes than are trained", async () => {
  using attack = createTrainingAttack(source);
  const made = async (part: { epochs?: number; steps?: number }) => {
    const { epochs = 1, steps } = part;
    const preset = { ...toyPreset, train: { ...toyPreset.train, epochs, attackCache: 2 } };
    let done = 0;
    using cache = await fillTrainingCache(
      { ...source, preset, steps, attack },
      noStorage,
      (progress) => done = progress.done,
    );
    return [cache.passes, done / source.dataset.length];
  };
  assert.deepEqual(await made({}), [1, 1]);
  assert.deepEqual(await made({ epochs: 3 }), [2, 2]);
  assert.deepEqual(await made({ epochs: 3, steps: 1 }), [1, 1]);
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
    using attack = createTrainingAttack({ ...source, preset });
    const filled = await fillTrainingCache({ ...source, preset, attack }, noStorage);
    using found = cachedSource(filled);
    assert.equal(found.passes, toyPreset.train.epochs);
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
