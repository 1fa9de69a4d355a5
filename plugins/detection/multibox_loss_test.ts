import { type Box, createRandom } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { encodeLabels } from "./labels.ts";
import { matchPriors } from "./matching.ts";
import { hardNegatives, multiBoxLoss, multiBoxObjective, smoothL1 } from "./multibox_loss.ts";
import { listPriors, smallLayout } from "./priors.ts";

const random = createRandom(1, "multibox");
const K = 3;
const priorValues = listPriors(smallLayout([4, 2, 1]));
const P = priorValues.length / 4;
const prior = (index: number) => Array.from(priorValues.subarray(4 * index, 4 * index + 4));

function box(x1: number, y1: number, x2: number, y2: number, index = 0, difficult = false): Box {
  return { box: [x1, y1, x2, y2], class: index, difficult };
}

const examples = [
  { boxes: [box(0.1, 0.15, 0.5, 0.6, 2), box(0.55, 0.5, 0.99, 0.9, 1)] },
  { boxes: [] },
  { boxes: [box(0.2, 0.2, 0.9, 0.8, 0), box(0, 0, 0.3, 0.3, 1, true)] },
];
const labelsOf = (annotations = examples) => encodeLabels(annotations, K);
const priorsOf = (batch: number) =>
  tf.tile(tf.tensor3d(priorValues, [1, P, 4]), [batch, 1, 1]) as tf.Tensor3D;

/** An output of random numbers. */
function outputOf(batch: number) {
  return {
    logits: tf.tensor3d(random.normals(batch * P * (K + 1), 2), [batch, P, K + 1]),
    offsets: tf.tensor3d(random.normals(batch * P * 4, 1), [batch, P, 4]),
    priors: priorsOf(batch),
  };
}

function overlap(centre: number[], [x1, y1, x2, y2]: readonly number[]): number {
  const [cx, cy, w, h] = centre;
  const width = Math.max(0, Math.min(cx + w / 2, x2) - Math.max(cx - w / 2, x1));
  const height = Math.max(0, Math.min(cy + h / 2, y2) - Math.max(cy - h / 2, y1));
  return width * height / (w * h + (x2 - x1) * (y2 - y1) - width * height);
}

/** Which box each prior answers for, by the words of the paper; -1 for none. */
function matchByHand(boxes: readonly Box[]): number[] {
  const counting = boxes.filter(({ difficult }) => !difficult);
  const shares = Array.from(
    { length: P },
    (_, index) => counting.map(({ box }) => overlap(prior(index), box)),
  );
  const matches = shares.map((row) => {
    const best = row.indexOf(Math.max(...row));
    return row[best] >= 0.5 ? best : -1;
  });
  counting.forEach((_, place) => {
    const column = shares.map((row) => row[place]);
    matches[column.indexOf(Math.max(...column))] = place;
  });
  return matches;
}

Deno.test("matchPriors gives each prior its box from overlap .5 on, and each box its best prior", async () => {
  await useTestBackend();
  const { positive, classes, boxes } = matchPriors(priorsOf(3), labelsOf());
  const expected = examples.map(({ boxes }) => matchByHand(boxes));
  assert.deepEqual(expected.map((row) => row.some((place) => place >= 0)), [true, false, true]);
  assertClose(positive, expected.flat().map((place) => Number(place >= 0)));
  assertClose(
    classes,
    expected.flatMap((row, index) =>
      row.map((place) => place < 0 ? 0 : examples[index].boxes[place].class + 1)
    ),
  );
  assertClose(
    boxes,
    expected.flatMap((row, index) =>
      row.flatMap((place) => place < 0 ? [0, 0, 0, 0] : examples[index].boxes[place].box)
    ),
  );
});

Deno.test("matchPriors gives a prior that is the best for two boxes to the last of them", async () => {
  await useTestBackend();
  const twice = [{ boxes: [box(0.3, 0.3, 0.5, 0.5, 0), box(0.3, 0.3, 0.5, 0.5, 2)] }];
  const { classes } = matchPriors(priorsOf(1), labelsOf(twice));
  assert.equal(Math.max(...await classes.data()), 3);
});

Deno.test("hardNegatives are three for a positive, the greatest losses first, without positives", async () => {
  await useTestBackend();
  const losses = tf.tensor2d([[9, 1, 5, 2, 4, 3, 0, 8], [1, 2, 3, 4, 5, 6, 7, 8], [
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
  ]]);
  const positive = tf.tensor2d([[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
  ]]);
  assertClose(
    hardNegatives(losses, positive),
    [
      [0, 0, 1, 0, 1, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 0, 1, 1, 0, 0, 0, 0],
    ].flat(),
  );
  const many = tf.tensor2d([[1, 1, 1, 1, 0, 0]]);
  assertClose(hardNegatives(tf.ones([1, 6]), many), [0, 0, 0, 0, 1, 1]);
});

Deno.test("smoothL1 is a parabola that goes over into lines", async () => {
  await useTestBackend();
  const values = [-3, -1, -0.5, 0, 0.25, 1, 2];
  assertClose(
    smoothL1(tf.tensor1d(values)),
    values.map((d) => Math.abs(d) < 1 ? d * d / 2 : Math.abs(d) - 0.5),
  );
  assertGradient((d) => tf.sum(smoothL1(d)), [tf.tensor1d([-3, -0.5, 0.1, 0.7, 2])]);
});

