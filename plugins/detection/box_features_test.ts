import { type Box, createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { bilinearWeights, boxCellFeatures, boxFeatures, cellWeights } from "./box_features.ts";
import { encodeLabels } from "./labels.ts";

const random = createRandom(1, "box features");
const box = (x1: number, y1: number, x2: number, y2: number, index = 0): Box => ({
  box: [x1, y1, x2, y2],
  class: index,
  difficult: false,
});

Deno.test("boxFeatures is the mean of the map at points spread over each box", async () => {
  await useTestBackend();
  const [height, width, depth] = [5, 4, 3];
  const map = tf.tensor4d(random.normals(2 * height * width * depth, 1), [2, height, width, depth]);
  const annotations = [
    { boxes: [box(0.1, 0.2, 0.9, 0.7, 1), box(0, 0, 0.05, 1)] },
    { boxes: [box(0.5, 0.5, 1, 1, 2)] },
  ];
  const { vectors, classes } = boxFeatures(map, encodeLabels(annotations, 3));
  assert.deepEqual(vectors.shape, [16, depth]);
  assertClose(classes, [1, 0, -1, -1, -1, -1, -1, -1, 2, -1, -1, -1, -1, -1, -1, -1]);
  const values = await map.array();
  const at = (row: number, y: number, x: number, channel: number) => {
    const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
    const [py, px] = [clamp(y * height - 0.5, height), clamp(x * width - 0.5, width)];
    const [y0, x0] = [Math.floor(py), Math.floor(px)];
    const [y1, x1] = [Math.min(height - 1, y0 + 1), Math.min(width - 1, x0 + 1)];
    const [fy, fx] = [py - y0, px - x0];
    const pixel = (i: number, j: number) => values[row][i][j][channel];
    return (1 - fy) * ((1 - fx) * pixel(y0, x0) + fx * pixel(y0, x1)) +
      fy * ((1 - fx) * pixel(y1, x0) + fx * pixel(y1, x1));
  };
  const meanOf = (row: number, [x1, y1, x2, y2]: readonly number[], channel: number) => {
    let sum = 0;
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        sum += at(row, y1 + (y2 - y1) * (i + 0.5) / 7, x1 + (x2 - x1) * (j + 0.5) / 7, channel);
      }
    }
    return sum / 49;
  };
  const actual = await vectors.array();
  for (const [row, place] of [[0, 0], [0, 1], [1, 0]]) {
    const corners = annotations[row].boxes[place].box;
    const expected = Array.from({ length: depth }, (_, channel) => meanOf(row, corners, channel));
    assertClose(actual[8 * row + place], expected, 1e-4);
  }
});

Deno.test("boxFeatures has the gradient of finite differences", async () => {
  await useTestBackend();
  const labels = encodeLabels([{ boxes: [box(0.1, 0.2, 0.9, 0.7), box(0.3, 0, 0.6, 1)] }], 1);
  const map = tf.tensor4d(random.normals(3 * 4 * 2, 1), [1, 3, 4, 2]);
  assertGradient(
    (x) => tf.sum(tf.square(boxFeatures(x as tf.Tensor4D, labels).vectors)),
    [map],
    { coordinates: 24 },
  );
});

Deno.test("bilinearWeights add up to 1, for padding too", async () => {
  await useTestBackend();
  const weights = bilinearWeights(tf.tensor2d([[0, 0.2, 0.9]]), tf.tensor2d([[0, 0.7, 1]]), 6);
  assertClose(tf.sum(weights, 2), [1, 1, 1]);
});

Deno.test("boxCellFeatures is the mean of whole cells, without the last row and column", async () => {
  await useTestBackend();
  const size = 19;
  // Cell (y, x) holds y and x.
  const cells = Array.from({ length: size * size }, (_, at) => [Math.floor(at / size), at % size]);
  const map = tf.tensor4d(cells.flat(), [1, size, size, 2]);
  const boxes = [
    box(0.5, 0.5, 0.5001, 0.5001), // both corners in cell 9: the one before it
    box(0.99, 0.99, 1, 1), // both in cell 18
    box(2.5 / 19, 4.5 / 19, 6.5 / 19, 7.5 / 19), // columns 2 to 5, rows 4 to 6
    box(0, 0, 1, 1), // 0 to 17
    box(0, 0.5, 0.01, 0.9), // no column before the first
  ];
  const { vectors, classes } = boxCellFeatures(map, encodeLabels([{ boxes }], 1));
  assertClose(tf.slice(vectors, [0, 0], [4, 2]), [8, 8, 17, 17, 5, 3.5, 8.5, 8.5]);
  assertClose(classes, [0, 0, 0, 0, -1, -1, -1, -1]);
  assertClose(
    tf.sum(cellWeights(tf.tensor2d([[0.2, 0]]), tf.tensor2d([[0.9, 0.01]]), size), 2),
    [1, 0],
  );
});

Deno.test("boxCellFeatures leave difficult boxes and crowds out", async () => {
  await useTestBackend();
  const whole = box(0, 0, 1, 1);
  const boxes = [whole, { ...whole, difficult: true }, { ...whole, crowd: true }, whole];
  const labels = encodeLabels([{ boxes }], 1);
  const { classes } = boxCellFeatures(tf.ones([1, 4, 4, 2]), labels);
  assertClose(classes, [0, -1, -1, 0, -1, -1, -1, -1]);
});
