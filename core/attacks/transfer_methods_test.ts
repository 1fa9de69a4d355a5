/** What "mi-fgsm" and "di-fgsm" have beyond the attacks of the table: gathered gradients, diverse inputs. */
import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { drawPlacement, place } from "../shrink_and_pad.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { classifier, images8, maxDifference, network, predict } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { diverseVictim } from "./diverse_victim.ts";
import { createAttack } from "./mod.ts";

await useTestBackend();

const victim = network(3);
const clean = images8(4, 1);
const labels = predict(victim, clean);

Deno.test("mi-fgsm equals its definition, written out step by step", async () => {
  const settings = { name: "mi-fgsm", epsilon: 0.1, stepSize: 0.03, steps: 5, decay: 0.7 };
  using attack = createAttack(settings, victim);
  const adversarial = await attack.perturb(clean, labels, createRandom(9));

  const oneHot = tf.cast(tf.oneHot(labels, 4), "float32");
  const loss = (x: tf.Tensor) =>
    tf.losses.softmaxCrossEntropy(oneHot, victim.predict(x as tf.Tensor4D)) as tf.Tensor;
  let [images, gathered] = [clean, tf.zerosLike(clean)];
  for (let step = 0; step < 5; step++) {
    const gradient = tf.grad(loss)(images);
    const mean = tf.mean(tf.abs(gradient), [1, 2, 3], true); // only the sign of the sum counts
    gathered = tf.add(tf.mul(gathered, 0.7), tf.div(gradient, mean));
    const moved = tf.sub(tf.add(images, tf.mul(0.03, tf.sign(gathered))), clean);
    images = tf.clipByValue(tf.add(clean, tf.clipByValue(moved, -0.1, 0.1)), 0, 1);
  }
  const differing = tf.mean(
    tf.cast(tf.greater(tf.abs(tf.sub(images, adversarial)), 1e-5), "float32"),
  );
  assert.ok(differing.dataSync()[0] <= 0.005);
});

Deno.test("mi-fgsm without decay is bim, and di-fgsm without diversity is mi-fgsm", async () => {
  const run = async (settings: { name: string }) => {
    using attack = createAttack({ epsilon: 0.1, stepSize: 0.02, steps: 4, ...settings }, victim);
    return await attack.perturb(clean, labels, createRandom(1));
  };
  const [bim, still, gathering] = [
    await run({ name: "bim" }),
    await run({ name: "mi-fgsm", decay: 0 } as { name: string }),
    await run({ name: "mi-fgsm" }),
  ];
  assert.equal(maxDifference(bim, still), 0);
  assert.ok(maxDifference(bim, gathering) > 0.01);
  const plain = await run({ name: "di-fgsm", probability: 0 } as { name: string });
  assert.equal(maxDifference(plain, gathering), 0);
});

Deno.test("mi-fgsm keeps the direction of a gradient however small it is", async () => {
  const weights = tf.tensor1d(createRandom(1).normals(192, 1e-15));
  const faint = classifier("faint", (images) => {
    const sum = tf.sum(tf.mul(tf.reshape(images, [-1, 192]), weights), 1);
    return tf.stack([tf.neg(sum), sum], 1) as tf.Tensor2D;
  });
  using attack = createAttack({ name: "mi-fgsm", epsilon: 0.1 }, faint);
  const middle = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.5);
  const adversarial = await attack.perturb(middle, tf.tensor1d([0], "int32"), createRandom(1));
  const expected = tf.add(middle, tf.mul(0.1, tf.reshape(tf.sign(weights), [1, 8, 8, 3])));
  assertClose(adversarial, expected, 1e-5);
});

const diversity = { probability: 0.5, smallest: 0.5 };

Deno.test("diverseVictim gives the gradient at the images it shrinks and pads, pulled back", async () => {
  const diverse = diverseVictim(victim, "test", diversity);
  using ascend = diverse.ascend!((logits, _: []) => ({
    gains: [tf.sum(tf.square(logits), 1), tf.sum(logits, 1)],
    read: [],
  }), "test");
  await assertNoLeak(async () => tf.dispose(await ascend(clean, [], createRandom(4))));
  const { gains, gradients } = await ascend(clean, [], createRandom(4));
  const placement = drawPlacement(
    clean.shape,
    { ...diversity, perImage: true },
    createRandom(4, "diversity"),
  );
  const gain = (x: tf.Tensor) =>
    tf.sum(tf.square(victim.predict(place(x as tf.Tensor4D, placement))), 1);
  assertClose(gains[0], gain(clean), 1e-3);
  assertClose(gradients[0], tf.grad((x) => tf.sum(gain(x)))(clean), 1e-3);
  assert.equal(gradients.length, 2);
});

Deno.test("a placement has the gradient of finite differences, and moves a share of the images", () => {
  const placement = drawPlacement([2, 4, 4, 3], { smallest: 0.5, perImage: true }, createRandom(2));
  const weights = tf.tensor4d(createRandom(3).uniforms(96, -1, 1), [2, 4, 4, 3]);
  const compute = (x: tf.Tensor) =>
    tf.sum(tf.mul(place(x as tf.Tensor4D, placement), weights)) as tf.Scalar;
  const images = tf.tensor4d(createRandom(1).uniforms(96, 0, 1), [2, 4, 4, 3]);
  assertGradient(compute, [images], { coordinates: 12 });

  const some = { smallest: 0.3, perImage: true, probability: 0.3 };
  const { source } = drawPlacement([2000, 4, 4, 3], some, createRandom(5));
  const moved = tf.any(
    tf.notEqual(
      tf.reshape(source, [2000, 16]),
      tf.reshape(tf.range(0, 32000, 1, "int32"), [2000, 16]),
    ),
    1,
  );
  const share = tf.mean(tf.cast(moved, "float32")).dataSync()[0];
  // Of the sizes 2, 3 and 4 the last moves nothing.
  assert.ok(Math.abs(share - 0.3 * 2 / 3) < 0.03, `${share}`);
});

Deno.test("mi-fgsm and di-fgsm refuse a victim without a gradient", () => {
  const { ascend: _, ...blind } = victim;
  for (const name of ["mi-fgsm", "di-fgsm"]) {
    assert.throws(() => createAttack({ name, epsilon: 0.1 }, blind), /it has no gradient/);
  }
});
