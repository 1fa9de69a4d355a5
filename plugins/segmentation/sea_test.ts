import { createRandom } from "@realign/core";
import { type AttackSettings, createAttack, type Victim } from "@realign/core/attacks";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { segmentationAttacks } from "./attacks.ts";
import { encodeLabelMaps } from "./labels.ts";
import type { SegmentationOutput } from "./models/mod.ts";
import { type PixelRows, pixelRows } from "./pixels.ts";
import {
  balancedCrossEntropy,
  jensenShannon,
  maskedCrossEntropy,
  pixelErrors,
} from "./sea_losses.ts";
import { linearVictim, randomLabelMap } from "./testing.ts";

await useTestBackend();

const classCount = 3;
const epsilon = 0.04;
const random = createRandom(5, "sea");
const logits = tf.tensor4d(random.normals(2 * 30 * classCount, 1.5), [2, 6, 5, classCount]);
const labels = encodeLabelMaps(
  [1, 2].map((seed) => randomLabelMap(seed, [6, 5], classCount)),
  classCount,
);
const scores = logits.reshape([2, 30, classCount]).arraySync() as number[][][];
const truth = labels.reshape([2, 30]).arraySync() as number[][];

/** Per example, from the softmax, the label and whether the network is right, of each pixel that counts. */
function byHand(value: (pixels: { p: number[]; y: number; right: boolean }[]) => number): number[] {
  return scores.map((rows, example) =>
    value(rows.flatMap((row, at) => {
      const y = truth[example][at];
      if (y < 0) return [];
      const powers = row.map(Math.exp);
      const p = powers.map((power) => power / powers.reduce((sum, one) => sum + one, 0));
      return [{ p, y, right: p.indexOf(Math.max(...p)) === y }];
    }))
  );
}
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const losses = { maskedCrossEntropy, balancedCrossEntropy, jensenShannon };
const rows = pixelRows(logits, labels);

Deno.test("SEA's losses are those of their definitions, without ignored pixels", () => {
  const won = ({ p, y, right }: { p: number[]; y: number; right: boolean }) =>
    right ? -Math.log(p[y]) : 0;
  assertClose(maskedCrossEntropy(rows), byHand((pixels) => mean(pixels.map(won))), 1e-5);
  assertClose(
    balancedCrossEntropy(rows),
    byHand((pixels) =>
      mean([...Map.groupBy(pixels, ({ y }) => y).values()].map((own) => mean(own.map(won))))
    ),
    1e-5,
  );
  const kl = (p: number[], q: number[]) =>
    p.reduce((sum, share, k) => sum + (share > 0 ? share * Math.log(share / q[k]) : 0), 0);
  assertClose(
    jensenShannon(rows),
    byHand((pixels) =>
      mean(pixels.map(({ p, y }) => {
        const one = p.map((_, k) => Number(k === y));
        const middle = p.map((share, k) => (share + one[k]) / 2);
        return (kl(p, middle) + kl(one, middle)) / 2;
      }))
    ),
    1e-5,
  );
  assertClose(pixelErrors(rows), byHand((pixels) => mean(pixels.map((at) => Number(!at.right)))));
});

Deno.test("SEA's losses are finite where the softmax is 0 or 1, and 0 where no pixel counts", () => {
  const sure = tf.tensor2d([[500, 0], [500, 0], [0, 0]]);
  const of = (...classes: number[]): PixelRows => ({
    logits: sure,
    labels: tf.tensor1d(classes, "int32"),
    valid: tf.tensor2d([classes.map((y) => Number(y >= 0))]),
  });
  assertClose(jensenShannon(of(0, 1, -1)), [Math.LN2 / 2], 1e-6);
  const slope = tf.grad((x) => jensenShannon({ ...of(0, 1, -1), logits: x as tf.Tensor2D }))(sure);
  assertClose(slope, [0, 0, 0, 0, 0, 0], 1e-6);
  for (const loss of Object.values(losses)) assertClose(loss(of(-1, -1, -1)), [0]);
  assertClose(pixelErrors(of(-1, -1, -1)), [0]);
});

for (const [name, loss] of Object.entries(losses)) {
  Deno.test(`${name} has the gradient of finite differences`, () => {
    const total = (x: tf.Tensor) => tf.sum(loss(pixelRows(x as tf.Tensor4D, labels))) as tf.Scalar;
    assertGradient(total, [logits], { step: 1e-2, coordinates: 60 });
  });
}

const victim = linearVictim([[2, -1, 0.5], [-1, 2, 1], [0.3, 0.4, -2]], [0.1, -0.2, 0.3]);
const clean = tf.tensor4d(createRandom(1, "images").uniforms(2 * 30 * 3, 0, 1), [2, 6, 5, 3]);
/** What the network says, every seventh pixel ignored. */
const said = tf.where(
  tf.less(labels, 0),
  labels,
  tf.cast(tf.argMax(victim.predict(clean).logits, 3), "int32"),
) as tf.Tensor3D;
const errorsOf = (images: tf.Tensor4D) =>
  pixelErrors(pixelRows(victim.predict(images).logits, said)).dataSync();

