import { createRandom } from "@realign/core";
import { createAttack, createVictim } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { climb } from "./climb.ts";

await useTestBackend();

/** Rises from the clean image in some directions, falls in others, and bends. */
const value = (images: tf.Tensor) => {
  const waves = tf.sin(tf.mul(images, tf.range(1, 13)));
  return tf.sum(tf.reshape(tf.mul(waves, waves), [1, -1]), 1) as tf.Tensor1D;
};
const shape = [1, 2, 2, 3] as [number, number, number, number];
const clean = Float32Array.from({ length: 12 }, (_, k) => k / 11);
const always = () => Promise.resolve(true);

async function ascend(images: Float32Array) {
  const { value: gain, grad } = tf.valueAndGrad((x) => tf.sum(value(tf.reshape(x, [12]))))(
    tf.tensor1d(images),
  );
  const [[number], gradient] = await Promise.all([gain.data(), grad.data<"float32">()]);
  tf.dispose([gain, grad]);
  return { gain: number, gradient };
}

Deno.test("climb moves as the attack pgd does, number by number", async () => {
  const victim = createVictim({
    name: "waves",
    forward: (images) => value(tf.reshape(images, [12])),
    objectives: { waves: (output) => output },
  });
  const settings = { epsilon: 8 / 255, stepSize: 2 / 255, steps: 7 };
  using attack = createAttack(
    { name: "pgd", ...settings, objective: "waves", randomStart: "none" },
    victim,
  );
  const images = tf.tensor4d(clean, shape);
  const expected = await attack.perturb(images, tf.tensor1d([0], "int32"), createRandom(1));
  const gains: number[] = [];
  const actual = await climb(clean, settings, ascend, (_, gain) => {
    gains.push(gain);
    return always();
  });
  assert.deepEqual([...actual], [...await expected.data()]);
  assert.equal(gains.length, 7);
  assert.ok(gains.at(-1)! > gains[0]);
});

Deno.test("climb begins at the same random point for the same seed, stays in the ball, and stops", async () => {
  const settings = { epsilon: 0.1, stepSize: 0.025, steps: 9, seed: 4 };
  const run = (seed: number, most = 9) =>
    climb(clean, { ...settings, seed }, ascend, (step) => Promise.resolve(step < most));
  const [one, again, other, first] = [await run(4), await run(4), await run(5), await run(4, 1)];
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, other);
  assert.notDeepEqual(one, first);
  for (const [k, number] of one.entries()) {
    assert.ok(Math.abs(number - clean[k]) <= 0.1 + 1e-6 && number >= 0 && number <= 1);
  }
  const none = await climb(clean, { ...settings, epsilon: 0 }, ascend, always);
  assert.deepEqual(none, clean);
});
