/** The search over z against a linear generator and a linear O, where its end is known. */
import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { composeDefenses } from "../defenses/compose.ts";
import { freezeDefense } from "../defenses/frozen.ts";
import { identityDefense } from "../defenses/identity.ts";
import { latentSearchDefense } from "../defenses/latent_search_defense.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyTask } from "../testing/toy_task.ts";
import { linearClassifier, maxDifference, predict } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { manifoldBehind } from "./manifold_victim.ts";
import { createAttack } from "./mod.ts";
import { stoppableVictim } from "./stoppable_victim.ts";
import { bpdaVictim, exactVictim, substituteVictim } from "./system_victims.ts";

await useTestBackend();

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, one, at) => sum + one * b[at], 0);

/** G(z) = 1/2 + z A: two orthonormal directions around grey, of images of 1 by 2 pixels. */
const DIRECTIONS = [[1, -1, 1, -1, 0, 0], [1, 1, -1, -1, 0, 0]].map((row) =>
  row.map((one) => one / 2)
);
const generate = (latents: tf.Tensor2D) =>
  tf.add(tf.reshape(tf.matMul(latents, tf.tensor2d(DIRECTIONS)), [-1, 1, 2, 3]), 0.5) as Images;

/** The part of a vector that lies in the generator's range. */
const within = (vector: readonly number[]) =>
  vector.map((_, at) =>
    DIRECTIONS.reduce((sum, direction) => sum + dot(direction, vector) * direction[at], 0)
  );

/** O: class 0 where w (x - 1/2) > 0. */
const WEIGHTS = [0.9, 0.2, -0.3, 0.4, -0.6, 0.1];
const offset = dot(WEIGHTS, Array(6).fill(0.5));
const classes = linearClassifier([WEIGHTS, WEIGHTS.map((one) => -one)], [-offset, offset]);

const PIXELS = [[0.7, 0.5, 0.4, 0.6, 0.3, 0.45], [0.62, 0.4, 0.55, 0.35, 0.5, 0.2]];
const clean = tf.tensor(PIXELS.flat(), [2, 1, 2, 3]) as Images;
const away = PIXELS.map((pixels) => within(pixels.map((one) => one - 0.5)));
const labels = tf.tensor1d(away.map((one) => dot(WEIGHTS, one) > 0 ? 0 : 1), "int32");

/** Least squares, from any start. */
const createPurifier = () =>
  latentSearchDefense(
    { latents: 2, size: [1, 2], variables: [], generate },
    { restarts: 1, steps: 100, stepSize: 0.5, momentum: 0.5, decay: 1 },
  );

const victimBehind = (defense: ReturnType<typeof createPurifier>) => ({
  ...classes,
  ...manifoldBehind(defense, classes.predict, []),
});

const settings = {
  name: "latent",
  epsilon: Infinity,
  steps: 100,
  binarySearchSteps: 6,
  learningRate: 0.01,
  confidence: 0,
};
/** Enough where the end does not matter. */
const short = { ...settings, steps: 20, binarySearchSteps: 2 };

/** The image of the generator nearest to each clean one that lies on O's boundary. */
const nearest = away.flatMap((one) => {
  const slope = within(WEIGHTS);
  const steps = dot(WEIGHTS, one) / dot(slope, slope);
  return one.map((value, at) => 0.5 + value - steps * slope[at]);
});

Deno.test("latent ends at the nearest image of the generator that O gets wrong, which the search keeps", async () => {
  using defense = createPurifier();
  using attack = createAttack(settings, victimBehind(defense));
  const restored = await defense.restore(clean, createRandom(2));
  assert.deepEqual(predict(classes, restored).dataSync(), labels.dataSync());
  const found = await attack.perturb(clean, labels, createRandom(1));
  assertClose(found, nearest, 0.01);
  const again = await defense.restore(found, createRandom(3));
  assertClose(again, found, 1e-4);
  const right = labels.dataSync();
  assert.ok(predict(classes, again).dataSync().every((value, at) => value !== right[at]));
});

Deno.test("latent's image is cut to the ball of epsilon, in either norm", async () => {
  using defense = createPurifier();
  const victim = victimBehind(defense);
  using free = createAttack(short, victim);
  const found = await free.perturb(clean, labels, createRandom(1));
  using square = createAttack({ ...short, epsilon: 0.05 }, victim);
  const cut = await square.perturb(clean, labels, createRandom(1));
  const expected = tf.add(clean, tf.clipByValue(tf.sub(found, clean), -0.05, 0.05));
  assertClose(cut, expected, 1e-6);
  using round = createAttack({ ...short, epsilon: 0.05, norm: "l2" }, victim);
  assert.equal(round.norm, "l2");
  const near = tf.sub(await round.perturb(clean, labels, createRandom(1)), clean);
  assertClose(tf.norm(tf.reshape(near, [2, -1]), 2, 1), [0.05, 0.05], 1e-6);
});

