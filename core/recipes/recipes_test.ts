/**
 * What every recipe keeps to: a new one adds a line to the table of small options below.
 */
import assert from "node:assert/strict";
import { freshSource } from "../adversaries/source.ts";
import { createAttack, exactVictim } from "../attacks/mod.ts";
import { checkRun } from "../checks/run.ts";
import type { Batch, Images } from "../dataset.ts";
import { generatorDefense } from "../defenses/generator.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import {
  createToyDataset,
  createToyTask,
  firstToyBatch,
  toyPreset,
  toyTrainingBatches,
} from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { createRecipeMethod, createStepParts } from "../train/recipe.ts";
import { readTerms } from "../train/step_exchange.ts";
import { Trainer } from "../train/trainer.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { createRestorer } from "./create.ts";
import { type LabelledBatch, recipeStep } from "./step.ts";
import { recipeOf, recipes, withRecipe } from "./table.ts";

await useTestBackend();

/**
 * Options under which a step takes milliseconds, and what an overfitted loss may keep of its first value; absent where
 * the loss of a game says nothing, and the recipe's own tests say that it learns.
 */
const SMALL: Readonly<Record<string, { readonly options: object; readonly kept?: number }>> = {
  "ape-gan": { options: { width: 16 }, kept: 0.6 },
  hgd: { options: { width: 4, guide: "pixel" }, kept: 0.5 },
  nrp: { options: { width: 8, blocks: 1, growth: 4, criticWidth: 2 }, kept: 0.5 },
  fpd: { options: { encoder: "resnet18", width: 4 }, kept: 0.01 },
  "defense-gan": { options: { width: 2, inner: 8, restarts: 2, steps: 3 } },
  sr: { options: { width: 8, blocks: 1 }, kept: 0.5 },
};

const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(3, "target"));
const perceptual = createPerceptual(toyPreset.perceptual, createRandom(3, "perceptual"));

function presetOf(name: string, train: Partial<Preset["train"]> = {}): Preset {
  const preset = { ...toyPreset, train: { ...toyPreset.train, ...train } };
  return withRecipe(preset, { name, ...SMALL[name].options });
}

function createMethod(preset: Preset) {
  const attack = createAttack(preset.attack, exactVictim({ task, target }));
  const adversaries = () => freshSource(attack, preset.seed);
  return createRecipeMethod({ preset, task, target, perceptual, adversaries });
}

/** A batch's images, the same a little changed, and the noise that the recipe draws. */
async function readBatch(name: string, size = 6): Promise<LabelledBatch> {
  const { images, labels } = await firstToyBatch(size);
  const change = createRandom(2).uniforms(images.size, -0.06, 0.06);
  const moved = tf.add(images, tf.tensor(change, images.shape));
  const noise = recipes[name].draw?.(images.shape, createRandom(5)) ?? {};
  return { clean: images, adversarial: tf.clipByValue(moved, 0, 1) as Images, labels, noise };
}

/** What a step of a recipe restores. */
const inputsOf = (preset: Preset, batch: LabelledBatch) => {
  const { recipe, values } = recipeOf(preset)!;
  return recipe.inputs?.(batch, values) ?? batch.adversarial;
};

const equal = (a: ReadonlyMap<string, HostTensor>, b: ReadonlyMap<string, HostTensor>) =>
  a.size === b.size &&
  [...a].every(([name, { data }]) => data.every((value, at) => value === b.get(name)!.data[at]));

Deno.test("every recipe of the table is tested, and passes checkRun", async () => {
  assert.deepEqual(Object.keys(SMALL), Object.keys(recipes));
  for (const name of Object.keys(recipes)) {
    await checkRun({ preset: presetOf(name), task, target, dataset: createToyDataset(6) });
  }
});

