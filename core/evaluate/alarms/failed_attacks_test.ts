import assert from "node:assert/strict";
import { createEvaluationBatches } from "../../batches/mod.ts";
import { composeDefenses, jpegDefense } from "../../defenses/mod.ts";
import { createRandom } from "../../random.ts";
import { assertNoLeak, useTestBackend } from "../../testing/mod.ts";
import { createToyDataset, createToyTask, type ToyOutput } from "../../testing/toy_task.ts";
import * as tf from "../../tf.ts";
import { columnsOf } from "../columns.ts";
import { evaluateColumn } from "../evaluate.ts";
import { attackChangedNothing, attackNotANumber } from "./failed_attacks.ts";
import { notNumberAlarms } from "../not_numbers.ts";
import type { EvaluationRow } from "../rows.ts";
import { type System, undefended } from "../system.ts";
import { worstCases } from "../worst_cases.ts";

await useTestBackend();

const task = createToyTask();
const dataset = createToyDataset(7, "test");
const target = task.createTarget("toy-net", createRandom(1));
const parts = {
  preset: { seed: 1 },
  task,
  batches: () => createEvaluationBatches(dataset, task, { batchSize: 4 }),
};
/** The sentences of both alarms. */
const failedAttackAlarms = (rows: EvaluationRow[]) =>
  [attackNotANumber, attackChangedNothing]
    .flatMap((check) => check.find({ rows, systems: [] })).map(({ text }) => text);
const pgd = { name: "pgd", epsilon: 0.1, steps: 2 };

/** O with something added to its logits that is 0 and has a gradient of its own. */
const withNothing = (nothing: (images: tf.Tensor4D) => tf.Tensor): typeof target => ({
  ...target,
  forward(images) {
    const output = target.forward(images);
    const none = tf.reshape(tf.sum(nothing(images), [1, 2, 3]), [-1, 1]);
    return { ...output, logits: tf.add(tf.mul(output.logits, 1), none) };
  },
});

async function evaluate(systems: readonly System<ToyOutput>[]): Promise<EvaluationRow[]> {
  const threatModels = { oblivious: { attacks: { pgd } } };
  const rows: EvaluationRow[] = [];
  for (const column of columnsOf({ threatModels }, systems)) {
    rows.push(...await evaluateColumn(parts, column));
  }
  return [...rows, ...worstCases(rows)];
}

const systemOf = (name: string, defense: NonNullable<System<ToyOutput>["defense"]>) => ({
  ...{ name, title: name, role: "other" as const, target, defense },
});

Deno.test("an attack by a gradient that is not a number is counted, and the evaluation goes on", async () => {
  // The square root of 0 is 0, and its slope there infinite, times 0.
  const broken = withNothing((images) => tf.sqrt(tf.mul(images, 0)));
  const identity = {
    ...{ name: "identity", variables: [] },
    restore: (images: tf.Tensor4D) => Promise.resolve(tf.clone(images)),
  };
  const rows = await evaluate([undefended(broken), {
    ...systemOf("same", identity),
    target: broken,
  }]);
  assert.deepEqual(
    rows.map((row) => [row.system, row.attack, row.notANumber, row.attackNotANumber]),
    [
      ["none", "clean", undefined, undefined],
      ["same", "clean", undefined, undefined],
      ["none", "pgd", 7, 7],
      ["same", "pgd", 7, 7],
      ["none", "worst case", 7, 7],
      ["same", "worst case", 7, 7],
    ],
  );
  assert.equal(rows[2].metric.value, 0);
  assert.deepEqual(failedAttackAlarms(rows), [
    "The attack pgd (oblivious) on O alone made 7 of 7 images that are not numbers, as the gradient is none there: its figures are not of an attack",
  ]);
  assert.deepEqual(notNumberAlarms(rows), []);
  assert.deepEqual(await evaluate([undefended(target)]).then(failedAttackAlarms), []);
});

Deno.test("an attack that changes no image is told of as none", async () => {
  // Without a gradient at all, PGD stays where it starts.
  const flat = {
    ...{ name: "flat", variables: [] },
    restore: (images: tf.Tensor4D) => Promise.resolve(tf.clone(images)),
    gradient: { exact: true, apply: (images: tf.Tensor4D) => tf.mul<tf.Tensor4D>(images, 0) },
  };
  const still = { ...pgd, randomStart: "none" };
  const threatModels = { whitebox: { attacks: { still } } };
  const columns = columnsOf({ threatModels }, [undefended(target), systemOf("flat", flat)]);
  const [row] = await evaluateColumn(parts, columns.find(({ attacked }) => attacked?.defense)!);
  assert.equal(row.maxPerturbation, 0);
  assert.deepEqual(failedAttackAlarms([row]), [
    'The attack still (whitebox) on "flat" changed no image: its figure is that of clean images',
  ]);
  const transfer = { ...row, threatModel: "transfer", substitute: "another" };
  assert.deepEqual(failedAttackAlarms([transfer, { ...transfer, system: "other" }]), [
    "The attack still (transfer) on another changed no image: its figure is that of clean images",
  ]);
});

Deno.test("a chain's codec does not hide that the part before it gave what is not a number", async () => {
  const everyOther = (images: tf.Tensor4D) =>
    Promise.resolve(tf.tidy(() => {
      const odd = Array.from({ length: images.shape[0] }, (_, row) => row % 2 ? NaN : 1);
      return tf.mul<tf.Tensor4D>(images, tf.tensor4d(odd, [odd.length, 1, 1, 1]));
    }));
  const half = { name: "half", variables: [], restore: everyOther };
  const codec = jpegDefense((picture) => Promise.resolve(picture), 75);
  const chain = composeDefenses([half, codec]);
  const images = tf.fill<tf.Rank.R4>([3, 2, 2, 3], 0.2);
  const random = createRandom(1);
  const whole = await chain.restore(images, random);
  const values = [...await whole.data()];
  assert.deepEqual(values.map(Number.isNaN), values.map((_, at) => at >= 12 && at < 24));
  const alone = await codec.restore(images, random);
  assert.deepEqual(values.slice(0, 12), [...await alone.data()].slice(0, 12));
  await assertNoLeak(async () => (await chain.restore(images, random)).dispose());
  const [clean] = await evaluate([undefended(target), systemOf("half+jpeg", chain)])
    .then((rows) => rows.filter(({ system }) => system === "half+jpeg"));
  assert.equal(clean.notANumber, 3);
});
