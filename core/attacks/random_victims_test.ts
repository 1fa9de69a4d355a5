import assert from "node:assert/strict";
import type { AttackSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createAttack, createVictim, expectationVictim, logitObjectives } from "./mod.ts";
import type { Victim } from "./victim.ts";

await useTestBackend();

const COUNT = 400;
const epsilon = 0.15;
const clean = tf.tensor4d(createRandom(1, "clean").uniforms(COUNT * 3, 0.2, 1), [COUNT, 1, 1, 3]);
const labels = tf.zeros<tf.Rank.R1>([COUNT], "int32");

/** Says 0 where the sum of the pixels is above 1.2, with noise of its own in every answer and for every image. */
const noisy = createVictim<tf.Tensor2D, tf.Tensor1D>({
  name: "noisy",
  draw: ([batch], random) => ({ noise: tf.tensor1d(random.normals(batch, 0.3)) }),
  forward: (images, { noise }) => {
    const own = tf.add(tf.sub(tf.sum(images, [1, 2, 3]), 1.2), noise as tf.Tensor1D);
    return tf.stack([own, tf.zerosLike(own), tf.fill(own.shape, -9)], 1) as tf.Tensor2D;
  },
  objectives: logitObjectives((output: tf.Tensor2D) => output),
  logits: (output) => output,
  classOf: (labels) => labels,
});
const classes = noisy.forward(
  (output, _: []) => tf.argMax(output, 1) as tf.Tensor1D,
  "classes",
);

/** The share of examples that are right, in the mean of fresh passes. */
async function rightOf(images: tf.Tensor4D): Promise<number> {
  let right = 0;
  const passes = 30;
  for (let pass = 0; pass < passes; pass++) {
    const seen = await classes(images, [], createRandom(9, pass));
    right += Array.from(await seen.data()).filter((is) => is === 0).length;
    seen.dispose();
  }
  return right / passes / COUNT;
}

async function leftBy(
  settings: Partial<AttackSettings> & { name: string },
  victim: Victim<tf.Tensor2D, tf.Tensor1D> = noisy,
): Promise<number> {
  using attack = createAttack({ epsilon, ...settings }, victim);
  const images = await attack.perturb(clean, labels, createRandom(3));
  const left = await rightOf(images);
  images.dispose();
  return left;
}

// The noise does not bend the gradient: the corner that lowers the sum most is the best there is.
const least = await rightOf(tf.tidy(() => tf.sub(clean, epsilon) as tf.Tensor4D));
/** What the mean of 30 passes over 400 images may be off by, twice. */
const CHANCE = 0.01;

Deno.test("AutoAttack on a random victim leaves no more than its first attack or PGD does", async () => {
  const pgd = await leftBy({ name: "pgd", steps: 5 });
  const alone = await leftBy({ name: "apgd-ce" });
  const all = await leftBy({ name: "autoattack", version: "rand", draws: 1 });
  assert.ok(
    all <= Math.min(pgd, alone) + CHANCE,
    `AutoAttack ${all}, APGD-CE ${alone}, PGD ${pgd}`,
  );
  assert.ok(await rightOf(clean) > all + 0.1, "it is an attack");
});

for (
  const settings of [
    { name: "apgd-ce", steps: 10, restarts: 3 },
    { name: "square", queries: 100 },
    { name: "strongest", members: [{ name: "pgd", steps: 8 }, { name: "noise", draws: 1 }] },
  ]
) {
  Deno.test(`${settings.name} does not end at a lucky draw of a random victim`, async () => {
    const left = await leftBy(settings);
    assert.ok(left <= least + 2 * CHANCE, `${left} left, ${least} is possible`);
  });
}

Deno.test("minimal attacks on a random victim change what is right in most draws", async () => {
  const fab = await leftBy({ name: "fab", steps: 5 }, expectationVictim(noisy, 20));
  const hop = await leftBy({ name: "hop-skip-jump", steps: 3, probes: 20 });
  const deep = await leftBy({ name: "deepfool", steps: 5 });
  const before = await rightOf(clean);
  for (const left of [fab, hop, deep]) {
    assert.ok(left < before - 0.04, `${fab}, ${hop}, ${deep} of ${before}`);
  }
});

Deno.test("attacks on random victims have versions of their own", () => {
  const settings = { name: "pgd", epsilon };
  using attack = createAttack(settings, noisy);
  assert.equal(attack.version, "pgd 1 by 10 draws");
  using other = createAttack(settings, { ...noisy, random: false });
  assert.equal(other.version, "pgd 1");
});

Deno.test("attacks on a random victim leave no tensor behind", async () => {
  const few = tf.slice(clean, 0, 8);
  const own = tf.slice(labels, 0, 8);
  const victim = expectationVictim(noisy, 2);
  for (
    const settings of [
      {
        name: "strongest",
        members: [{ name: "apgd", steps: 2, restarts: 2 }, { name: "noise", draws: 2 }],
      },
      { name: "autoattack", version: "rand" },
      { name: "square", queries: 25 },
      { name: "deepfool", steps: 3 },
      { name: "fab", steps: 3 },
      { name: "hop-skip-jump", steps: 1, probes: 3 },
    ]
  ) {
    using attack = createAttack({ epsilon, ...settings }, victim);
    const run = async () => (await attack.perturb(few, own, createRandom(1))).dispose();
    await run();
    await assertNoLeak(run);
  }
});