async function run(settings: Partial<AttackSettings>, seed = 7): Promise<tf.Tensor4D> {
  using attack = createAttack({ name: "sea", epsilon, ...settings }, victim, segmentationAttacks);
  return await attack.perturb(clean, said, createRandom(seed));
}

Deno.test("sea stays in its ball, turns pixels, and follows its seed", async () => {
  const images = await run({ steps: 10 });
  const change = tf.max(tf.abs(tf.sub(images, clean))).dataSync()[0];
  assert.ok(change <= epsilon + 1e-6, `${change}`);
  assert.ok(tf.min(images).dataSync()[0] >= 0 && tf.max(images).dataSync()[0] <= 1);
  for (const share of errorsOf(images)) assert.ok(share > 0);
  assertClose(await run({ steps: 10 }), images, 0);
  const other = await run({ steps: 10 }, 8); // ignored pixels stay where they started
  assert.ok(tf.max(tf.abs(tf.sub(other, images))).dataSync()[0] > 0);
});

Deno.test("sea takes for each picture the run with the fewest right pixels, and names its runs", async () => {
  using attack = createAttack({ name: "sea", epsilon, steps: 6 }, victim, segmentationAttacks);
  const members = attack.settings.members!;
  assert.deepEqual(
    members.map(({ objective, steps }) => [objective, steps]),
    [["balanced-cross-entropy", 6], ["masked-cross-entropy", 6], ["jensen-shannon", 6]],
  );
  const most = [0, 0];
  for (const [index, member] of members.entries()) {
    using one = createAttack({ ...member, epsilon }, victim, segmentationAttacks);
    const images = await one.perturb(clean, said, createRandom(7).fork("member", index));
    errorsOf(images).forEach((share, row) => most[row] = Math.max(most[row], share));
  }
  assertClose(tf.tensor(errorsOf(await attack.perturb(clean, said, createRandom(7)))), most);
});

Deno.test("apgd-stages makes 30 % of its steps at 2 epsilon, 30 % at 1.5, 40 % at epsilon", async () => {
  const asked: number[] = [];
  const watched: Victim<SegmentationOutput, tf.Tensor3D> = {
    ...victim,
    ascend(ask, name) {
      const query = victim.ascend!(ask, name);
      const watch = (...given: Parameters<typeof query>) => {
        asked.push(tf.tidy(() => tf.max(tf.abs(tf.sub(given[0], clean))).dataSync()[0]) / epsilon);
        return query(...given);
      };
      return Object.assign(watch, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    },
  };
  const settings = { name: "apgd-stages", epsilon, steps: 20 };
  using attack = createAttack(settings, watched, segmentationAttacks);
  await attack.perturb(clean, said, createRandom(7));
  const stages = [[0, 7, 2], [7, 14, 1.5], [14, 23, 1]]; // a run asks once more than it steps
  assert.equal(asked.length, 23);
  for (const [from, to, radius] of stages) {
    const own = asked.slice(from, to);
    assert.ok(Math.abs(Math.max(...own) - radius) < 1e-4, `${own} of ${radius}`);
  }
});

Deno.test("apgd-stages reaches the corner of the ball where no pixel turns", async () => {
  // Far from the boundary all of its iterates are right: the one with the highest cross-entropy is kept.
  const grey = tf.fill([1, 2, 2, 3], 0.5) as tf.Tensor4D;
  const sure = linearVictim([[2, -1, 0.5], [-1, 2, 1], [0, 0, 0]], [3, 0, -20]);
  const zeros = tf.zeros<tf.Rank.R3>([1, 2, 2], "int32");
  using attack = createAttack(
    { name: "apgd-stages", objective: "cross-entropy", epsilon, steps: 20 },
    sure,
    segmentationAttacks,
  );
  const images = await attack.perturb(grey, zeros, createRandom(1));
  // The cross-entropy rises along (-1, 2, 1) - (2, -1, 0.5) = (-3, 3, 0.5).
  const corner = [0.5 - epsilon, 0.5 + epsilon, 0.5 + epsilon];
  assertClose(images, [...corner, ...corner, ...corner, ...corner], 1e-6);
});

for (const name of ["sea", "apgd-stages"]) {
  Deno.test(`${name} leaves no tensors behind`, async () => {
    const settings = { name, epsilon, steps: 6 };
    using attack = createAttack(settings, victim, segmentationAttacks);
    await assertNoLeak(async () => (await attack.perturb(clean, said, createRandom(7))).dispose());
  });
}

Deno.test("sea refuses steps that do not reach every radius, and losses that it has not", () => {
  const make = (settings: Partial<AttackSettings>) => () =>
    createAttack({ name: "sea", epsilon, ...settings }, victim, segmentationAttacks);
  assert.throws(make({ steps: 2 }), /steps must be an integer from 3/);
  assert.throws(make({ name: "apgd-stages", objective: "kl" }), /objective must be one of/);
});