/** Both parts of an example's loss, as sums, and N. */
function lossByHand(row: number, logits: number[][], offsets: number[][]): number[] {
  const boxes = examples[row].boxes;
  const matches = matchByHand(boxes);
  const entropies = logits.map((scores, index) => {
    const truth = matches[index] < 0 ? 0 : boxes[matches[index]].class + 1;
    return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[truth];
  });
  const positives = entropies.filter((_, index) => matches[index] >= 0);
  const negatives = entropies.filter((_, index) => matches[index] < 0).sort((a, b) => b - a);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const localization = sum(offsets.flatMap((given, index) => {
    if (matches[index] < 0) return [];
    const [x1, y1, x2, y2] = boxes[matches[index]].box;
    const [cx, cy, w, h] = prior(index);
    const wanted = [
      ((x1 + x2) / 2 - cx) / w / 0.1,
      ((y1 + y2) / 2 - cy) / h / 0.1,
      Math.log((x2 - x1) / w) / 0.2,
      Math.log((y2 - y1) / h) / 0.2,
    ];
    return given.map((value, axis) => {
      const distance = Math.abs(value - wanted[axis]);
      return distance < 1 ? distance ** 2 / 2 : distance - 0.5;
    });
  }));
  const classification = sum(positives) + sum(negatives.slice(0, 3 * positives.length));
  return [classification, localization, positives.length];
}

Deno.test("multiBoxLoss and its parts are those by hand, with nothing from pictures without boxes", async () => {
  await useTestBackend();
  const output = outputOf(3);
  const [logits, offsets] = await Promise.all([output.logits.array(), output.offsets.array()]);
  const parts = examples.map((_, row) => lossByHand(row, logits[row], offsets[row]));
  const labels = labelsOf();
  const ones = (values: number[], index: number) => values[index] / Math.max(1, values[2]);
  assertClose(multiBoxObjective("cls", output, labels), parts.map((part) => ones(part, 0)), 1e-4);
  assertClose(multiBoxObjective("loc", output, labels), parts.map((part) => ones(part, 1)), 1e-4);
  assertClose(
    multiBoxObjective("cls+loc", output, labels),
    parts.map((part) => ones(part, 0) + ones(part, 1)),
    1e-4,
  );
  const total = (index: number) => parts.reduce((sum, part) => sum + part[index], 0);
  assertClose(multiBoxLoss(output, labels), [(total(0) + total(1)) / total(2)], 1e-4);
  const empty = labelsOf([{ boxes: [] }, { boxes: [] }, { boxes: [] }]);
  assertClose(multiBoxLoss(output, empty), [0]);
});

Deno.test("multiBoxLoss has the gradient of finite differences, 0 without boxes", async () => {
  await useTestBackend();
  const { logits, offsets, priors } = outputOf(3);
  const labels = labelsOf();
  assertGradient(
    (x, y) => multiBoxLoss({ logits: x as tf.Tensor3D, offsets: y as tf.Tensor3D, priors }, labels),
    [logits, offsets],
    { step: 1e-2, coordinates: 60 },
  );
  const empty = labelsOf([{ boxes: [] }, { boxes: [] }, { boxes: [] }]);
  const gradient = tf.grad((x) =>
    multiBoxLoss({ logits: x as tf.Tensor3D, offsets, priors }, empty)
  )(logits);
  assertClose(tf.sum(tf.abs(gradient)), [0]);
});

Deno.test("a recorded gradient of multiBoxLoss equals the eager one", async () => {
  await useTestBackend();
  const { logits, offsets, priors } = outputOf(3);
  const labels = labelsOf();
  const step = ({ x, labels }: { x: tf.Tensor3D; labels: ReturnType<typeof labelsOf> }) =>
    tf.grad((y) => multiBoxLoss({ logits: y as tf.Tensor3D, offsets, priors }, labels))(x);
  using recorded = record(step);
  for (let call = 0; call < 2; call++) {
    assertClose(recorded({ x: logits, labels }), step({ x: logits, labels }), 1e-5);
  }
});

Deno.test("encodeLabels names a box that cannot be", () => {
  const encode = (...boxes: Box[]) => () => encodeLabels([{ boxes }], K);
  assert.throws(encode(box(0.5, 0, 0.5, 1)), /box 0 of label 0 .* sides above 0 within \[0, 1\]/);
  assert.throws(encode(box(0, 0, 1.5, 1)), RangeError);
  assert.throws(encode(box(0, 0, 1, NaN)), RangeError);
  assert.throws(encode(box(0, 0, 1, 1, 3)), /class must be an integer in \[0, 3\)/);
  const many = Array.from({ length: 129 }, () => box(0, 0, 1, 1));
  assert.throws(encode(...many), /at most 128 boxes: current count is 129/);
  assert.throws(() => encodeLabels([{} as { boxes: Box[] }], K), /a list of at most 128 boxes/);
});

Deno.test("encodeLabels has 8, 32 or 128 places, and marks padding, difficult boxes and crowds", async () => {
  await useTestBackend();
  const placesOf = (count: number) => {
    const boxes = Array.from({ length: count }, () => box(0, 0, 1, 1));
    return encodeLabels([{ boxes: [] }, { boxes }], K).classes.shape;
  };
  assert.deepEqual([0, 8, 9, 32, 33, 128].map((count) => placesOf(count)[1]), [
    8,
    8,
    32,
    32,
    128,
    128,
  ]);
  const crowd = { ...box(0, 0, 0.5, 1, 2, true), crowd: true };
  const boxes = [box(0, 0, 1, 1, 1), box(0.25, 0, 1, 1, 0, true), crowd];
  const labels = encodeLabels([{ boxes }], K);
  assertClose(labels.classes, [1, 0, 2, -1, -1, -1, -1, -1]);
  assertClose(labels.difficult, [0, 1, 2, 0, 0, 0, 0, 0]);
  assertClose(tf.slice(labels.boxes, [0, 1, 0], [1, 1, 4]), [0.25, 0, 1, 1]);
});
