import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { images8, network, predict, watchGradients } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { portionFor, RemainingExamples } from "./remaining.ts";

await useTestBackend();

Deno.test("portionFor holds what is asked for, pads by less than a sixteenth, little where little is left, and has few sizes", () => {
  for (const whole of [1, 7, 16, 50, 100, 128]) {
    const counts = Array.from({ length: whole }, (_, index) => index + 1);
    const sizes = counts.map((count) => portionFor(count, whole));
    for (const [index, size] of sizes.entries()) {
      assert.ok(size >= counts[index] && size <= whole, `${counts[index]} of ${whole}: ${size}`);
      assert.ok(
        size - counts[index] <= Math.ceil(whole / 16),
        `${counts[index]} of ${whole}: ${size}`,
      );
    }
    assert.ok(new Set(sizes).size <= 16 + Math.log2(whole));
    assert.deepEqual(sizes.slice(0, 2), [1, 2].slice(0, whole));
  }
});

/** 32 examples of one pixel each, numbered. */
const numbers = tf.tensor4d([...Array(32).keys()], [32, 1, 1, 1]);

Deno.test("RemainingExamples attacks what is left, padded by its first, and keeps what was taken", async () => {
  using remaining = new RemainingExamples(numbers, (row) => row % 2 === 0 && row < 14);
  assert.deepEqual(remaining.rows, [0, 2, 4, 6, 8, 10, 12]);
  const fallen = await remaining.attack({ own: numbers }, (part, held) => {
    assert.deepEqual([...part.own.dataSync()], [0, 2, 4, 6, 8, 10, 12, 0]);
    return Promise.resolve({
      images: held.keep(tf.add(part.own, 100) as tf.Tensor4D),
      isTaken: (place) => place < 3,
      isFallen: (place) => place === 1,
    });
  });
  assert.deepEqual(fallen, [2]);
  assert.deepEqual(remaining.rows, [0, 4, 6, 8, 10, 12]);
  const images = [...remaining.images().dataSync()];
  assert.deepEqual(images.slice(0, 7), [100, 1, 102, 3, 104, 5, 6]);
  assert.deepEqual(images.slice(7), [...numbers.dataSync()].slice(7));
});

Deno.test("RemainingExamples in place gives every attack all examples, and takes only those that are left", async () => {
  using remaining = new RemainingExamples(numbers, (row) => row < 3, true);
  for (const [turn, left] of [[0, 1, 2], [0, 2]].entries()) {
    assert.deepEqual(remaining.rows, left);
    await remaining.attack({ own: numbers }, (part, held, rows) => {
      assert.deepEqual([...part.own.dataSync()], [...numbers.dataSync()]);
      assert.deepEqual(rows, [...numbers.dataSync()]);
      return Promise.resolve({
        images: held.keep(tf.add(part.own, 100 * (turn + 1)) as tf.Tensor4D),
        isTaken: (place) => place !== 2,
        isFallen: (place) => place === 1,
      });
    });
  }
  const [first, second, third, fourth] = remaining.images().dataSync();
  assert.deepEqual([first, second, third, fourth], [200, 101, 2, 3]);
});

Deno.test("RemainingExamples leaves nothing behind, whether an attack ends or fails", async () => {
  await assertNoLeak(async () => {
    using remaining = new RemainingExamples(numbers, (row) => row < 3);
    const taken = () => true;
    for (let turn = 0; turn < 2; turn++) {
      await remaining.attack({ numbers }, (part, held) =>
        Promise.resolve({
          images: held.keep(tf.square(part.numbers)),
          isTaken: taken,
          isFallen: (place) => place === 0,
        }));
    }
    await assert.rejects(
      remaining.attack({ numbers }, () => Promise.reject(new Error("out of luck"))),
      /out of luck/,
    );
    remaining.images().dispose();
  });
});

for (
  const settings of [
    { name: "apgd-t", epsilon: 0.04, steps: 5 },
    { name: "apgd-ce", epsilon: 0.04, steps: 5, restarts: 4 },
    { name: "fab-t", epsilon: 0.06, steps: 10 },
    { name: "fab", epsilon: 0.06, steps: 3, restarts: 4 },
  ]
) {
  Deno.test(`${settings.name} asks for gradients of those examples only that it has not fooled yet`, async () => {
    const victim = network(3);
    const sizes: number[] = [];
    const watched = watchGradients(victim, ({ shape: [size] }) => sizes.push(size));
    const clean = images8(16, 1);
    const labels = predict(victim, clean);
    using attack = createAttack(settings, watched);
    const adversarial = await attack.perturb(clean, labels, createRandom(1));
    const wrong = tf.sum(tf.cast(tf.notEqual(predict(victim, adversarial), labels), "int32"));
    const [fooled] = wrong.dataSync();
    assert.ok(fooled > 0 && fooled < 16, `${fooled} fooled`);
    assert.deepEqual(sizes, sizes.toSorted((a, b) => b - a), "batches only get smaller");
    assert.ok(sizes[0] === 16 && sizes.at(-1)! < 16, `${sizes}`);
    assert.ok(sizes.at(-1)! >= 16 - fooled, `${sizes} with ${fooled} fooled`);
  });
}
