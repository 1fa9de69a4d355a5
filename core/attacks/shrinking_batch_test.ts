import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { type Classifier, images8, network, predict, watchGradients } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { ShrinkingBatch } from "./shrinking_batch.ts";

await useTestBackend();

/** Numbered examples of one pixel each. */
const numbers = (...values: number[]) => tf.tensor4d(values, [values.length, 1, 1, 1]);

const ofRows = (row: (index: number) => number) =>
  numbers(...Array.from({ length: 32 }, (_, index) => row(index)));

Deno.test("ShrinkingBatch takes out who is done where the batch becomes smaller, and gives back all in their places", () => {
  using batch = new ShrinkingBatch(ofRows((row) => row));
  const hundreds = ofRows((row) => 100 + row);
  assert.equal(batch.shrink(hundreds, (place) => place === 3), undefined, "32 are kept for 31");
  const staying = batch.shrink(hundreds, (place) => place >= 7)!;
  assert.deepEqual([...staying.dataSync()], [0, 1, 2, 3, 4, 5, 6, 0]);
  assert.equal(batch.count, 7);
  const twoHundreds = numbers(...Array.from({ length: 8 }, (_, place) => 200 + place));
  const last = batch.shrink(twoHundreds, (place) => place !== 5)!;
  assert.deepEqual([...last.dataSync()], [5]);
  const images = batch.finish(numbers(300));
  const expected = Array.from({ length: 32 }, (_, row) => row < 7 ? 200 + row : 100 + row);
  assert.deepEqual([...images.dataSync()], expected.with(5, 300));
});

Deno.test("ShrinkingBatch has no batch for nobody, and keeps places to the end where it must", () => {
  using inPlace = new ShrinkingBatch(numbers(1, 2, 3, 4), true);
  assert.equal(inPlace.shrink(numbers(5, 6, 7, 8), (place) => place > 0), undefined);
  for (const batch of [inPlace, new ShrinkingBatch(numbers(1, 2, 3, 4))]) {
    assert.equal(batch.shrink(numbers(5, 6, 7, 8), () => true)!.size, 0);
    assert.equal(batch.count, 0);
    assert.deepEqual([...batch.finish(numbers(9, 9, 9, 9)).dataSync()], [5, 6, 7, 8]);
  }
});

const victim = network(3);
const clean = images8(32, 1);
const labels = predict(victim, clean);
const settings = { name: "apgd-ce", epsilon: 0.02, steps: 30 };

/** What an attack leaves right, its images, and how many gradients of an image it asks for. */
async function climbOf(untilFooled: boolean, victim: Classifier, more = {}) {
  let asked = 0;
  const watched = watchGradients(victim, ({ shape }) => {
    asked += shape[0];
  });
  using attack = createAttack({ ...settings, untilFooled, ...more }, watched);
  const images = await attack.perturb(clean, labels, createRandom(5));
  const right = tf.equal(predict(network(3), images), labels).dataSync();
  return { asked, right: [...right], images: await images.array() };
}

Deno.test("apgd untilFooled fools the same images by fewer gradients, and climbs as far with the others", async () => {
  for (
    const more of [{}, { restarts: 3 }, { name: "apgd-t", targets: 2 }, {
      norm: "l2",
      epsilon: 0.2,
    }]
  ) {
    const [all, sooner] = [await climbOf(false, victim, more), await climbOf(true, victim, more)];
    const text = JSON.stringify(more);
    assert.deepEqual(sooner.right, all.right, text);
    const left = all.right.filter(Boolean).length;
    assert.ok(left > 0 && left < 24, `${left} of 32 are left: ${text}`);
    assert.ok(sooner.asked < 0.9 * all.asked, `${sooner.asked} of ${all.asked}: ${text}`);
    for (const [row, right] of all.right.entries()) {
      if (!right) continue;
      const [image, expected] = [tf.tensor3d(sooner.images[row]), tf.tensor3d(all.images[row])];
      // A smaller batch may be added up in another order.
      assertClose(image, expected);
    }
  }
});

Deno.test("apgd untilFooled takes all steps with a victim that is random or has another's gradients, and keeps places where they count", async () => {
  // Some of the images withstand, so that those of a positional victim all go on.
  const changes = [{ random: true }, { gradientOf: victim }, { positional: true }] as const;
  for (const change of changes) {
    const other = { ...victim, ...change };
    const [all, sooner] = [await climbOf(false, other), await climbOf(true, other)];
    assert.deepEqual(sooner, all, Object.keys(change)[0]);
  }
});

Deno.test("apgd untilFooled leaves nothing behind", async () => {
  for (const epsilon of [0.02, 1]) {
    using attack = createAttack({ ...settings, epsilon, untilFooled: true }, victim);
    const once = async () => (await attack.perturb(clean, labels, createRandom(1))).dispose();
    await once();
    await assertNoLeak(once);
  }
});
