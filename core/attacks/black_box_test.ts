/** Attacks that need no gradient: "noise" and "hop-skip-jump". */
import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import {
  classifier,
  distances,
  images8,
  maxDifference,
  network,
  predict,
} from "../testing/victims.ts";
import * as tf from "../tf.ts";
import type { AttackSettings } from "./attack.ts";
import { createAttack, crossEntropy } from "./mod.ts";

await useTestBackend();

const { ascend: _, ...victim } = network(3);
const clean = images8(4, 1);
const labels = predict(network(3), clean);

async function attack(settings: AttackSettings) {
  using attack = createAttack(settings, victim);
  return await attack.perturb(clean, labels, createRandom(1));
}

Deno.test("noise takes the worst of its draws, example by example", async () => {
  const draws = 6;
  const worst = await attack({ name: "noise", epsilon: 0.2, draws });
  const all = Array.from({ length: draws }, (_, index) => {
    const values = createRandom(1, "draw", index).uniforms(clean.size, -0.2, 0.2);
    return tf.clipByValue(tf.add(clean, tf.tensor4d(values, clean.shape)), 0, 1) as tf.Tensor4D;
  });
  const rank = all.map((images) => {
    const losses = crossEntropy(victim.predict(images), labels).dataSync();
    const fooled = tf.notEqual(predict(network(3), images), labels).dataSync();
    return [...losses].map((loss, index) => loss + 1000 * fooled[index]);
  });
  for (const index of labels.dataSync().keys()) {
    const best = rank.map((values) => values[index]);
    const expected = all[best.indexOf(Math.max(...best))];
    assertClose(
      tf.slice(worst, [index, 0, 0, 0], [1, 8, 8, 3]),
      tf.slice(expected, [index, 0, 0, 0], [1, 8, 8, 3]),
      1e-6,
    );
  }
});

Deno.test("noise with more draws is no weaker, and keeps to the L2 ball if told", async () => {
  const losses = async (draws: number) =>
    crossEntropy(victim.predict(await attack({ name: "noise", epsilon: 0.1, draws })), labels)
      .dataSync();
  const [few, many] = [await losses(2), await losses(20)];
  assert.ok(many.every((loss, index) => loss >= few[index] - 1e-6));
  assert.ok(many.some((loss, index) => loss > few[index] + 1e-4));
  const round = await attack({ name: "noise", epsilon: 0.5, norm: "l2", draws: 4 });
  const lengths = distances(round, clean);
  assert.ok(lengths.every((length) => length > 0.3 && length <= 0.5 + 1e-6), `${lengths}`);
});

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`hop-skip-jump returns what fools within ${norm} epsilon, and else the clean image`, async () => {
    const settings = { name: "hop-skip-jump", norm, steps: 2, probes: 20 };
    const found = await attack({ ...settings, epsilon: Infinity });
    const far = norm === "l2"
      ? distances(found, clean)
      : tf.max(tf.abs(tf.sub(found, clean)), [1, 2, 3]).dataSync();
    const epsilon = far.toSorted()[1] + 1e-6;
    const within = await attack({ ...settings, epsilon });
    const fooled = tf.notEqual(predict(network(3), within), labels).dataSync();
    const moved = distances(within, clean);
    assert.deepEqual([...fooled], [...far].map((distance) => Number(distance <= epsilon)));
    for (const [index, flag] of fooled.entries()) {
      assert.ok(flag ? moved[index] > 0 : moved[index] === 0);
    }
  });
}

Deno.test("hop-skip-jump comes nearer with every few steps", async () => {
  const reach = async (steps: number) => {
    const settings = { name: "hop-skip-jump", epsilon: Infinity, norm: "l2", steps, probes: 30 };
    return distances(await attack(settings), clean).reduce((sum, distance) => sum + distance);
  };
  const [one, four] = [await reach(1), await reach(4)];
  assert.ok(four < 0.8 * one, `${one}, then ${four}`);
});

Deno.test("hop-skip-jump reads nothing but decisions", async () => {
  const run = async (predicted: (logits: tf.Tensor2D) => tf.Tensor2D) => {
    const { ascend: _, ...other } = classifier(
      "other",
      (images) => predicted(victim.predict(images)),
    );
    using attack = createAttack(
      { name: "hop-skip-jump", epsilon: 0.2, steps: 1, probes: 10 },
      other,
    );
    return await attack.perturb(clean, labels, createRandom(1));
  };
  const plain = await run((logits) => logits);
  const coarse = await run((logits) =>
    tf.cast(tf.oneHot(tf.argMax(logits, 1), 4), "float32") as tf.Tensor2D
  );
  assert.equal(maxDifference(plain, coarse), 0);
});

Deno.test("hop-skip-jump leaves nothing behind wherever its victim fails", async () => {
  for (const last of [0, 1, 5, 20, 30]) {
    let questions = 0;
    const failing = {
      ...victim,
      forward: ((read, name) => {
        const query = victim.forward(read, name);
        const asked = (...given: Parameters<typeof query>) => {
          if (questions++ === last) throw new Error("Cannot go on");
          return query(...given);
        };
        return Object.assign(asked, { [Symbol.dispose]: () => query[Symbol.dispose]() });
      }) as typeof victim.forward,
    };
    using attack = createAttack({ name: "hop-skip-jump", epsilon: 0.01, probes: 10 }, failing);
    const before = tf.memory().numTensors;
    await assert.rejects(attack.perturb(clean, labels, createRandom(1)), /Cannot go on/);
    assert.equal(tf.memory().numTensors, before, `at question ${last}`);
  }
});
