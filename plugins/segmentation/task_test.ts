import { type Augmentation, createRandom, type Example } from "@realign/core";
import { objectiveValue } from "@realign/core/attacks";
import { record } from "@realign/core/backend";
import {
  assertClose,
  assertGradient,
  assertNoLeak,
  assertTaskAdapter,
  useTestBackend,
} from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import type { SegmentationAnnotation } from "./labels.ts";
import segmentation from "./mod.ts";
import { createSegmentation } from "./task.ts";
import { labelMapOf, randomLabelMap } from "./testing.ts";

await useTestBackend();

const classNames = ["road", "sky", "tree"];
const task = createSegmentation({ classNames, imageSize: [17, 17], auxiliaryWeight: 0.4 });

/** `[1, 1, W, 3]` logits and labels, a pixel a row. */
const rows = [[1, 2, 3], [0, -1, 4], [5, 0, 0], [1, 1, 1]];
const truth = [0, 2, 1, 255];
const logits = tf.tensor4d(rows.flat(), [1, 1, 4, 3]);
const features = tf.tensor4d([10, 20, 30, 40], [1, 1, 4, 1]);
const labels = task.encodeLabels([labelMapOf(truth)]);
const losses = rows.map((row, index) =>
  Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[truth[index]]
).slice(0, 3);
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

for (const architecture of ["pspnet-resnet18-w0.1", "deeplabv3-resnet18-w0.1"]) {
  Deno.test(`the segmentation task keeps to the core's contract with ${architecture}`, async () => {
    const images = tf.tensor4d(createRandom(1).uniforms(3 * 768, 0, 1), [3, 16, 16, 3]);
    const annotations = [1, 2, 3].map((seed) => randomLabelMap(seed, [16, 16], 3));
    const impossible = labelMapOf(...Array.from({ length: 16 }, () => new Array(16).fill(3)));
    await assertTaskAdapter(task, architecture, { images, annotations, impossible });
    images.dispose();
  });
}

Deno.test("encodeLabels gives -1 for 255, as int32", () => {
  assert.equal(labels.dtype, "int32");
  assert.deepEqual(labels.shape, [1, 1, 4]);
  assertClose(labels, [0, 2, 1, -1]);
});

Deno.test("encodeLabels names an impossible class, its row and column", () => {
  assert.throws(
    () => task.encodeLabels([labelMapOf([0, 1], [1, 1]), labelMapOf([0, 1], [2, 7])]),
    /^RangeError: Cannot encode label map 1 of the batch .* current value is 7 at row 1, column 1$/,
  );
});

Deno.test("encodeLabels refuses maps of different sizes, and of fewer classes than pixels", () => {
  const short = { labelMap: { height: 1, width: 3, classes: Uint8Array.of(0, 1) } };
  const missing = {} as SegmentationAnnotation;
  for (const annotations of [[labelMapOf([0, 1]), labelMapOf([0, 1, 2])], [short], [missing]]) {
    assert.throws(() => task.encodeLabels(annotations), /^TypeError: Cannot encode label map/);
  }
});

Deno.test("taskLoss is the mean of -log softmax over pixels that count", () => {
  assertClose(task.taskLoss({ logits, features }, labels), [mean(losses)], 1e-5);
});

Deno.test("taskLoss adds the auxiliary head's loss by its weight", () => {
  const auxiliary = tf.zerosLike(logits);
  const loss = task.taskLoss({ logits, features, auxiliary }, labels);
  assertClose(loss, [mean(losses) + 0.4 * Math.log(3)], 1e-5);
});

Deno.test("taskLoss is 0 where every pixel is ignored, and pulls nowhere", () => {
  const ignored = task.encodeLabels([labelMapOf([255, 255, 255, 255])]);
  const { value, grad } = tf.valueAndGrad((x) =>
    task.taskLoss({ logits: x as tf.Tensor4D, features }, ignored)
  )(logits);
  assertClose(value, [0]);
  assertClose(grad, new Float32Array(12));
});

Deno.test("taskLoss weights pixels alike, and objectives pixels of an example", () => {
  const batch = tf.concat([logits, tf.zerosLike(logits)]);
  const both = task.encodeLabels([labelMapOf(truth), labelMapOf([0, 255, 255, 255])]);
  const output = { logits: batch, features };
  assertClose(task.taskLoss(output, both), [mean([...losses, Math.log(3)])], 1e-5);
  const objective = objectiveValue(task.objectives["cross-entropy"], output, both, output);
  assertClose(objective, [mean(losses), Math.log(3)], 1e-5);
});

