import { objectiveValue } from "@realign/core/attacks";
import { type Augmentation, createRandom, type Example } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import classification from "./mod.ts";
import { type ClassAnnotation, createClassification } from "./task.ts";

const task = createClassification(["cat", "dog", "owl"], [8, 8]);
const labelsOf = (...values: number[]) => task.encodeLabels(values);
const outputOf = (rows: number[][]) => ({ logits: tf.tensor2d(rows), features: tf.tensor2d(rows) });

Deno.test("encodeLabels takes classes alone and among other things, as int32", async () => {
  await useTestBackend();
  const labels = task.encodeLabels([2, { class: 0, boxes: [] } as ClassAnnotation]);
  assert.equal(labels.dtype, "int32");
  assertClose(labels, [2, 0]);
});

Deno.test("encodeLabels names an impossible label", () => {
  for (const wrong of [3, -1, 0.5, NaN, undefined, null, "dog", { class: 9 }, {}]) {
    const annotations = [0, wrong] as ClassAnnotation[];
    assert.throws(
      () => task.encodeLabels(annotations),
      /^RangeError: Cannot encode label 1 of the batch as its class must be an integer in \[0, 3\): current value is /,
    );
  }
});

Deno.test("taskLoss is the mean of -log softmax of the true class", async () => {
  await useTestBackend();
  const rows = [[1, 2, 3], [0, -1, 4]];
  const expected = rows.map((row, index) => {
    const label = [0, 2][index];
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label];
  });
  assertClose(task.taskLoss(outputOf(rows), labelsOf(0, 2)), [(expected[0] + expected[1]) / 2]);
});

Deno.test("taskLoss has the gradient of finite differences", async () => {
  await useTestBackend();
  const logits = tf.tensor2d([[1, 2, 3], [0, -1, 1]]);
  const labels = labelsOf(0, 2);
  assertGradient(
    (x) => task.taskLoss({ logits: x as tf.Tensor2D, features: x as tf.Tensor2D }, labels),
    [logits],
  );
});

Deno.test("objectives are one number an example, of their own", async () => {
  await useTestBackend();
  const output = outputOf([[1, 2, 3], [4, 0, 0]]);
  const reference = outputOf([[1, 2, 3], [0, 0, 4]]);
  const labels = labelsOf(2, 0);
  for (const objective of Object.values(task.objectives)) {
    assert.deepEqual(objectiveValue(objective, output, labels, reference).shape, [2]);
  }
  const [same, other] = objectiveValue(task.objectives.kl, output, labels, reference)
    .dataSync();
  assertClose([same], [0]);
  assert.ok(other > 1);
});

Deno.test('the objective "features" is the distance of each example from its clean features', async () => {
  await useTestBackend();
  const [moved, clean] = [outputOf([[1, 2, 3], [4, 0, 0]]), outputOf([[1, 2, 3], [0, 0, 4]])];
  const value = objectiveValue(task.objectives.features, moved, labelsOf(2, 0), clean);
  const gap = tf.mean(tf.abs(tf.sub(moved.features, clean.features)), 1) as tf.Tensor1D;
  assertClose(value, gap);
  assert.ok(value.dataSync()[1] > 0);
});

Deno.test("extractFeatures gives every example's features with its class", async () => {
  await useTestBackend();
  const output = outputOf([[1, 2, 3], [4, 5, 6]]);
  const labels = labelsOf(2, 0);
  const { vectors, classes } = task.extractFeatures(output, labels);
  assertClose(vectors, output.features);
  assertClose(classes, labels);
});

Deno.test("describe names class and probability of the rows that count", async () => {
  await useTestBackend();
  const output = outputOf([[0, Math.log(8), 0], [1000, 0, 0], [NaN, 0, 0], [0, 0, 9]]);
  assert.deepEqual(await task.describe(output, 3), ["dog 80 %", "cat 100 %", "not a number"]);
});

const example: Example<ClassAnnotation> = {
  id: "x",
  picture: {
    height: 16,
    width: 8,
    pixels: Uint8Array.from({ length: 16 * 8 * 3 }, (_, index) => 1 + index % 250),
  },
  annotation: { class: 1 },
};
const drawn = (augment: Augmentation<ClassAnnotation>, count: number) =>
  new Set(
    Array.from({ length: count }, (_, seed) =>
      augment(example, createRandom(seed)).picture.pixels.join()),
  );

Deno.test("augmentations are as many as they should be, and keep size, id and class", () => {
  const { none, flip, "flip-crop": flipCrop } = task.augmentations;
  assert.equal(drawn(none, 10).size, 1);
  assert.equal(drawn(flip, 40).size, 2);
  // An eighth of 16 x 8: moved by -2 to 2 rows, -1 to 1 columns, flipped or not.
  assert.equal(drawn(flipCrop, 400).size, 5 * 3 * 2);
  const { id, picture, annotation } = flipCrop(example, createRandom(5));
  assert.deepEqual([id, picture.height, picture.width, annotation], ["x", 16, 8, { class: 1 }]);
});

Deno.test("the same random stream augments two pictures alike", () => {
  const flipCrop = task.augmentations["flip-crop"];
  for (let seed = 0; seed < 20; seed++) {
    const [one, other] = [0, 0].map(() => flipCrop(example, createRandom(seed)));
    assert.deepEqual(one, other);
  }
});

Deno.test("createTarget gives a model whose pass, loss and gradient leave no tensors behind", async () => {
  await useTestBackend();
  using model = task.createTarget("wrn-10-1", createRandom(1));
  const images = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], 0, 1, "float32", 1);
  const labels = labelsOf(0, 1);
  await assertNoLeak(() => {
    const gradient = tf.grad((x) => task.taskLoss(model.forward(x as tf.Tensor4D), labels))(images);
    gradient.dispose();
  });
});

for (const architecture of ["wrn-10-1", "resnet20"]) {
  Deno.test(`a recorded gradient through ${architecture} equals the eager one`, async () => {
    await useTestBackend();
    using model = task.createTarget(architecture, createRandom(1));
    const images = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 3], 0, 1, "float32", 1);
    const labels = labelsOf(0, 1);
    const step = (inputs: { images: tf.Tensor4D; labels: tf.Tensor1D }) =>
      tf.grad((x) => task.taskLoss(model.forward(x as tf.Tensor4D), inputs.labels))(inputs.images);
    using recorded = record(step);
    for (let call = 0; call < 2; call++) {
      assertClose(recorded({ images, labels }), step({ images, labels }), 1e-4);
    }
  });
}

Deno.test("createClassification refuses fewer than two classes", () => {
  assert.throws(() => createClassification(["cat"], [8, 8]), RangeError);
});

Deno.test("the plugin makes the task of a preset", () => {
  assert.equal(classification.apiVersion, 1);
  const adapter = classification.createTask(classification.presets["cls-cifar100"], ["a", "b"]);
  assert.deepEqual([adapter.name, adapter.classCount], ["classification", 2]);
});
