import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { distances, images8, linearClassifier, network, predict } from "../testing/victims.ts";

await useTestBackend();

const victim = network(3);
const clean = images8(6, 2);
const labels = predict(victim, clean);

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`deepfool (${norm}) moves an example that has crossed no more, however long others take`, async () => {
    using attack = createAttack({ name: "deepfool", norm, epsilon: Infinity }, victim);
    const together = await attack.perturb(clean, labels, createRandom(1));
    const alone: number[] = [];
    for (let example = 0; example < clean.shape[0]; example++) {
      const image = tf.slice(clean, [example, 0, 0, 0], [1, 8, 8, 3]);
      const adversarial = await attack.perturb(
        image,
        tf.slice(labels, [example], [1]),
        createRandom(1),
      );
      alone.push(distances(adversarial, image)[0]);
    }
    assertClose(distances(together, clean), alone, 1e-3);
  });
}

Deno.test("deepfool takes as many classes as there are where it is told to look at more", async () => {
  using attack = createAttack({ name: "deepfool", epsilon: Infinity, candidates: 100 }, victim);
  const adversarial = await attack.perturb(clean, labels, createRandom(1));
  const right = labels.dataSync();
  assert.ok(
    predict(victim, adversarial).dataSync().every((value, index) => value !== right[index]),
  );
});

Deno.test("deepfool refuses a victim of one class, and leaves nothing behind", async () => {
  const single = linearClassifier([Array(192).fill(1)], [0]);
  using attack = createAttack({ name: "deepfool", epsilon: 0.1 }, single);
  const zeros = tf.zeros<tf.Rank.R1>([6], "int32");
  await assert.rejects(
    attack.perturb(clean, zeros, createRandom(1)),
    /at least 2 classes: current value is 1/,
  );
  const before = tf.memory().numTensors;
  await assert.rejects(attack.perturb(clean, zeros, createRandom(1)), RangeError);
  assert.equal(tf.memory().numTensors, before);
});