Deno.test("taskLoss and objectives have the gradient of finite differences", () => {
  const reference = { logits: tf.reverse(logits, 2), features: tf.reverse(logits, 2) };
  const sums = [
    (x: tf.Tensor4D) => task.taskLoss({ logits: x, features, auxiliary: x }, labels),
    ...Object.values(task.objectives).map((objective) => (x: tf.Tensor4D) =>
      tf.sum(objectiveValue(objective, { logits: x, features: x }, labels, reference)) as tf.Scalar
    ),
  ];
  for (const sum of sums) assertGradient((x) => sum(x as tf.Tensor4D), [logits]);
});

Deno.test("labels are resized to the logits by nearest neighbour", () => {
  const small = tf.tensor4d([0, 9, 0, 9, 0, 0], [1, 1, 2, 3]);
  const wide = task.encodeLabels([labelMapOf([0, 1, 2, 2, 0, 1, 1, 0])]); // two of eight: 1 in 4
  const expected = [2, 1].map((label, index) => {
    const row = [[0, 9, 0], [9, 0, 0]][index];
    return Math.log(Math.exp(9) + 2) - row[label];
  });
  assertClose(task.taskLoss({ logits: small, features }, wide), [mean(expected)], 1e-5);
});

Deno.test("extractFeatures gives every pixel of the map with its class, examples one after another", () => {
  const maps = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]);
  const wide = task.encodeLabels([labelMapOf([0, 1, 1, 2, 255]), labelMapOf([1, 0, 0, 0, 2])]);
  const { vectors, classes } = task.extractFeatures({ logits, features: maps }, wide);
  assertClose(vectors, maps);
  assert.deepEqual(vectors.shape, [4, 2]);
  assertClose(classes, [0, -1, 1, 2]);
});

Deno.test('the objective "features" is, example by example, the mean distance of rows that have a class', () => {
  const [maps, clean] = [[1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 5, 8, 7, 8]].map((values) => ({
    logits,
    features: tf.tensor4d(values, [2, 1, 2, 2]),
  }));
  const wide = task.encodeLabels([labelMapOf([0, 1, 1, 2, 255]), labelMapOf([1, 0, 0, 0, 2])]);
  assertClose(objectiveValue(task.objectives.features, maps, wide, clean), [1.5, 0.5]);
});

Deno.test('the features "logits" are every pixel\'s, with its class or -1', () => {
  const { vectors, classes } = task.features!.logits({ logits, features }, labels);
  assertClose(vectors, rows.flat());
  assertClose(classes, [0, 2, 1, -1]);
});

Deno.test("label images have a channel for each class and one for ignored pixels, resized to the nearest", () => {
  const { channels, draw } = task.labelImages!;
  assert.equal(channels, 4);
  const one = (index: number) => [0, 1, 2, 3].map((channel) => Number(channel === index));
  assertClose(draw(labels, [1, 4]), [0, 2, 1, 3].flatMap(one));
  assertClose(draw(labels, [2, 8]), [0, 1].flatMap(() => [0, 0, 2, 2, 1, 1, 3, 3]).flatMap(one));
});

Deno.test("describe names the classes that cover most of a picture", async () => {
  const broken = tf.fill<tf.Rank.R4>([1, 1, 4, 3], NaN);
  const output = { logits: tf.concat([logits, broken, logits]), features };
  assert.deepEqual(await task.describe(output, 2), ["road 50 %, tree 50 %", "not a number"]);
});

Deno.test("draw gives what describe counts, and drawTruth the truth", async () => {
  const [{ labelMap }] = await task.draw!({ logits, features }, 1);
  assert.deepEqual([labelMap!.height, labelMap!.width], [1, 4]);
  assert.deepEqual([...labelMap!.classes], [2, 2, 0, 0]);
  const annotation = labelMapOf(truth);
  assert.equal(task.drawTruth!(annotation).labelMap, annotation.labelMap);
});

