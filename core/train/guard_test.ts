import assert from "node:assert/strict";
import { createGenerator } from "../networks/generator.ts";
import { trainTarget } from "../pipeline.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import {
  createToyDataset,
  createToyTask,
  toyPreset,
  toyTrainingBatches,
} from "../testing/toy_task.ts";
import { freshAdversaries } from "./adversaries.ts";
import { createGeneratorMethod } from "./generator.ts";
import { createGuard } from "./guard.ts";
import { holdOut } from "./held_out.ts";
import { type StepRecord, Trainer } from "./trainer.ts";

await useTestBackend();

const task = createToyTask();
const target = await trainTarget({
  preset: toyPreset,
  task,
  dataset: createToyDataset(60),
  steps: 60,
});
const attack = { name: "pgd", epsilon: 0.07, steps: 2 };
const settings = { examples: 6, attack };
const heldOut = createToyDataset(30, "held out");

// A G that changes nothing, which O reads, and one that paints noise.
const skipping = { ...toyPreset, generator: { ...toyPreset.generator, skip: true } };
const strong = await (async () => {
  using generator = createGenerator(skipping.generator, createRandom(1));
  return await generator.parameters.export();
})();
const weak: typeof strong = new Map(
  [...strong].map(([name, { shape, data }]) =>
    [name, { shape, data: createRandom(2, name).normals(data.length, 1) }] as const
  ),
);

function guardOf(drop?: number) {
  const current = { weights: strong };
  const weights = () => Promise.resolve(current.weights);
  const parts = { preset: skipping, task, target, heldOut, weights };
  const guard = createGuard({ ...settings, ...(drop !== undefined && { drop }) }, parts);
  const review = (weights: typeof strong, epoch: number) => {
    current.weights = weights;
    return guard.review(epoch);
  };
  return { guard, review };
}

Deno.test("createGuard keeps the best epoch's weights, and ends a training that falls by more than drop", async () => {
  const { guard, review } = guardOf();
  assert.equal(guard.best, undefined);
  const first = await review(weak, 0);
  assert.equal(first.best, Math.fround(first.whitebox));
  assert.ok(!guard.ended);
  const second = await review(strong, 1);
  assert.deepEqual([second.bestEpoch, second.best], [1, Math.fround(second.whitebox)]);
  assert.ok(second.clean > second.whitebox, `${second.clean} clean, ${second.whitebox} attacked`);
  const fall = second.whitebox - first.whitebox;
  assert.ok(fall > 0.15, `${fall}`);
  assert.ok(!guard.ended);
  const third = await review(weak, 2);
  assert.deepEqual([third.bestEpoch, third.whitebox], [1, first.whitebox]);
  assert.ok(guard.ended);
  assert.equal(guard.best, strong);
  const lenient = guardOf(fall + 0.01);
  for (const [epoch, weights] of [strong, weak].entries()) await lenient.review(weights, epoch);
  assert.ok(!lenient.guard.ended);
});

Deno.test("createGuard's state goes through a checkpoint whole", async () => {
  const { guard, review } = guardOf();
  const empty = await guard.export();
  assert.equal(empty.size, 0);
  await review(strong, 3);
  await review(weak, 4);
  const state = await guard.export();
  const other = guardOf().guard;
  other.import(state, "the checkpoint");
  assert.deepEqual([other.ended, guard.ended], [true, true]);
  assert.deepEqual(other.best, guard.best);
  assert.deepEqual(await other.export(), state);
  other.import(empty, "a checkpoint from before the first review");
  assert.deepEqual([other.ended, other.best], [false, undefined]);
});

Deno.test("createGuard's review leaves no tensor behind", async () => {
  const { review } = guardOf();
  await assertNoLeak(async () => {
    await review(strong, 0);
  });
});

Deno.test("holdOut leaves out the same examples for a seed, and trains on none of them", async () => {
  const whole = createToyDataset(20);
  const ids = async ([training, left]: ReturnType<typeof holdOut<number>>) =>
    await Promise.all(
      [training, left!].map(({ length, read }) =>
        Promise.all(Array.from({ length }, async (_, index) => (await read(index)).id))
      ),
    );
  const [training, left] = await ids(holdOut(whole, 5, 1));
  assert.deepEqual([training.length, left.length], [15, 5]);
  assert.equal(new Set([...training, ...left]).size, 20);
  assert.deepEqual(await ids(holdOut(whole, 5, 1)), [training, left]);
  assert.notDeepEqual((await ids(holdOut(whole, 5, 2)))[1], left);
  assert.deepEqual(holdOut(whole, 0, 1), [whole, undefined]);
  assert.throws(() => holdOut(whole, 20, 1), /train\.guard\.examples must be less than the 20/);
});

