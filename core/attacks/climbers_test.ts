import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { type Classifier, images8, network, predict, watchGradients } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { Climbers } from "./climbers.ts";
import { createAttack } from "./mod.ts";

await useTestBackend();

/** Numbered examples of one pixel each. */
const numbers = (...values: number[]) => tf.tensor4d(values, [values.length, 1, 1, 1]);

Deno.test("Climbers lets examples leave where the batch becomes smaller, and gives back all in their places", () => {
  using climbers = new Climbers(numbers(...Array(32).keys()));
  const hundreds = numbers(...Array.from({ length: 32 }, (_, row) => 100 + row));
  assert.equal(climbers.leave(hundreds, (place) => place === 3), undefined, "30 are kept for 31");
  const staying = climbers.leave(hundreds, (place) => place >= 7)!;
  assert.deepEqual([...staying.dataSync()], [0, 1, 2, 3, 4, 5, 6, 0]);
  assert.equal(climbers.count, 7);
  const twoHundreds = numbers(...Array.from({ length: 8 }, (_, place) => 200 + place));
  const last = climbers.leave(twoHundreds, (place) => place !== 5)!;
  assert.deepEqual([...last.dataSync()], [5]);
  const images = climbers.arrive(numbers(300));
  const expected = Array.from({ length: 32 }, (_, row) => row < 7 ? 200 + row : 100 + row);
  assert.deepEqual([...images.dataSync()], expected.with(5, 300));
});

Deno.test("Climbers has no batch for nobody", () => {
  using climbers = new Climbers(numbers(1, 2));
  assert.equal(climbers.leave(numbers(3, 4), () => true)!.size, 0);
  assert.equal(climbers.count, 0);
  assert.deepEqual([...climbers.arrive(numbers(5, 6)).dataSync()], [3, 4]);
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

Deno.test("apgd untilFooled takes all steps with a victim that is random, has another's gradients or follows places", async () => {
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
