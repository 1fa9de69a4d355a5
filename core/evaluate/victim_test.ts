import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { composeDefenses, type Defense, randomResizePadDefense } from "../defenses/mod.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import { createToyTask, type ToyOutput } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { victimOf } from "./victim.ts";

await useTestBackend();

const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(4, "target"));
const darker: Defense = {
  name: "generator",
  variables: [],
  gradient: { exact: true, apply: (images) => tf.square(images) },
  restore: (images) => Promise.resolve(tf.square(images)),
};
const blunt: Defense = {
  name: "jpeg",
  variables: [],
  restore: (images) => Promise.resolve(tf.round(images)),
};

Deno.test("victimOf is exact where the defense's gradient is, and BPDA where it is an approximation", async () => {
  assert.equal(victimOf({ task, target, defense: darker }).name, "toy-net behind generator");
  const approximate = { ...blunt, gradient: { exact: false, apply: (x: Images) => x } };
  const images = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.4);
  const logitsOf = async (defense: Defense) => {
    using ask = victimOf({ task, target, defense }).forward(({ logits }) => logits, "logits");
    return (await ask(images, [], createRandom(1)) as tf.Tensor).dataSync();
  };
  // The forward pass is the real defense's, which rounds all to black.
  assertClose(await logitsOf(approximate), target.forward(tf.zerosLike(images)).logits.dataSync());
  assertClose(await logitsOf(darker), target.forward(tf.square(images)).logits.dataSync());
});

Deno.test("victimOf takes the identity for a defense without a gradient, in a chain as well", async () => {
  const images = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.6);
  const slopes = async (defense: Defense) => {
    using ascend = victimOf({ task, target, defense }).ascend!(
      ({ logits }, _: []) => ({ gains: [tf.slice(logits, [0, 0], [-1, 1]).as1D()], read: [] }),
      "slopes",
    );
    return (await ascend(images, [], createRandom(1))).gradients[0];
  };
  const at = (restored: Images) =>
    tf.grad((x) => tf.slice(target.forward(x as Images).logits, [0, 0], [-1, 1]).asScalar())(
      restored,
    );
  const white = tf.onesLike(images);
  assertClose(await slopes(blunt), at(white));
  // Darkened to 0.36, then rounded to black; the slope of darkening, 2 x, stays.
  const chain = composeDefenses([darker, blunt]);
  assertClose(await slopes(chain), tf.mul(at(tf.zerosLike(images)), 1.2));
  using shaken = randomResizePadDefense({ smallest: 0.5, perImage: true });
  assert.equal(
    victimOf({ task, target, defense: shaken }).name,
    "toy-net behind random-resize-pad",
  );
});

Deno.test("victimOf keeps a task whole that is a class", () => {
  class DoublingTask {
    readonly objectives = task.objectives;
    readonly factor = 2;
    logits({ logits }: ToyOutput) {
      return tf.mul(logits, this.factor) as tf.Tensor2D;
    }
    classOf(labels: tf.Tensor1D) {
      return tf.mul(labels, this.factor - 1) as tf.Tensor1D;
    }
  }
  const doubling = Object.setPrototypeOf({ ...new DoublingTask() }, DoublingTask.prototype);
  const victim = victimOf<ToyOutput, tf.Tensor1D>({ task: doubling, target });
  const logits = tf.tensor2d([[1, 2, 3]]);
  assertClose(victim.logits!({ logits, features: logits }), [2, 4, 6]);
  assertClose(victim.classOf!(tf.tensor1d([1], "int32")), [1]);
});
