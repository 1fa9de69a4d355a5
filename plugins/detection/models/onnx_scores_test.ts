import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { classColumns, type OnnxClasses } from "@realign/interop";
import assert from "node:assert/strict";
import { findBoxes } from "../post_process.ts";
import { readScores, type ScoreSettings } from "./onnx_scores.ts";

await useTestBackend();
const random = createRandom(1);
const scores = tf.tensor3d(random.uniforms(2 * 5 * 4, -3, 3), [2, 5, 4]);
const object = tf.tensor3d(random.uniforms(2 * 5, -3, 3), [2, 5, 1]);
const fail = (reason: string): never => {
  throw new RangeError(reason);
};
const read = (
  given: tf.Tensor3D,
  objectness: tf.Tensor3D | undefined,
  settings: ScoreSettings,
  classes: OnnxClasses = {},
) => readScores(given, objectness, settings, classColumns(classes, "test"), fail);
const named = { classNames: ["a", "b", "c"], classes: ["c", "a"] };
const columnsOf = (x: tf.Tensor, columns: number[]) =>
  tf.gather(x, tf.tensor1d(columns, "int32"), 2);

Deno.test("readScores() of classes that exclude each other leaves their logits as they are", () => {
  const { logits, scores: own } = read(scores, undefined, {});
  assert.equal(logits, scores);
  assert.equal(own, undefined);
  const last = read(scores, undefined, { background: "last" });
  assertClose(last.logits, columnsOf(scores, [3, 0, 1, 2]));
});

Deno.test("readScores() keeps the softmax of wanted classes: others are background", () => {
  const all = tf.softmax(scores);
  const first = tf.softmax(read(scores, undefined, {}, named).logits);
  assertClose(columnsOf(first, [1, 2]), columnsOf(all, [3, 1]));
  assertClose(columnsOf(first, [0]), tf.sum(columnsOf(all, [0, 2]), 2, true));
  const last = tf.softmax(read(scores, undefined, { background: "last" }, named).logits);
  assertClose(columnsOf(last, [1, 2]), columnsOf(all, [2, 0]));
  const settings = { activation: "none", background: "first" } as const;
  assertClose(tf.softmax(read(all, undefined, settings).logits), all);
});

Deno.test("readScores() of classes for themselves gives the logit of each against the background", () => {
  const { logits, scores: own } = read(scores, undefined, { activation: "sigmoid" }, {
    classNames: ["a", "b", "c", "d"],
    classes: ["d", "b"],
  });
  const wanted = columnsOf(scores, [3, 1]);
  assertClose(own!, tf.sigmoid(wanted));
  assertClose(logits, tf.concat([tf.zeros([2, 5, 1]), wanted], 2));
  const given = read(tf.sigmoid(scores), undefined, { activation: "none" });
  assertClose(given.scores!, tf.sigmoid(scores));
  assertClose(given.logits, read(scores, undefined, { activation: "sigmoid" }).logits, 1e-4);
});

Deno.test("readScores() multiplies by objectness, and its logits are those of the product", () => {
  const product = tf.mul(tf.sigmoid(scores), tf.sigmoid(object));
  const expected = tf.log(tf.div(product, tf.sub(1, product)));
  const cases: [tf.Tensor3D, tf.Tensor3D, ScoreSettings][] = [
    [scores, object, { activation: "sigmoid" }],
    [tf.sigmoid(scores), tf.sigmoid(object), { activation: "none" }],
  ];
  for (const [given, objectness, settings] of cases) {
    const { logits, scores: own } = read(given, objectness, settings);
    assertClose(own!, product);
    assertClose(tf.slice(logits, [0, 0, 1], [-1, -1, -1]), expected, 1e-4);
    assertClose(tf.slice(logits, [0, 0, 0], [-1, -1, 1]), new Float32Array(10));
  }
  const sure = read(tf.fill([1, 1, 1], 80), tf.fill([1, 1, 1], 80), { activation: "sigmoid" });
  // 1 - s is about 2 e^-80.
  assertClose(sure.logits, [0, 80 - Math.log(2)], 1e-4);
});

Deno.test("readScores() has the gradients of finite differences", () => {
  const weights = tf.tensor3d(random.uniforms(2 * 5 * 5, -1, 1), [2, 5, 5]);
  const weighted = (logits: tf.Tensor) =>
    tf.sum(tf.mul(logits, tf.slice(weights, [0, 0, 0], [-1, -1, logits.shape[2]!]))) as tf.Scalar;
  assertGradient(
    (x) => weighted(read(x as tf.Tensor3D, undefined, {}, named).logits),
    [scores],
  );
  const settings = { activation: "sigmoid" } as const;
  assertGradient(
    (x, o) => weighted(read(x as tf.Tensor3D, o as tf.Tensor3D, settings).logits),
    [scores, object],
  );
});

Deno.test("findBoxes() scores boxes by such scores, in their order", () => {
  const given = tf.tensor3d([[[2, 1.5], [-1, 3], [-9, -4]]]);
  const output = read(given, undefined, { activation: "sigmoid" });
  const found = findBoxes({
    logits: output.logits.dataSync<"float32">(),
    scores: output.scores!.dataSync<"float32">(),
    offsets: new Float32Array(12),
    priors: Float32Array.from([0.2, 0.2, 0.2, 0.2, 0.7, 0.7, 0.2, 0.2, 0.5, 0.2, 0.1, 0.1]),
  }, 2);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  assert.deepEqual(found.map(({ class: index }) => index), [1, 0, 1, 0, 1]);
  assertClose(found.map(({ score }) => score), [3, 2, 1.5, -1, -4].map(sigmoid));
});

Deno.test("readScores() says what does not fit", () => {
  assert.throws(
    () => read(scores, undefined, { background: "none" }),
    /softmax needs a background/,
  );
  assert.throws(() => read(scores, object, {}), /scores with objectness have no background/);
  const settings = { activation: "sigmoid", background: "first" } as const;
  assert.throws(() => read(scores, undefined, settings), /scores with sigmoid have no background/);
});