for (const [name, { kept }] of Object.entries(SMALL)) {
  const preset = presetOf(name);

  Deno.test(`${name}: a recorded step is the same as it is unrecorded, leaves no tensor, and overfits 8 images`, async () => {
    const batch = await readBatch(name, 8);
    using method = createMethod(presetOf(name, { averaging: 0 }));
    const parts = createStepParts({ preset, task, target, perceptual });
    using _restorer = parts.restorer;
    using _critic = parts.critic;
    // Nothing moves but statistics of batch norm.
    const expected = await readTerms(
      tf.tidy(() => recipeStep(parts, batch, { restorer: () => {}, critic: () => {} })),
    );
    const step = async (learningRate: number, discriminatorLearningRate = 0) => {
      const rates = [learningRate, discriminatorLearningRate, 0].map((rate) => tf.scalar(rate));
      const inputs = {
        ...batch,
        cleanFeatures: undefined,
        learningRate: rates[0],
        discriminatorLearningRate: rates[1],
        averaging: rates[2],
      };
      const terms = await readTerms(method.step(inputs as never));
      tf.dispose(rates);
      return terms;
    };
    const actual = await step(0);
    assert.deepEqual(Object.keys(actual), Object.keys(expected));
    for (const [term, value] of Object.entries(expected)) {
      assert.ok(Number.isFinite(value), term);
      assertClose([actual[term]], [value], 1e-4);
    }
    await assertNoLeak(() => step(0));
    if (kept === undefined) return;
    const totals: number[] = [];
    for (let index = 0; index < 50; index++) totals.push((await step(0.01, 1e-4)).total);
    const last = totals.slice(-5).reduce((sum, value) => sum + value) / 5;
    assert.ok(last < kept * totals[0], `${last} of ${totals[0]}`);
  });

  Deno.test(`${name}: a training goes on from its checkpoint to the same weights, bit for bit`, async () => {
    const dataset = createToyDataset(18);
    const create = () => new Trainer(createMethod(preset), { stepsPerEpoch: 3, totalSteps: 4 });
    const run = async (trainer: Trainer<tf.Tensor1D>, end: number) => {
      const batches: AsyncIterable<Batch<tf.Tensor1D>> = toyTrainingBatches(dataset, trainer.step);
      for await (const _ of trainer.run(batches)) if (trainer.step >= end) break;
    };
    const frozen = [...target.parameters.variables, ...perceptual.parameters.variables];
    const before = frozen.map((variable) => variable.dataSync().slice());
    using whole = create();
    const first = await whole.weights();
    await run(whole, 2);
    const checkpoint = await whole.export();
    await run(whole, 4);
    using resumed = create();
    resumed.import(checkpoint, "the checkpoint");
    resumed.step = 2;
    await run(resumed, 4);
    assert.ok(equal(await resumed.export(), await whole.export()));
    assert.ok(equal(await resumed.weights(), await whole.weights()));
    assert.ok(!equal(await whole.weights(), first));
    assert.deepEqual(frozen.map((variable) => variable.dataSync()), before);
  });

  Deno.test(`${name}: an image's result stands by itself, in [0, 1], and its gradient is exact unless it is a search`, async () => {
    const batch = await readBatch(name);
    const { clean } = batch;
    using restorer = createRestorer(preset);
    // Statistics of a batch, so that batch norm has some.
    tf.tidy(() => restorer.restore(inputsOf(preset, batch), "training"));
    using defense = generatorDefense(restorer);
    assert.equal(defense.gradient?.exact, restorer.createDefense ? undefined : true);
    const whole = await defense.restore(clean, createRandom(1));
    const [one] = tf.split(clean, clean.shape[0]);
    const alone = await defense.restore(one as Images, createRandom(1));
    assertClose(alone, whole.dataSync().slice(0, alone.size), 1e-5);
    const values = whole.dataSync();
    assert.ok(values.every((value) => value >= 0 && value <= 1));
    assert.deepEqual(whole.shape, clean.shape);
    if (restorer.createDefense) return;
    // First weights are so small that rounding would hide the gradient.
    for (const weight of restorer.parameters.trainable) {
      if (weight.rank === 4) weight.assign(tf.mul(weight, 3));
    }
    const inner = tf.clipByValue(one, 0.2, 0.8) as Images;
    const base = restorer.restore(inner);
    const direction = tf.tensor(createRandom(4).normals(one.size, 1), one.shape);
    assertGradient(
      (images) =>
        tf.sum(tf.mul(tf.sub(restorer.restore(images as Images), base), direction)) as tf.Scalar,
      [inner],
      { step: 3e-3, tolerance: 0.05, coordinates: 6 },
    );
  });

  Deno.test(`${name}: saved weights restore to the same bits`, async () => {
    const inputs = inputsOf(preset, await readBatch(name));
    using restorer = createRestorer(preset);
    tf.tidy(() => restorer.restore(inputs, "training"));
    using other = createRestorer({ ...preset, seed: 99 });
    const before = restorer.restore(inputs).dataSync();
    assert.notDeepEqual(other.restore(inputs).dataSync(), before);
    other.parameters.import(await restorer.parameters.export(), "a test");
    assert.deepEqual(other.restore(inputs).dataSync(), before);
  });

  Deno.test(`${name}: the average that evaluation uses holds statistics of batch norm too`, () => {
    using method = createMethod(presetOf(name, { averaging: 0.5 }));
    const { averages } = method.state;
    assert.equal(averages.variables.length, method.restorer.parameters.variables.length);
  });
}

Deno.test("recipes refuse a batch in portions, and what they have not", () => {
  const preset = presetOf("ape-gan", { accumulate: 2 });
  assert.throws(
    () => createStepParts({ preset, task, target, perceptual }),
    /Cannot train "ape-gan" in portions .* set train\.accumulate to 1$/,
  );
  const recomputing = presetOf("ape-gan", { recompute: true });
  assert.throws(
    () => createStepParts({ preset: recomputing, task, target, perceptual }),
    /Cannot train "ape-gan" recomputing .* set train\.recompute to false$/,
  );
  assert.throws(
    () => createStepParts({ preset: toyPreset, task, target, perceptual }),
    /preset\.recipe names none/,
  );
  assert.throws(() => withRecipe(toyPreset, { name: "ape-gan", depth: 3 }), /no option "depth"/);
});
