import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { classifier, maxDifference } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import type { Attack } from "./attack.ts";
import { cascadeOf } from "./cascade.ts";

await useTestBackend();

/** Says class 1 above the middle of the first channel, class 0 below; the label is always 0. */
const victim = classifier("middle", (images) => {
  const [red] = tf.unstack(tf.reshape(images, [-1, 3]), 1);
  return tf.stack([tf.fill(red.shape, 0.5), red], 1) as tf.Tensor2D;
});

/** What an attack of this test was given: the second channel, which numbers the examples. */
type Seen = { readonly name: string; readonly given: readonly number[] }[];

/** An attack that fools the victim on the numbered examples only; the third channel keeps its mark. */
function fooling(
  name: string,
  numbers: readonly number[],
  mark: number,
  seen: Seen,
): Attack<tf.Tensor1D> {
  return {
    name,
    version: `${name} 1`,
    settings: { name, epsilon: 1 },
    perturb(clean: Images, labels: tf.Tensor1D) {
      assert.deepEqual([...labels.dataSync()], Array(clean.shape[0]).fill(0));
      const rows = (tf.tidy(() => tf.reshape(clean, [-1, 3]).arraySync())) as number[][];
      seen.push({ name, given: rows.map(([, number]) => number) });
      const changed = rows.map(([red, number]) =>
        numbers.includes(number) ? [1, number, mark] : [red, number, 0]
      );
      return Promise.resolve(tf.tensor4d(changed.flat(), clean.shape));
    },
    [Symbol.dispose]() {},
  };
}

/** Eight examples, numbered from 0; the last is wrong without an attack. */
const clean = tf.tensor4d(
  [0, 1, 2, 3, 4, 5, 6, 7].flatMap((number) => [number === 7 ? 1 : 0, number, 0]),
  [8, 1, 1, 3],
);
const labels = tf.zeros<tf.Rank.R1>([8], "int32");
const pixelsOf = (images: Images) => tf.reshape(images, [-1, 3]).arraySync() as number[][];

Deno.test("cascadeOf gives each attack what those before left right, and keeps what fooled first", async () => {
  const seen: Seen = [];
  using attack = cascadeOf("all", victim, [
    fooling("first", [1, 2, 4, 6], 0.25, seen),
    fooling("second", [0, 2, 5], 0.5, seen),
    fooling("third", [0, 1], 0.75, seen),
  ]);
  const adversarial = pixelsOf(await attack.perturb(clean, labels, createRandom(1)));
  assert.deepEqual(seen, [
    { name: "first", given: [0, 1, 2, 3, 4, 5, 6] },
    { name: "second", given: [0, 3, 5] },
    { name: "third", given: [3] },
  ]);
  assert.deepEqual(adversarial.map(([red]) => red), [1, 1, 1, 0, 1, 1, 1, 1]);
  assert.deepEqual(adversarial.map(([, number]) => number), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(adversarial.map(([, , mark]) => mark), [0.5, 0.25, 0.25, 0, 0.25, 0.5, 0.25, 0]);
  assert.deepEqual(attack.survivors!(8), [
    { stage: "clean", left: 7 },
    { stage: "first", left: 3 },
    { stage: "second", left: 1 },
    { stage: "third", left: 1 },
  ]);
  assert.deepEqual(attack.survivors!(2).map(({ left }) => left), [2, 1, 0, 0]);
});

Deno.test("cascadeOf ends once nothing is left, and leaves out what needs more classes", async () => {
  const seen: Seen = [];
  const attacks = [
    fooling("many", [0, 1, 2, 3, 4, 5, 6], 0.25, seen),
    fooling("all", [0, 1, 2, 3, 4, 5, 6], 0.5, seen),
    fooling("late", [0], 0.75, seen),
  ];
  using attack = cascadeOf("all", victim, attacks, { many: 3 });
  const adversarial = pixelsOf(await attack.perturb(clean, labels, createRandom(1)));
  assert.deepEqual(seen.map(({ name }) => name), ["all"]);
  assert.deepEqual(adversarial.map(([, , mark]) => mark), [...Array(7).fill(0.5), 0]);
  assert.deepEqual(attack.survivors!(8), [
    { stage: "clean", left: 7 },
    { stage: "many", left: 7, leftOut: "needs 3 classes, and there are 2" },
    { stage: "all", left: 0 },
    { stage: "late", left: 0 },
  ]);
});

Deno.test("cascadeOf returns clean images where nothing fools, and leaves no tensor behind", async () => {
  using attack = cascadeOf("all", victim, [fooling("none", [], 0.25, [])]);
  const run = () => attack.perturb(clean, labels, createRandom(1));
  assert.equal(maxDifference(await run(), clean), 0);
  await assertNoLeak(async () => (await run()).dispose());
  assert.deepEqual(cascadeOf("new", victim, []).survivors!(8), []);
});
