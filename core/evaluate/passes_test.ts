import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { type Defense, identityDefense } from "../defenses/mod.ts";
import type { Random } from "../random.ts";
import { assertClose, assertNoLeak } from "../testing/mod.ts";
import {
  cleanOf,
  darker,
  LENGTH,
  ones,
  partsOf,
  systemOf,
  whiteboxOf,
} from "../testing/toy_columns.ts";
import { toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { evaluateColumn } from "./evaluate.ts";
import { meanResult, passesOf } from "./passes.ts";
import { worstCases } from "./worst_cases.ts";

/** Inverts a whole batch in every other pass, on the average. */
const coin = (isHeads: (random: Random) => boolean): Defense => {
  const draw = (_: Images["shape"], random: Random) => ({
    sign: tf.scalar(isHeads(random) ? 1 : -1),
  });
  const apply = (images: Images, { sign }: tf.TensorContainerObject): Images =>
    tf.add(tf.mul(tf.sub(images, 0.5), sign as tf.Tensor), 0.5);
  return {
    name: "coin",
    variables: [],
    gradient: { exact: true, draw, apply },
    restore: (images, random) => {
      const noise = draw(images.shape, random);
      const restored = tf.tidy(() => apply(images, noise));
      noise.sign.dispose();
      return Promise.resolve(restored);
    },
  };
};
const fair = coin((random) => random.next() < 0.5);
const partsWith = (passes?: number) =>
  partsOf({ preset: { seed: 1, evaluation: { ...(passes && { passes }) } } });
const cleanRow = async (defense: Defense, passes?: number) =>
  (await evaluateColumn(partsWith(passes), cleanOf(defense)))[1];

Deno.test("evaluateColumn passes images ten times through a random defense: the mean, and right in all", async () => {
  const heads = await cleanRow(coin(() => true));
  const tails = await cleanRow(coin(() => false));
  assert.notEqual(heads.outcomes, tails.outcomes);
  assert.deepEqual([heads.passes, heads.rightInAll], [10, heads.metric.value]);
  const tosses: boolean[] = [];
  const seen = coin((random) => {
    tosses.push(random.next() < 0.5);
    return tosses.at(-1)!;
  });
  const row = await cleanRow(seen);
  assert.equal(row.passes, 10);
  assert.equal(row.metric.count, LENGTH);
  // Ten tosses for each batch of four examples.
  const right = tosses.flatMap((toss, at) => {
    const first = 4 * Math.floor(at / 10);
    return [...(toss ? heads : tails).outcomes!.slice(first, first + 4)].map(Number);
  });
  assert.equal(right.length, 10 * LENGTH);
  const share = right.reduce((sum, one) => sum + one, 0) / right.length;
  assertClose([row.metric.value], [share], 1e-9);
  assert.notEqual(row.metric.value, heads.metric.value);
  // Each batch shows both sides in ten passes: right in all is right on both.
  const both = [...heads.outcomes!].map((one, at) => Number(one) & Number(tails.outcomes![at]));
  assert.equal(row.outcomes, both.join(""));
  assert.equal(row.rightInAll, ones(row.outcomes!) / LENGTH);
  assert.ok(row.rightInAll! < row.metric.value);
});

Deno.test("evaluateColumn takes the number of passes from the preset, for random defenses alone", async () => {
  assert.equal((await cleanRow(fair, 3)).passes, 3);
  assert.equal((await cleanRow(fair, 1)).passes, undefined);
  assert.equal((await cleanRow(darker, 3)).passes, undefined);
  assert.equal(passesOf({ defense: { ...identityDefense, random: true } }, 4), 4);
  assert.equal(passesOf({}, 4), 1);
  for (const passes of [0, 2.5]) {
    assert.throws(() => passesOf({}, passes), /passes must be an integer above 0/);
  }
});

Deno.test("evaluateColumn attacks a random defense by EOT, and says draws and convergence", async () => {
  const [row] = await evaluateColumn(partsWith(), whiteboxOf(fair));
  assert.deepEqual([row.gradient, row.passes], ["exact", 10]);
  assert.ok([20, 40, 80].includes(row.draws!) && Math.abs(row.convergence!) <= 1);
  const [fixed] = await evaluateColumn(partsWith(), { ...whiteboxOf(fair), draws: 2 });
  assert.equal(fixed.draws, 2);
  const [still] = await evaluateColumn(partsWith(), whiteboxOf(darker));
  assert.deepEqual([still.gradient, still.draws, still.convergence], [
    "exact",
    undefined,
    undefined,
  ]);
});

Deno.test("evaluateColumn says where the identity stood for a missing gradient", async () => {
  const { gradient: _, ...blunt } = darker;
  const [row] = await evaluateColumn(partsWith(), whiteboxOf(blunt));
  assert.equal(row.gradient, "bpda-identity");
  const approximate = { ...blunt, gradient: { exact: false, apply: (images: Images) => images } };
  const [bpda] = await evaluateColumn(partsWith(), whiteboxOf(approximate));
  assert.equal(bpda.gradient, "bpda");
  const [clean] = await evaluateColumn(partsWith(), { ...cleanOf(), systems: [systemOf(blunt)] });
  assert.equal(clean.gradient, undefined);
});

Deno.test("the worst case of a random defense counts what was right in all passes, clean and attacked", async () => {
  const rows = [
    ...await evaluateColumn(partsWith(), cleanOf(fair)),
    ...await evaluateColumn(partsWith(), { ...whiteboxOf(fair), draws: 4 }),
  ];
  const [, clean, attacked] = rows;
  const [worst] = worstCases(rows);
  const both = [...clean.outcomes!].map((one, at) => Number(one) & Number(attacked.outcomes![at]));
  assert.equal(worst.outcomes, both.join(""));
  assert.ok(worst.metric.value <= Math.min(clean.rightInAll!, attacked.rightInAll!));
  assert.equal(worst.passes, 10);
});

Deno.test("evaluateColumn through a random defense leaves no tensor behind", async () => {
  await assertNoLeak(async () => {
    await evaluateColumn(partsOf({ preset: toyPreset }), { ...whiteboxOf(fair), draws: 2 });
  });
});

Deno.test("meanResult is the mean of values and of intervals, for as many examples as in one pass", () => {
  const result = (value: number, interval: [number, number]) => ({
    name: "accuracy",
    value,
    count: 8,
    interval,
    details: { perClass: [value] },
  });
  const mean = meanResult([result(0.5, [0.2, 0.8]), result(0.75, [0.4, 0.9])]);
  assert.deepEqual(mean.details, { perClass: [0.5] });
  assert.equal(mean.count, 8);
  assertClose([mean.value, ...mean.interval!], [0.625, 0.3, 0.85], 1e-9);
});
