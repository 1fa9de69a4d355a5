import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { decodeBoxes, toCentres } from "../boxes.ts";
import { type BoxSettings, readBoxes } from "./onnx_boxes.ts";

await useTestBackend();
const random = createRandom(2);
const fail = (reason: string): never => {
  throw new RangeError(reason);
};
const SIZE = [40, 80] as const;
const [low, sides] = [random.uniforms(12, 0, 0.5), random.uniforms(12, 0.1, 0.5)];
/** Left, top, right, bottom as shares. */
const corners = tf.concat(
  [tf.tensor3d(low, [2, 3, 2]), tf.add(tf.tensor3d(low, [2, 3, 2]), tf.tensor3d(sides, [2, 3, 2]))],
  2,
) as tf.Tensor3D;
const priors = tf.tensor3d(random.uniforms(24, 0.2, 0.6), [2, 3, 4]);
const strides = tf.tile(tf.tensor3d([0.1, 0.2, 0.1, 0.2], [1, 1, 4]), [1, 3, 1]);
const pixels = tf.tensor1d([80, 40, 80, 40]);
const centres = tf.slice(priors, [0, 0, 0], [-1, -1, 2]);
const distances = tf.concat([
  tf.sub(centres, tf.slice(corners, [0, 0, 0], [-1, -1, 2])),
  tf.sub(tf.slice(corners, [0, 0, 2], [-1, -1, 2]), centres),
], 2);

const forms: [string, tf.Tensor, BoxSettings][] = [
  ["corners in pixels", tf.mul(corners, pixels), { coding: "corners" }],
  ["corners as shares", corners, { coding: "corners", unit: "shares" }],
  ["centres in pixels", tf.mul(toCentres(corners), pixels), { coding: "centres" }],
  ["distances in pixels", tf.mul(distances, pixels), { coding: "distances" }],
  ["distances in strides", tf.div(distances, strides), { coding: "distances", unit: "strides" }],
];
for (const [title, boxes, settings] of forms) {
  Deno.test(`readBoxes() of ${title} stands for the same boxes`, () => {
    const read = readBoxes(boxes as tf.Tensor3D, { priors, strides }, settings, SIZE, fail);
    assert.equal(read.priors, priors);
    assertClose(decodeBoxes(read.offsets, read.priors), corners, 1e-5);
    if (settings.coding === "distances") return;
    const own = readBoxes(boxes as tf.Tensor3D, undefined, settings, SIZE, fail);
    assertClose(own.offsets, new Float32Array(24), 1e-4);
    assertClose(decodeBoxes(own.offsets, own.priors), corners, 1e-5);
  });
}

Deno.test("readBoxes() scales offsets of other variances", () => {
  const offsets = tf.tensor3d(random.uniforms(24, -1, 1), [2, 3, 4]);
  const same = readBoxes(offsets, { priors }, {}, SIZE, fail);
  assert.equal(same.offsets, offsets);
  const read = readBoxes(offsets, { priors }, { variances: "1,0.5" }, SIZE, fail);
  const [place, size] = tf.split(offsets, 2, 2);
  const [centre, side] = tf.split(priors, 2, 2);
  const expected = tf.concat(
    [tf.add(centre, tf.mul(place, side)), tf.mul(side, tf.exp(tf.mul(size, 0.5)))],
    2,
  );
  assertClose(toCentres(decodeBoxes(read.offsets, read.priors)), expected, 1e-5);
});

Deno.test("readBoxes() against the boxes themselves has their gradient", () => {
  const weights = tf.tensor3d(random.uniforms(24, -1, 1), [2, 3, 4]);
  const settings = { coding: "corners", unit: "shares" } as const;
  const own = readBoxes(corners, undefined, settings, SIZE, fail).priors;
  const weighted = (priors: tf.Tensor3D | undefined) => (x: tf.Tensor) => {
    const known = priors && { priors };
    const { offsets } = readBoxes(x as tf.Tensor3D, known, settings, SIZE, fail);
    return tf.sum(tf.mul(offsets, weights)) as tf.Scalar;
  };
  assertGradient(weighted(own), [corners]);
  assertClose(tf.grad(weighted(undefined))(corners), tf.grad(weighted(own))(corners), 1e-4);
});

Deno.test("readBoxes() says what it must be told", () => {
  const read = (settings: BoxSettings, known?: { priors: tf.Tensor3D }) =>
    readBoxes(corners, known, settings, SIZE, fail);
  assert.throws(() => read({}), /set anchors, or name priors/);
  assert.throws(() => read({ coding: "distances" }), /distances are from centres/);
  assert.throws(() => read({ coding: "corners", unit: "strides" }), /strides are not known/);
  assert.throws(() => read({ variances: "1" }, { priors }), /current value is "1"/);
});
