import assert from "node:assert/strict";
import { createToyParts, firstToyBatch, toyPreset } from "../testing/toy_task.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import type { LossSettings, Preset } from "../preset.ts";
import type { Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";
import { stepGradients } from "./algorithm_1.ts";
import { createTrainStep } from "./generator.ts";
import { conditionOf } from "./parts.ts";
import { conditioned } from "./restore_both.ts";

await useTestBackend();

const { images: clean, labels } = await firstToyBatch();
const noise = tf.tensor(createRandom(2).uniforms(clean.size, -0.03, 0.03), clean.shape);
const adversarial = tf.clipByValue(tf.add(clean, noise), 0, 1) as Images;
const batch = { clean, adversarial, labels, cleanFeatures: undefined };

/** The toy's networks; G works at 16 x 16, twice the pictures' size. */
function partsOf(
  losses: Partial<LossSettings> = {},
  discriminator: Partial<Preset["discriminator"]> = {},
  size: [number, number] = [16, 16],
) {
  return createToyParts({
    ...toyPreset,
    generator: { ...toyPreset.generator, size, resize: "align-corners" },
    losses: { ...toyPreset.losses, ...losses },
    discriminator: { ...toyPreset.discriminator, ...discriminator },
  });
}

const termsOf = ({ frozen, moving }: ReturnType<typeof partsOf>) =>
  Object.fromEntries(
    Object.entries(stepGradients(frozen, moving, batch).terms)
      .map(([name, term]) => [name, term.dataSync()[0]]),
  );

Deno.test("stepGradients takes pixel losses at G's size, and O's at the dataset's, as told", () => {
  using atGenerator = partsOf({ at: "generator" });
  using atDataset = partsOf();
  const { generator } = atGenerator.moving;
  const [own, resized] = [atGenerator, atDataset].map(termsOf);
  const inputs = generator.resize(tf.concat([clean, adversarial]) as Images);
  const [first, second] = tf.split(generator.translate(inputs), 2);
  const [wanted] = tf.split(inputs, 2);
  const distance = (one: tf.Tensor, other: tf.Tensor) =>
    tf.mean(tf.abs(tf.sub(one, other))).dataSync()[0];
  assertClose([own.reconstruction], [distance(first, wanted) + distance(second, first)], 1e-4);
  assert.notEqual(own.reconstruction.toFixed(5), resized.reconstruction.toFixed(5));
  assert.notEqual(own.discriminator.toFixed(5), resized.discriminator.toFixed(5));
  for (const name of ["task", "featureReconstruction", "classIntra"]) {
    assertClose([own[name]], [resized[name]], 1e-5);
  }
});

Deno.test("stepGradients takes pixel losses alike where G has the dataset's size", () => {
  using atGenerator = partsOf({ at: "generator" }, {}, [8, 8]);
  using atDataset = partsOf({}, {}, [8, 8]);
  assert.deepEqual(termsOf(atGenerator), termsOf(atDataset));
});

Deno.test("stepGradients computes z^c of an image resized to G's size and back, if told to", () => {
  // G is smaller than the pictures, so that the way there and back blurs.
  using round = partsOf({ cleanFeatures: "round-trip" }, {}, [4, 4]);
  using loaded = partsOf({}, {}, [4, 4]);
  const { frozen: { target }, moving: { generator } } = round;
  const [own, other] = [round, loaded].map(termsOf);
  const features = (images: Images) => target.forward(images).features;
  const restored = features(generator.restore(tf.concat([clean, adversarial]) as Images));
  const expected = (reference: Images) =>
    tf.split(restored, 2)
      .map((half) => tf.mean(tf.abs(tf.sub(half, features(reference)))).dataSync()[0])
      .reduce((sum, value) => sum + value);
  const blurred = generator.resize(generator.resize(clean), [8, 8]);
  assertClose([own.featureReconstruction], [expected(blurred)], 1e-4);
  assertClose([other.featureReconstruction], [expected(clean)], 1e-4);
  assert.ok(Math.abs(expected(blurred) - expected(clean)) > 1e-5);
});

Deno.test("D conditioned on labels sees the same ones beside real and fake images", () => {
  using parts = partsOf({}, { condition: "labels" }, [8, 8]);
  const { frozen: { condition }, moving: { discriminator } } = parts;
  const seen: tf.Tensor4D[] = [];
  const spy = {
    ...discriminator,
    features: (images: Images, drawn?: tf.Tensor4D) => (seen.push(drawn!), [[images]]),
  };
  conditioned(spy, condition!, labels).features(tf.concat([clean, clean, clean]) as Images);
  assert.deepEqual(seen[0].shape, [18, 8, 8, 3]);
  const classes = [...tf.argMax(seen[0], 3).dataSync()].filter((_, at) => at % 64 === 0);
  const truth = [...labels.dataSync()];
  assert.deepEqual(classes, [...truth, ...truth, ...truth]);
});

for (const setting of ["full", "L_T+F"] as const) {
  Deno.test(`a step of a conditioned D is the same recorded, and follows the labels: ${setting}`, () => {
    using parts = partsOf({ setting }, { condition: "labels" });
    using recorded = partsOf({ setting }, { condition: "labels" });
    const before = termsOf(parts);
    using step = createTrainStep(recorded.frozen, recorded.moving);
    const rates = {
      learningRate: tf.scalar(0),
      discriminatorLearningRate: tf.scalar(0),
      averaging: tf.scalar(0),
    };
    const run = (classes: tf.Tensor1D) => {
      const terms = step({ ...batch, labels: classes, ...rates });
      return Object.fromEntries(
        Object.entries(terms).map(([name, term]) => [name, term.dataSync()[0]]),
      );
    };
    const again = run(labels);
    assertClose(Object.values(again), Object.values(before), 1e-4);
    const swapped = run(tf.tensor1d([...labels.dataSync()].reverse(), "int32"));
    assert.notEqual(swapped.discriminator, again.discriminator);
    assert.notEqual(swapped.adversarial, again.adversarial);
    assert.equal(swapped.reconstruction, again.reconstruction);
  });
}

Deno.test("conditionOf refuses a task whose labels cannot be drawn", () => {
  assert.throws(
    () => conditionOf({ name: "depth" }, { condition: "labels" }),
    /Cannot condition D on labels as depth has no label images/,
  );
});
