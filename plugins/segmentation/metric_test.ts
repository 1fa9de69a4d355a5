import { createRandom } from "@realign/core";
import { assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { createMeanIou } from "./metric.ts";

const [height, width] = [9, 7];
const area = height * width;

/** Logits that say these classes, of `classCount`. */
function saying(classes: readonly number[], classCount: number, size = [height, width]) {
  const flags = classes.flatMap((value) =>
    Array.from({ length: classCount }, (_, index) => index === value ? 2 : -1)
  );
  const batch = classes.length / (size[0] * size[1]);
  return { logits: tf.tensor4d(flags, [batch, size[0], size[1], classCount]) };
}

const labelsOf = (values: readonly number[], size = [height, width]) =>
  tf.tensor3d([...values], [values.length / (size[0] * size[1]), size[0], size[1]], "int32");

/** Random maps in which class 3 is never there, and class 4 only predicted. */
function randomMaps(examples: number): { truth: number[]; said: number[] } {
  const random = createRandom(7, "maps");
  const truth = Array.from({ length: examples * area }, () => random.integer(4) - 1);
  const said = truth.map((label) => {
    if (random.next() < 0.5 && label >= 0) return label;
    return [0, 1, 2, 4][random.integer(4)];
  });
  return { truth, said };
}

Deno.test("createMeanIou agrees with sets of pixels, class by class", async () => {
  await useTestBackend();
  const { truth, said } = randomMaps(5);
  const metric = createMeanIou(5, ["a", "b", "c", "d", "e"]);
  for (const [first, rows, counted] of [[0, 2, 2], [2, 2, 2], [4, 2, 1]]) {
    const part = (values: readonly number[]) => {
      const own = values.slice(first * area, (first + rows) * area);
      return own.length === rows * area ? own : [...own, ...own]; // padding repeats the last row
    };
    await metric.update(saying(part(said), 5), labelsOf(part(truth)), counted);
  }
  const pixels = Array.from(truth.keys()).filter((at) => truth[at] >= 0);
  const expected = [0, 1, 2, 3, 4].map((label) => {
    const there = new Set(pixels.filter((at) => truth[at] === label));
    const found = new Set(pixels.filter((at) => said[at] === label));
    const union = there.union(found).size;
    return union === 0 ? null : there.intersection(found).size / union;
  });
  const { name, value, count, details } = metric.result();
  assert.deepEqual([name, count], ["mIoU", 5]);
  assert.deepEqual(details?.perClass, expected);
  assert.deepEqual([expected[3], expected[4]], [null, 0]);
  assert.deepEqual(details?.absentClasses, ["d"]);
  assert.equal(details?.pixels, pixels.length);
  // Each picture's intersections and unions add up to those of the whole.
  const ratios = metric.ratios!();
  assert.equal(ratios.length, 5);
  for (const [picture, summands] of ratios.entries()) {
    const own = pixels.filter((at) => Math.floor(at / area) === picture);
    assert.deepEqual(
      summands,
      [0, 1, 2, 3, 4].flatMap((label) => [
        own.filter((at) => truth[at] === label && said[at] === label).length,
        own.filter((at) => truth[at] === label || said[at] === label).length,
      ]),
    );
  }
  const right = pixels.filter((at) => truth[at] === said[at]).length;
  assert.equal(details?.pixelAccuracy, right / pixels.length);
  const [a, b, c] = expected as number[];
  assert.ok(Math.abs(value - (a + b + c + 0) / 4) < 1e-12);
});

Deno.test("createMeanIou has the value of cityscapesScripts' formula on its confusion matrix", async () => {
  await useTestBackend();
  const { truth, said } = randomMaps(3);
  const metric = createMeanIou(5);
  await metric.update(saying(said, 5), labelsOf(truth), 3);
  const { value, details } = metric.result();
  const matrix = details!.confusion!;
  const scores = matrix.map((row, label) => {
    const hits = row[label];
    const missed = row.reduce((sum, cell) => sum + cell, 0) - hits;
    const wrong = matrix.reduce((sum, other, k) => sum + (k === label ? 0 : other[label]), 0);
    return hits / (hits + wrong + missed);
  }).filter((score) => !Number.isNaN(score));
  assert.equal(value, scores.reduce((sum, score) => sum + score, 0) / scores.length);
});

Deno.test("createMeanIou resizes logits bilinearly to the labels' size", async () => {
  await useTestBackend();
  const metric = createMeanIou(2);
  // From 0 to 1 over two columns; in eight columns the middle lies between the fourth and the fifth.
  await metric.update(saying([0, 1], 2, [1, 2]), labelsOf([0, 0, 0, 0, 1, 1, 1, 1], [1, 8]), 1);
  assert.equal(metric.result().value, 1);
});

Deno.test("createMeanIou takes logits that are not numbers as no class", async () => {
  await useTestBackend();
  const metric = createMeanIou(2);
  const logits = tf.tensor4d([[[[NaN, 1], [2, 1], [0, 1], [0, 1]]]]);
  await metric.update({ logits }, labelsOf([0, 0, 1, 1], [1, 4]), 1);
  const { details } = metric.result();
  assert.deepEqual(details?.perClass, [1 / 2, 1]);
  assert.deepEqual([details?.notANumber, details?.pixelAccuracy], [1, 3 / 4]);
});

Deno.test("createMeanIou refuses other classes, and has no result before the first pixel that counts", async () => {
  await useTestBackend();
  const metric = createMeanIou(3);
  assert.throws(() => metric.result(), /^RangeError: Cannot compute the mIoU as no pixel/);
  await metric.update(saying([0, 0], 3, [1, 2]), labelsOf([-1, -1], [1, 2]), 1);
  assert.throws(() => metric.result(), RangeError);
  await assert.rejects(
    metric.update(saying([0, 0], 2, [1, 2]), labelsOf([0, 0], [1, 2]), 1),
    /logits must have 3 classes: current count is 2/,
  );
});

Deno.test("createMeanIou leaves no tensors behind and disposes none of its caller's", async () => {
  await useTestBackend();
  const metric = createMeanIou(2);
  const [output, labels] = [saying([0, 1], 2, [1, 2]), labelsOf([0, 1, 1, 0], [1, 4])];
  await assertNoLeak(() => metric.update(output, labels, 1));
  assert.equal(output.logits.isDisposed || labels.isDisposed, false);
});

Deno.test("createMeanIou keeps the result of many classes small", async () => {
  await useTestBackend();
  const details = async (classCount: number) => {
    const metric = createMeanIou(classCount);
    const logits = tf.zeros<tf.Rank.R4>([1, 1, 1, classCount]);
    await metric.update({ logits }, labelsOf([0], [1, 1]), 1);
    return metric.result().details!;
  };
  assert.equal("confusion" in await details(101), false);
  assert.equal((await details(100)).confusion!.length, 100);
});