/** A picture whose red is the row and green the column, with a map of the same. */
const [height, width] = [12, 16];
const example: Example<SegmentationAnnotation> = {
  id: "x",
  picture: {
    height,
    width,
    pixels: Uint8Array.from({ length: height * width * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return [Math.floor(pixel / width) * 10, (pixel % width) * 10, 77][index % 3];
    }),
  },
  annotation: {
    labelMap: {
      height,
      width,
      classes: Uint8Array.from({ length: height * width }, (_, pixel) => pixel % width),
    },
  },
};

Deno.test("flip mirrors picture and label map together", () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const { picture, annotation } = task.augmentations.flip(example, createRandom(seed));
    annotation.labelMap.classes.forEach((value, pixel) =>
      assert.equal(picture.pixels[3 * pixel + 1], 10 * value)
    );
    seen.add(annotation.labelMap.classes[0]);
  }
  assert.deepEqual([...seen].sort((a, b) => a - b), [0, width - 1]);
});

Deno.test("scale-crop-flip moves picture and label map together, and ignores what it pads", () => {
  const change = task.augmentations["scale-crop-flip"];
  let [padded, cropped] = [0, 0];
  for (let seed = 0; seed < 60; seed++) {
    const { id, picture, annotation } = change(example, createRandom(seed));
    const { labelMap } = annotation;
    assert.deepEqual([id, picture.height, picture.width], ["x", height, width]);
    assert.deepEqual([labelMap.height, labelMap.width], [height, width]);
    const kept = labelMap.classes.filter((value) => value !== 255);
    if (kept.length < height * width) padded++;
    else cropped++;
    labelMap.classes.forEach((value, pixel) => {
      const colour = picture.pixels.subarray(3 * pixel, 3 * pixel + 3);
      if (value === 255) assert.deepEqual([...colour], [124, 116, 104]);
      // The nearest column lies within half a column of where the colour was taken.
      else assert.ok(Math.abs(colour[1] - 10 * value) <= 5 + 1 && colour[2] === 77);
    });
  }
  assert.ok(padded > 5 && cropped > 20, `${padded} padded, ${cropped} cropped`);
});

Deno.test("the same random stream augments alike, and leaves the example as it was", () => {
  const before = structuredClone(example);
  for (const augment of Object.values<Augmentation<SegmentationAnnotation>>(task.augmentations)) {
    const [one, other] = [0, 0].map(() => augment(example, createRandom(5)));
    assert.deepEqual(one, other);
  }
  assert.deepEqual(example, before);
});

Deno.test("a recorded gradient of the task equals the eager one, and leaves nothing behind", async () => {
  using model = task.createTarget("pspnet-resnet18-w0.1", createRandom(1));
  const images = tf.randomUniform<tf.Rank.R4>([2, 16, 16, 3], 0, 1, "float32", 1);
  const maps = task.encodeLabels([1, 2].map((seed) => randomLabelMap(seed, [16, 16], 3)));
  const step = (inputs: { images: tf.Tensor4D; labels: tf.Tensor3D }) =>
    tf.grad((x) => task.taskLoss(model.forward(x as tf.Tensor4D), inputs.labels))(inputs.images);
  using recorded = record(step);
  for (let call = 0; call < 2; call++) {
    assertClose(recorded({ images, labels: maps }), step({ images, labels: maps }), 1e-4);
  }
  await assertNoLeak(() => step({ images, labels: maps }).dispose());
});

Deno.test("createSegmentation refuses fewer than two classes, and more than a byte holds", () => {
  for (const count of [1, 256]) {
    const names = Array.from({ length: count }, (_, index) => `${index}`);
    assert.throws(
      () => createSegmentation({ classNames: names, imageSize: [9, 9] }),
      /^RangeError: Cannot segment/,
    );
  }
});

Deno.test("the plugin makes the task of a preset, with its network's auxiliary weight", () => {
  const preset = segmentation.presets["seg-voc2012"];
  for (const [architecture, weight] of [["pspnet-resnet50", 0.4], ["deeplabv3-resnet50", 0.5]]) {
    const target = { ...preset.target, architecture: architecture as string };
    const adapter = segmentation.createTask({ ...preset, target }, classNames);
    const auxiliary = tf.zerosLike(logits);
    const output = { logits: auxiliary, features, auxiliary };
    assertClose(adapter.taskLoss(output, labels), [(1 + Number(weight)) * Math.log(3)], 1e-5);
  }
});