const preset: Preset = {
  ...toyPreset,
  train: {
    ...toyPreset.train,
    attackCache: 0,
    adversary: "system",
    ramp: 0.5,
    guard: { ...settings, drop: 1 },
  },
};
const [dataset, left] = holdOut(createToyDataset(18), 6, preset.seed);

function createTrainer(
  changes: Partial<Preset["train"]> = {},
  parts: { readonly heldOut?: typeof left; readonly signal?: AbortSignal } = {},
) {
  const own = { ...preset, train: { ...preset.train, ...changes } };
  const source = { preset: own, task, target, dataset, steps: 6 };
  const perceptual = createPerceptual(preset.perceptual, createRandom(1));
  const adversaries = freshAdversaries(source);
  const method = createGeneratorMethod({
    ...{ ...source, perceptual, adversaries, heldOut: left },
    ...parts,
  });
  return new Trainer(method, { stepsPerEpoch: 2, totalSteps: 6 });
}

async function train(trainer: ReturnType<typeof createTrainer>, end = 6): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for await (const record of trainer.run(toyTrainingBatches(dataset, trainer.step))) {
    records.push(record);
    if (trainer.step >= end) break;
  }
  return records;
}

Deno.test("a guarded training through G goes on from its checkpoint to the same weights and reviews, bit for bit", async () => {
  using whole = createTrainer();
  const records = await train(whole);
  assert.deepEqual(records.map(({ review }) => review !== undefined), [
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
  const { review } = records[5];
  const seen = [1, 3, 5].map((step) => records[step].review!.whitebox);
  assert.equal(review!.best, Math.fround(Math.max(...seen)));
  for (const stop of [2, 3]) {
    using stopped = createTrainer();
    await train(stopped, stop);
    const checkpoint = await stopped.export();
    using resumed = createTrainer();
    resumed.import(checkpoint, "the checkpoint");
    resumed.step = stop;
    const rest = await train(resumed);
    assert.deepEqual(
      rest.map(({ review }) => review),
      records.slice(stop).map(({ review }) => review),
    );
    assert.deepEqual(
      rest.map(({ losses }) => losses),
      records.slice(stop).map(({ losses }) => losses),
    );
    assert.deepEqual(await resumed.export(), await whole.export());
    assert.deepEqual(await resumed.weights(), await whole.weights());
  }
});

/** A training whose review after some step is ended by a signal, and its records. */
async function interrupted(stop: number) {
  const controller = new AbortController();
  const heldOut = {
    ...left!,
    read(index: number) {
      if (trainer.step === stop) controller.abort(new Error("enough"));
      return left!.read(index);
    },
  };
  const trainer = createTrainer({}, { heldOut, signal: controller.signal });
  const records: StepRecord[] = [];
  await assert.rejects(async () => {
    for await (const record of trainer.run(toyTrainingBatches(dataset, 0))) records.push(record);
  }, /enough/);
  return { trainer, records };
}

Deno.test("a review that a signal ended is made up first of all, as is that after the last step", async () => {
  const withoutTime = (records: readonly StepRecord[]) =>
    records.map((record) => ({ ...record, seconds: 0 }));
  using whole = createTrainer();
  const expected = await train(whole);
  for (const stop of [2, 6]) {
    const { trainer, records } = await interrupted(stop);
    using stopped = trainer;
    assert.deepEqual([stopped.step, stopped.recorded, records.length], [stop, stop - 1, stop - 1]);
    const checkpoint = await stopped.export();
    using resumed = createTrainer();
    resumed.import(checkpoint, "the checkpoint");
    resumed.step = stop;
    assert.equal(resumed.recorded, stop - 1);
    const rest = await train(resumed);
    assert.deepEqual(withoutTime([...records, ...rest]), withoutTime(expected));
    assert.ok(rest[0].seconds > 0);
    assert.deepEqual(await resumed.export(), await whole.export());
    assert.deepEqual(await resumed.weights(), await whole.weights());
  }
});

Deno.test("a training ends where its guard says so, also when it is resumed", async () => {
  // Of no image is more than all right, so the second review ends any training.
  using trainer = createTrainer({ guard: { ...settings, drop: -1 } });
  const records = await train(trainer);
  assert.equal(records.length, 2);
  assert.ok(trainer.ended);
  using resumed = createTrainer({ guard: { ...settings, drop: -1 } });
  resumed.import(await trainer.export(), "the checkpoint");
  resumed.step = trainer.step;
  assert.deepEqual(await train(resumed), []);
});