Deno.test("latent returns the latest image of the generator where O gets none wrong", async () => {
  using defense = createPurifier();
  using attack = createAttack({ ...short, confidence: 1000 }, victimBehind(defense));
  const found = await attack.perturb(clean, labels, createRandom(1));
  assert.ok(maxDifference(found, clean) > 0.05);
  const flat = tf.reshape(tf.sub(found, 0.5), [2, 6]).arraySync() as number[][];
  assertClose(tf.tensor2d(flat), flat.flatMap(within), 1e-5);
});

Deno.test("a manifold's gradient is that of O at the generator's images, by the chain rule", async () => {
  using defense = createPurifier();
  const { manifold } = victimBehind(defense);
  using ascend = manifold!.ascend(
    (output, images, { clean }) => ({
      gains: [tf.slice(output, [0, 0], [-1, 1]).reshape([-1]) as tf.Tensor1D],
      read: tf.sub(images, clean),
    }),
    "first logit",
  );
  const latents = tf.tensor4d([0.1, -0.2, 0.3, 0], [2, 1, 1, 2]);
  const { gradients: [gradient], read } = await ascend(latents, { clean }, createRandom(1));
  assertClose(gradient, [...DIRECTIONS, ...DIRECTIONS].map((one) => dot(one, WEIGHTS)), 1e-5);
  assertClose(read, tf.sub(generate(tf.reshape(latents, [2, 2])), clean), 1e-6);
});

Deno.test("latent attacks an image alike alone and beside others, and leaves no tensor behind", async () => {
  using defense = createPurifier();
  using attack = createAttack(short, victimBehind(defense));
  const both = await attack.perturb(clean, labels, createRandom(1));
  const [one] = tf.split(clean, 2) as Images[];
  const [label] = tf.split(labels, 2) as tf.Tensor1D[];
  const alone = await attack.perturb(one, label, createRandom(1));
  // Kernels for one row round otherwise, and the attack's steps, of 0.01, enlarge that.
  assertClose(tf.slice(both, 0, 1), alone, 2e-3);
  await assertNoLeak(async () => (await attack.perturb(clean, labels, createRandom(1))).dispose());
});

const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(1));

Deno.test("victims behind a search have its manifold, others have none and are refused in one line", () => {
  using defense = createPurifier();
  const behind = bpdaVictim({ task, target, defense });
  using attack = createAttack({ name: "latent", epsilon: 0.1 }, behind);
  assert.equal(attack.version, "latent 1 by 10 draws", "the search is random");
  const alone = exactVictim({ task, target });
  for (
    const victim of [
      alone,
      substituteVictim(behind, alone),
      bpdaVictim({ task, target, defense: composeDefenses([defense, identityDefense]) }),
    ]
  ) {
    assert.throws(
      () => createAttack({ name: "latent", epsilon: 0.1 }, victim),
      { name: "RangeError", message: /^Cannot attack ".*" with "latent" as it has no .*attack$/ },
    );
  }
});

Deno.test("latent ends within a step of being told to", async () => {
  using defense = createPurifier();
  const stop = new AbortController();
  using attack = createAttack(settings, stoppableVictim(victimBehind(defense), stop.signal));
  stop.abort(new Error("enough"));
  await assert.rejects(attack.perturb(clean, labels, createRandom(1)), /enough/);
});

Deno.test("a search finds the vectors of what it restores, frozen from one start", async () => {
  const model = { latents: 2, size: [1, 2] as const, variables: [], generate };
  const few = { restarts: 2, steps: 1, stepSize: 0.1, momentum: 0, decay: 1 };
  using defense = latentSearchDefense(model, few);
  const { manifold } = defense;
  const latents = await manifold!.nearest(clean, createRandom(4));
  const images = manifold!.generate(latents, [1, 2]);
  assertClose(images, await defense.restore(clean, createRandom(4)), 1e-6);
  const other = await manifold!.nearest(clean, createRandom(5));
  assert.ok(maxDifference(latents, other) > 1e-3);
  const frozen = freezeDefense(defense, createRandom(6)).manifold!;
  const [first, second] = [
    await frozen.nearest(clean, createRandom(4)),
    await frozen.nearest(clean, createRandom(5)),
  ];
  assert.equal(maxDifference(first, second), 0);
  await assertNoLeak(async () => (await manifold!.nearest(clean, createRandom(4))).dispose());
});
