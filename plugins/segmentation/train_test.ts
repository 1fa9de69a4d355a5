import {
  createPerceptual,
  createRandom,
  createStepParts,
  createTrainStep,
  type Images,
  type StepInputs,
  TargetTrainer,
  trainStep,
} from "@realign/core";
import { assertClose, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { presets } from "./presets.ts";
import { createSegmentation } from "./task.ts";
import { labelMapOf, randomLabelMap } from "./testing.ts";

await useTestBackend();

const architecture = "pspnet-resnet18-w0.1";
const size = [16, 16] as const;
const task = createSegmentation({ classNames: ["a", "b", "c"], imageSize: [17, 17] });
const preset = presets["seg-shapes"];
const images = tf.tensor4d(createRandom(1).uniforms(2 * 768, 0, 1), [2, 16, 16, 3]);
const labels = task.encodeLabels([1, 2].map((seed) => randomLabelMap(seed, size, 3)));

/** G, D and O of the same first weights each time. */
function createParts() {
  const target = task.createTarget(architecture, createRandom(1, "target"));
  const perceptual = createPerceptual(
    { ...preset.perceptual, width: 2 },
    createRandom(1, "perceptual"),
  );
  const settings = {
    ...preset,
    generator: { ...preset.generator, width: 4, blocks: 1, downsamplings: 1, size },
    discriminator: { width: 4, layers: 1, scales: 1 },
  };
  const parts = createStepParts(settings, { task, target, perceptual });
  return {
    ...parts,
    [Symbol.dispose]() {
      for (const one of [parts, target, perceptual]) one[Symbol.dispose]();
    },
  };
}

function createInputs(): StepInputs<tf.Tensor3D> {
  const noise = tf.tensor(createRandom(3).uniforms(images.size, -0.03, 0.03), images.shape);
  return {
    clean: images,
    adversarial: tf.clipByValue(tf.add(images, noise), 0, 1) as Images,
    labels,
    cleanFeatures: undefined,
    learningRate: tf.scalar(0.01),
    discriminatorLearningRate: tf.scalar(0.01),
    averaging: tf.scalar(0),
  };
}

Deno.test("a recorded step of G and D over pixels equals the eager one", () => {
  using eager = createParts();
  using recorded = createParts();
  using step = createTrainStep(recorded);
  const inputs = createInputs();
  for (let call = 0; call < 2; call++) {
    const expected = tf.tidy(() => trainStep(eager, inputs));
    const actual = step(inputs);
    assert.deepEqual(Object.keys(actual), Object.keys(expected));
    for (const [name, term] of Object.entries(actual)) assertClose(term, expected[name], 1e-3);
  }
});

Deno.test("a step of G and D over pixels leaves no tensors behind", async () => {
  using parts = createParts();
  using step = createTrainStep(parts);
  const inputs = createInputs();
  await assertNoLeak(() => tf.dispose(step(inputs)));
});

const halfAndHalf = (width: number) =>
  Array.from({ length: width }, (_, column) => Number(2 * column >= width));

Deno.test("TargetTrainer brings the loss of a small network down on the pixels of a batch", async () => {
  using target = task.createTarget(architecture, createRandom(1, "target"));
  const { train } = preset.target;
  // Two halves: a map of 3x3 pixels can tell no finer.
  const halves = labelMapOf(...Array.from({ length: 16 }, () => halfAndHalf(16)));
  const truth = task.encodeLabels([halves, halves]);
  const schedule = { name: "constant", peak: 0.05, warmup: 0 } as const;
  using trainer = new TargetTrainer(task, target, { ...train, schedule }, 1, 30);
  async function* batches() {
    while (true) {
      const batch = { ids: ["0", "1"], indices: Uint32Array.of(0, 1), draw: 0, count: 2 };
      yield await Promise.resolve({
        ...batch,
        images: tf.clone(images),
        labels: tf.clone(truth),
      });
    }
  }
  const losses: number[] = [];
  for await (const { losses: { task: loss } } of trainer.run(batches())) losses.push(loss);
  assert.ok(losses.at(-1)! < 0.8 * losses[0], `from ${losses[0]} to ${losses.at(-1)}`);
});
