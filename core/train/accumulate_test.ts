import assert from "node:assert/strict";
import { createAccumulatedStep } from "./accumulate.ts";
import type { Images } from "../dataset.ts";
import type { LossWeights } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createToyParts, firstToyBatch, toyPreset } from "../testing/toy_task.ts";
import type { StepRates, TrainBatch } from "./algorithm_1.ts";
import { createTrainStep } from "./generator.ts";
import { variablesOf } from "./method.ts";
import { stateOf } from "./parts.ts";

await useTestBackend();

const { images, labels } = await firstToyBatch(6);
const plain = { ...toyPreset.train.optimizer, name: "sgd", momentum: 0.5 } as const;

/** Networks of the same first weights each time, moved by plain gradients: Adam would hide their size. */
function createParts(weights: Partial<LossWeights>) {
  const { losses, train } = toyPreset;
  const parts = createToyParts({
    ...toyPreset,
    losses: { ...losses, weights: { ...losses.weights, ...weights } },
    train: { ...train, optimizer: plain, discriminatorOptimizer: plain },
  });
  const { generator, discriminator, average } = parts.moving;
  return {
    ...parts,
    moved: () =>
      [
        ...generator.parameters.variables,
        ...discriminator.parameters.variables,
        ...average.variables,
      ]
        .map((variable) => variable.dataSync<"float32">()),
  };
}

function inputsOf(known = false): TrainBatch<tf.Tensor1D> & StepRates {
  const noise = createRandom(2).uniforms(images.size, -0.03, 0.03);
  return {
    clean: images,
    adversarial: tf.clipByValue(tf.add(images, tf.tensor(noise, images.shape)), 0, 1) as Images,
    labels,
    cleanFeatures: known ? tf.ones([6, 8]) : undefined,
    learningRate: tf.scalar(0.01),
    discriminatorLearningRate: tf.scalar(0.02),
    averaging: tf.scalar(0.75),
  };
}

/** No class centres: those are a batch's, and of a portion where there are several. */
const overImages = { classAlign: 0, classInter: 0, classIntra: 0 };

for (
  const [title, weights, known] of [
    ["all losses over images", overImages, false],
    ["known features", overImages, true],
    ["no loss that asks for D", { ...overImages, adversarial: 0, featureMatching: 0 }, false],
  ] as const
) {
  Deno.test(`createAccumulatedStep moves as over the whole batch: ${title}`, () => {
    using whole = createParts(weights);
    using portioned = createParts(weights);
    using one = createTrainStep(whole.frozen, whole.moving);
    using three = createAccumulatedStep(portioned.frozen, portioned.moving, 3);
    const inputs = inputsOf(known);
    for (let call = 0; call < 3; call++) {
      const expected = one(inputs);
      const actual = three(inputs);
      assert.deepEqual(Object.keys(actual), Object.keys(expected));
      for (const [name, term] of Object.entries(actual)) assertClose(term, expected[name], 1e-4);
    }
    const [expected, actual] = [whole.moved(), portioned.moved()];
    actual.forEach((values, index) => assertClose(values, expected[index], 1e-5));
  });
}

Deno.test("createAccumulatedStep moves weights in groups as all at once, by Adam with an average", () => {
  const adam = { ...toyPreset.train.optimizer, name: "adam" } as const;
  const train = {
    ...toyPreset.train,
    optimizer: adam,
    discriminatorOptimizer: adam,
    averaging: 0.9,
  };
  const create = () => createToyParts({ ...toyPreset, train });
  using whole = create();
  using grouped = create();
  using once = createAccumulatedStep(whole.frozen, whole.moving, 2);
  // Groups of a weight or two, of G and of D.
  using groups = createAccumulatedStep(grouped.frozen, grouped.moving, 2, undefined, 40);
  const inputs = inputsOf();
  for (let call = 0; call < 3; call++) tf.dispose([once(inputs), groups(inputs)]);
  const valuesOf = ({ moving }: typeof whole) =>
    variablesOf(stateOf(moving)).map((variable) => variable.dataSync<"float32">());
  const [expected, actual] = [valuesOf(whole), valuesOf(grouped)];
  actual.forEach((values, index) => assertClose(values, expected[index], 1e-6));
});

Deno.test("createAccumulatedStep takes class centres over a portion", () => {
  using whole = createParts({});
  using portioned = createParts({});
  using one = createTrainStep(whole.frozen, whole.moving);
  using three = createAccumulatedStep(portioned.frozen, portioned.moving, 3);
  const [expected, actual] = [one(inputsOf()), three(inputsOf())].map(({ classAlign }) =>
    classAlign.dataSync()[0]
  );
  assert.ok(Number.isFinite(actual) && Math.abs(actual - expected) > 1e-6);
});

Deno.test("createAccumulatedStep leaves no tensors behind", async () => {
  using parts = createParts({});
  using step = createAccumulatedStep(parts.frozen, parts.moving, 2);
  const inputs = inputsOf();
  await assertNoLeak(() => tf.dispose(step(inputs)));
});

Deno.test("createAccumulatedStep refuses portions that a batch cannot be divided into", () => {
  using parts = createParts({});
  using step = createAccumulatedStep(parts.frozen, parts.moving, 4);
  assert.throws(() => step(inputsOf()), /^TypeError: Cannot take one of 4 portions of a batch/);
});
