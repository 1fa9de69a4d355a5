import { createRandom } from "@realign/core";
import { type AttackSettings, createAttack, createVictim } from "@realign/core/attacks";
import { assertClose, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { segmentationAttacks } from "./attacks.ts";
import type { SegmentationOutput } from "./models/mod.ts";
import { encodeLabelMaps } from "./labels.ts";
import { linearVictim, randomLabelMap } from "./testing.ts";

await useTestBackend();

const epsilon = 0.031;
const size = [6, 5] as const;
const classCount = 3;
const weights = [[2, -1, 0.5], [-1, 2, 1], [0.3, 0.4, -2]];
const bias = [0.1, -0.2, 0.3];
const victim = linearVictim(weights, bias);
const clean = tf.tensor4d(createRandom(1, "images").uniforms(2 * 30 * 3, 0, 1), [2, 6, 5, 3]);
const labels = encodeLabelMaps(
  [1, 2].map((seed) => randomLabelMap(seed, size, classCount)),
  classCount,
);
const pixels = clean.arraySync().flat(2);
const truth = labels.arraySync().flat(2);
const scoresOf = (pixel: readonly number[]) =>
  weights.map((row, k) => row.reduce((sum, weight, c) => sum + weight * pixel[c], bias[k]));
const sharesOf = (scores: readonly number[]) => {
  const powers = scores.map(Math.exp);
  return powers.map((power) => power / powers.reduce((sum, value) => sum + value, 0));
};
/** The gradient of a pixel's cross-entropy in its colour: sum over k of (p_k - [k = y]) w_k. */
const slopeOf = (pixel: readonly number[], label: number) => {
  const shares = sharesOf(scoresOf(pixel));
  return [0, 1, 2].map((c) =>
    weights.reduce((sum, row, k) => sum + (shares[k] - Number(k === label)) * row[c], 0)
  );
};
const withinBall = (value: number, start: number) =>
  Math.min(1, start + epsilon, Math.max(0, start - epsilon, value));

async function run(settings: AttackSettings): Promise<tf.Tensor4D> {
  using attack = createAttack(settings, victim, segmentationAttacks);
  return await attack.perturb(clean, labels, createRandom(7));
}

const all: AttackSettings[] = [
  { name: "bim", epsilon, steps: 4, stepSize: 0.01 },
  { name: "pgd", epsilon, steps: 4, objective: "kl", randomStart: "trades" },
  { name: "pgd-cw", epsilon, steps: 4, confidence: 0 },
  { name: "segpgd", epsilon, steps: 4, restarts: 2 },
  { name: "cospgd", epsilon, steps: 4 },
  { name: "deepfool", epsilon },
  { name: "deepfool", epsilon, norm: "l2" },
];
for (const settings of all) {
  const title = `${settings.name}${settings.norm ?? ""}`;
  Deno.test(`${title} stays in its ball and in [0, 1], and leaves ignored pixels as they were`, async () => {
    const adversarial = (await run({ ...settings, ...noStart(settings) })).arraySync().flat(2);
    adversarial.forEach((pixel, index) => {
      const limit = truth[index] < 0 && settings.randomStart === undefined ? 0 : epsilon + 1e-6;
      pixel.forEach((value, c) => {
        assert.ok(value >= 0 && value <= 1);
        assert.ok(Math.abs(value - pixels[index][c]) <= limit);
      });
    });
  });

  Deno.test(`${title} turns pixels that a linear network had right`, async () => {
    const predicted = tf.cast(tf.argMax(victim.predict(clean).logits, 3), "int32") as tf.Tensor3D;
    using attack = createAttack({ ...settings, epsilon: 0.2 }, victim, segmentationAttacks);
    const adversarial = await attack.perturb(clean, predicted, createRandom(7));
    const now = tf.argMax(victim.predict(adversarial).logits, 3);
    assert.ok(tf.sum(tf.cast(tf.notEqual(now, predicted), "int32")).dataSync()[0] > 0);
  });

  Deno.test(`${title} leaves no tensors behind`, async () => {
    using attack = createAttack(settings, victim, segmentationAttacks);
    await assertNoLeak(async () =>
      (await attack.perturb(clean, labels, createRandom(7))).dispose()
    );
  });
}

/** A random start moves ignored pixels too. */
function noStart({ name }: AttackSettings): Partial<AttackSettings> {
  return ["segpgd", "cospgd", "pgd-cw"].includes(name) ? { randomStart: "none" } : {};
}

Deno.test("bim on a linear network follows each valid pixel's own cross-entropy", async () => {
  const settings = { name: "bim", epsilon, steps: 4, stepSize: 0.01 };
  const expected = pixels.map((start, index) => {
    let pixel = start;
    for (let step = 0; step < 4 && truth[index] >= 0; step++) {
      const slope = slopeOf(pixel, truth[index]);
      pixel = pixel.map((value, c) => withinBall(value + 0.01 * Math.sign(slope[c]), start[c]));
    }
    return pixel;
  });
  assertClose(await run(settings), expected.flat(), 1e-5);
});

Deno.test("segpgd, cospgd and bim make the same step where pixels do not touch each other", async () => {
  // Weights of pixels are positive but for SegPGD's first step, which leaves wrong pixels alone.
  const common = { epsilon, steps: 2, stepSize: 0.01 } as const;
  const bim = await run({ name: "bim", ...common });
  const cos = await run({ name: "cospgd", ...common, randomStart: "none" });
  assertClose(cos, bim, 1e-6);
  const seg = (await run({ name: "segpgd", ...common, steps: 1, randomStart: "none" })).arraySync();
  seg.flat(2).forEach((pixel, index) => {
    const scores = scoresOf(pixels[index]);
    const right = scores.indexOf(Math.max(...scores)) === truth[index];
    if (truth[index] < 0 || right) return;
    assertClose(pixel, pixels[index], 1e-6);
  });
});

/** A network whose two pixels share one number: the mean of the first channel, times each pixel's factor. */
const shared = createVictim<SegmentationOutput, tf.Tensor3D>({
  name: "shared",
  objectives: {},
  forward(images) {
    const mean = tf.mean(tf.slice(images, [0, 0, 0, 0], [-1, -1, -1, 1]), [1, 2, 3], true);
    const factors = tf.tensor4d([2, -3], [1, 1, 2, 1]);
    const rival = tf.mul(tf.sub(mean, 0.4), factors);
    return { logits: tf.concat([tf.zerosLike(rival), rival], 3) as tf.Tensor4D, features: images };
  },
});

/** d/dm of each pixel's cross-entropy (label 0): its factor times the rival's share. */
function pull(mean: number): { readonly slopes: number[]; readonly shares: number[] } {
  const shares = [2, -3].map((factor) => 1 / (1 + Math.exp(-factor * (mean - 0.4))));
  return { slopes: [2 * shares[0], -3 * shares[1]], shares };
}

for (const name of ["segpgd", "cospgd"] as const) {
  Deno.test(`${name} weights pixels as it is defined where they pull against each other`, async () => {
    for (const start of [0.3, 0.38, 0.39, 0.41, 0.42, 0.6]) {
      const steps = 4;
      const stepSize = 0.004;
      const image = tf.fill([1, 1, 2, 3], start) as tf.Tensor4D;
      const settings: AttackSettings = { name, epsilon, steps, stepSize, randomStart: "none" };
      using attack = createAttack(settings, shared, segmentationAttacks);
      const zeros = tf.zeros<tf.Rank.R3>([1, 1, 2], "int32");
      const [moved] = (await attack.perturb(image, zeros, createRandom(1))).dataSync();
      let mean = start;
      for (let step = 0; step < steps; step++) {
        const { slopes, shares } = pull(mean);
        const factors = shares.map((share) => {
          const share0 = 1 - share;
          if (name === "cospgd") return share0 / Math.hypot(share0, share);
          const lambda = step / (2 * steps);
          return share < 0.5 ? 1 - lambda : lambda;
        });
        const slope = slopes.reduce((sum, value, index) => sum + value * factors[index], 0);
        mean = withinBall(mean + stepSize * Math.sign(slope), start);
      }
      assertClose([moved], [mean], 1e-5);
    }
  });
}

Deno.test("pgd-cw leaves pixels alone that are beyond their boundary by the confidence", async () => {
  const settings = {
    name: "pgd-cw",
    epsilon,
    steps: 1,
    stepSize: 0.01,
    randomStart: "none",
  } as const;
  for (const confidence of [0, 0.5, 50]) {
    const moved = (await run({ ...settings, confidence })).arraySync().flat(2);
    moved.forEach((pixel, index) => {
      if (truth[index] < 0) return;
      const scores = scoresOf(pixels[index]);
      const others = scores.map((score, k) => k === truth[index] ? -Infinity : score);
      const rival = others.indexOf(Math.max(...others));
      const pulls = scores[truth[index]] - others[rival] + confidence > 0;
      const expected = pixels[index].map((value, c) => {
        const slope = weights[rival][c] - weights[truth[index]][c];
        return pulls ? withinBall(value + 0.01 * Math.sign(slope), value) : value;
      });
      assertClose(pixel, expected, 1e-6);
    });
  }
});

Deno.test("settings that an attack does not take are refused", () => {
  for (
    const [name, wrong] of [["segpgd", { return: "best" }], ["deepfool", { stepSize: 1 }]] as const
  ) {
    assert.throws(
      () => createAttack({ name, epsilon, ...wrong }, victim, segmentationAttacks),
      /^RangeError: Cannot set up/,
    );
  }
});
