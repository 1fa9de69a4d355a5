import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { images8, network, predict, watchGradients } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { strongestImages } from "./strongest_images.ts";

await useTestBackend();

/** Examples of one pixel each: which try an image is of. */
const clean = tf.zeros<tf.Rank.R4>([4, 1, 1, 1]);
const given = { labels: [], reference: undefined, progress: tf.scalar(1), drawn: undefined };

/** Three tries; the comparison finds in a table of tries by examples how far each has come. */
async function tried(untilFooled: boolean, success: number[][], gain: number[][]) {
  const tries: number[][] = [];
  const numbers = tf.tensor1d([0, 1, 2, 3], "int32");
  let rows: number[] = [];
  const images = await strongestImages(
    {
      judge: Object.assign((images: tf.Tensor4D) => {
        const [attempt] = images.dataSync();
        const of = (table: number[][]) => tf.tensor1d(rows.map((row) => table[attempt - 1][row]));
        return Promise.resolve({ success: of(success), gain: of(gain) });
      }, { [Symbol.dispose]() {} }),
      positional: undefined,
      count: 3,
      untilFooled,
    },
    { clean, given, inputs: { numbers } },
    (index, { inputs }) => {
      rows = [...inputs.numbers.dataSync()];
      tries.push(rows);
      return Promise.resolve(tf.fill<tf.Rank.R4>([rows.length, 1, 1, 1], index + 1));
    },
    createRandom(1),
  );
  return { images: [...images.dataSync()], tries };
}

Deno.test("strongestImages takes what fools the victim most, then what gains most, the first of equal ones", async () => {
  const success = [[0, 1, 0.4, 0], [0, 1, 0.6, 0], [0, 0, 0.5, 1]];
  const gain = [[NaN, 1, 9, 9], [1, 2, 1, 9], [1, 9, 9, 1]];
  const { images, tries } = await tried(false, success, gain);
  assert.deepEqual(images, [1, 2, 2, 3]);
  assert.deepEqual(tries, [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]);
});

Deno.test("strongestImages untilFooled is done with an example that fools the victim in every draw", async () => {
  const success = [[1, 0, 0.9, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  const gain = [[1, 1, 1, 1], [9, 2, 0, 0], [9, 0, 9, 0]];
  const { images, tries } = await tried(true, success, gain);
  assert.deepEqual(images, [1, 2, 2, 3]);
  assert.deepEqual(tries.map((rows) => [...new Set(rows)]), [[0, 1, 2, 3], [1, 2, 3], [1, 3]]);
});

Deno.test("pgd untilFooled fools as many in its restarts by fewer gradients, and leaves nothing behind", async () => {
  const victim = network(3);
  const images = images8(32, 1);
  const labels = predict(victim, images);
  for (const name of ["pgd", "pgd-cw"]) {
    const run = async (untilFooled: boolean) => {
      let asked = 0;
      const watched = watchGradients(victim, ({ shape }) => {
        asked += shape[0];
      });
      const settings = { name, epsilon: 0.03, steps: 6, restarts: 4, untilFooled };
      using attack = createAttack(settings, watched);
      const perturb = () => attack.perturb(images, labels, createRandom(5));
      const left = tf.sum(tf.cast(tf.equal(predict(victim, await perturb()), labels), "int32"));
      const gradients = asked;
      await assertNoLeak(async () => (await perturb()).dispose());
      return { left: left.dataSync()[0], gradients };
    };
    const [all, sooner] = [await run(false), await run(true)];
    assert.ok(all.left > 0 && all.left < 20, `${all.left} of 32 are left`);
    assert.ok(Math.abs(sooner.left - all.left) <= 1, `${sooner.left}, not ${all.left}`);
    assert.equal(all.gradients, 32 * 6 * 4);
    assert.ok(sooner.gradients < 0.8 * all.gradients, `${sooner.gradients} gradients`);
  }
});
