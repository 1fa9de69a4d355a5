import assert from "node:assert/strict";
import { noStorage } from "../adversaries/cache_storage.ts";
import { cachedSource, freshSource } from "../adversaries/source.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { GeneratorTraining, Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import {
  createToyDataset,
  createToyTask,
  toyPreset,
  type ToyTask,
  toyTrainingBatches,
} from "../testing/toy_task.ts";
import { createTrainingAttack, fillTrainingCache, freshAdversaries } from "./adversaries.ts";
import { createGeneratorMethod } from "./generator.ts";
import { type StepRecord, Trainer } from "./trainer.ts";

await useTestBackend();

const LENGTH = 18;
const STEPS_PER_EPOCH = 3;
const { seed } = toyPreset;
const task = createToyTask();
const dataset = createToyDataset(LENGTH);
const target = task.createTarget("toy-net", createRandom(seed, "target"));
const perceptual = createPerceptual(toyPreset.perceptual, createRandom(seed, "perceptual"));
const source = { preset: toyPreset, task, target, dataset };
const moving = {
  ...toyPreset,
  train: { ...toyPreset.train, attackCache: 0, adversary: "system" },
} as const;
const attack = createTrainingAttack(source);
const adversaries = {
  "the cache": cachedSource(await fillTrainingCache({ ...source, attack }, noStorage)),
  "an attack in every step": freshSource(attack, seed),
  "an attack through the moving G": freshAdversaries({ ...source, preset: moving }),
};

type From = keyof typeof adversaries;

interface Options {
  readonly from?: From;
  readonly totalSteps?: number;
  readonly task?: ToyTask;
  readonly train?: Partial<GeneratorTraining>;
}

function createTrainer({ from = "the cache", totalSteps = 5, train, ...rest }: Options = {}) {
  const preset: Preset = { ...toyPreset, train: { ...toyPreset.train, ...train } };
  const parts = { task, ...rest, preset, target, perceptual, adversaries: adversaries[from] };
  const method = createGeneratorMethod(parts);
  const { generator } = method.moving;
  const trainer = new Trainer(method, { stepsPerEpoch: STEPS_PER_EPOCH, totalSteps });
  return Object.assign(trainer, { generator });
}

/** Trains up to a step, and returns the records. */
async function train(
  trainer: ReturnType<typeof createTrainer>,
  end = trainer.totalSteps,
): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const { attackCache } = toyPreset.train;
  const batches = toyTrainingBatches(dataset, trainer.step, undefined, attackCache);
  for await (const record of trainer.run(batches)) {
    records.push(record);
    if (trainer.step >= end) break;
  }
  return records;
}

const equal = (
  a: ReadonlyMap<string, HostTensor>,
  b: ReadonlyMap<string, HostTensor>,
) =>
  a.size === b.size && [...a].every(([name, { data }]) => {
    const other = b.get(name)!.data;
    return data.length === other.length && data.every((value, at) => value === other[at]);
  });

for (const from of Object.keys(adversaries) as From[]) {
  Deno.test(`Trainer goes on from G's checkpoint to the same weights, bit for bit, with x^a from ${from}`, async () => {
    using whole = createTrainer({ from });
    const records = await train(whole);
    assert.deepEqual(records.map(({ step, epoch }) => [step, epoch]), [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ]);
    using stopped = createTrainer({ from });
    await train(stopped, 2);
    const checkpoint = await stopped.export();
    using resumed = createTrainer({ from });
    assert.ok(!equal(await resumed.export(), checkpoint));
    resumed.import(checkpoint, "the checkpoint");
    resumed.step = stopped.step;
    assert.ok(equal(await resumed.export(), checkpoint));
    const rest = await train(resumed);
    assert.deepEqual(
      rest.map(({ losses }) => losses),
      records.slice(2).map(({ losses }) => losses),
    );
    assert.ok(equal(await resumed.export(), await whole.export()));
    assert.ok(equal(await resumed.weights(), await whole.weights()));
  });
}

Deno.test("Trainer's checkpoint holds all that a step changes, by name", async () => {
  using trainer = createTrainer();
  const tensors = await trainer.export();
  const prefixes = new Set([...tensors.keys()].map((name) => name.split("/")[0]));
  assert.deepEqual([...prefixes], [
    "generator",
    "discriminator",
    "generatorOptimizer",
    "discriminatorOptimizer",
    "averages",
  ]);
  const { data } = tensors.get("generator/model.1.weight")!;
  tensors.delete("averages/3");
  const before = await trainer.export();
  assert.throws(() => trainer.import(tensors, "a.safetensors"), /a\.safetensors .* moving average/);
  tensors.set("generator/model.1.weight", { shape: [1], data: data.slice(0, 1) });
  assert.throws(() => trainer.import(tensors, "a.safetensors"), /"model\.1\.weight" must be/);
  assert.ok(equal(await trainer.export(), before));
});

Deno.test("createGeneratorMethod's losses fall", async () => {
  using trainer = createTrainer({ totalSteps: 30 });
  const totals = (await train(trainer)).map(({ losses }) => losses.total);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  assert.equal(totals.length, 30);
  assert.ok(mean(totals.slice(-5)) < 0.92 * mean(totals.slice(0, 5)), `${totals}`);
});

Deno.test("Trainer names the loss term that is not finite, and the step", async () => {
  let calls = 0;
  const broken: ToyTask = {
    ...task,
    taskLoss: (output, labels) => tf.div(task.taskLoss(output, labels), calls++ < 0 ? 1 : 0),
  };
  using trainer = createTrainer({ task: broken });
  await assert.rejects(
    train(trainer),
    /Cannot continue training as the loss term "task" is Infinity at step 0: lower train\.schedule\.peak or the term's weight$/,
  );
  const nan: ToyTask = { ...task, taskLoss: () => tf.scalar(NaN) };
  using other = createTrainer({ task: nan });
  await assert.rejects(train(other), /the loss term "task" is NaN at step 0/);
});

Deno.test("createGeneratorMethod gives the average for use and trains on with the raw weights", async () => {
  using trainer = createTrainer({ train: { averaging: 0.5 } });
  await train(trainer, 3);
  const before = await trainer.export();
  const generator = await trainer.weights();
  assert.ok(equal(await trainer.export(), before));
  const { names, variables, trainable } = trainer.generator.parameters;
  for (const [place, weight] of trainable.entries()) {
    const name = names[variables.indexOf(weight)];
    const average = before.get(`averages/${place}`)!;
    const used = generator.get(name)!;
    assert.equal(used.data.length, average.data.length);
    // Layouts differ, contents do not.
    assertClose(used.data.toSorted(), average.data.toSorted(), 0);
    assert.notDeepEqual(used.data, before.get(`generator/${name}`)!.data);
  }
});

Deno.test("createGeneratorMethod's average follows closely at first, and is absent where it is 0", async () => {
  using trainer = createTrainer({ train: { averaging: 0.99 } });
  await train(trainer, 1);
  const [weight] = trainer.generator.parameters.trainable;
  const average = (await trainer.export()).get("averages/0")!.data;
  using fresh = createTrainer();
  const start = fresh.generator.parameters.trainable[0].dataSync();
  const expected = weight.dataSync().map((value, at) => value + 0.1 * (start[at] - value));
  assertClose(average, expected, 1e-6);
  using without = createTrainer({ train: { averaging: 0 } });
  await train(without, 1);
  const names = [...(await without.export()).keys()];
  assert.ok(names.every((name) => !name.startsWith("averages/")));
  assert.ok(
    equal(await without.weights(), await without.generator.parameters.export()),
  );
});

Deno.test("createGeneratorMethod follows the schedules of G and D", async () => {
  const halving = { name: "constant-then-linear", peak: 0.01, warmup: 0 } as const;
  using trainer = createTrainer({ totalSteps: 4, train: { schedule: halving } });
  const rates = (await train(trainer)).map(({ learningRate }) => learningRate);
  assertClose(rates, [0.01, 0.01, 0.01, 0.005], 1e-9);
});

Deno.test("Trainer runs no step beyond its last", async () => {
  using trainer = createTrainer({ totalSteps: 2 });
  await train(trainer);
  assert.deepEqual(await train(trainer), []);
  assert.equal(trainer.step, 2);
});

Deno.test("createGeneratorMethod leaves O and the perceptual network alone, and no tensor behind", async () => {
  const frozen = [...target.parameters.variables, ...perceptual.parameters.variables];
  const before = frozen.map((variable) => variable.dataSync().slice());
  const run = async (from: From) => {
    using trainer = createTrainer({ from, totalSteps: 2 });
    await train(trainer);
    await trainer.weights();
  };
  await run("an attack in every step");
  const { numTensors } = tf.memory();
  for (const from of Object.keys(adversaries) as From[]) await run(from);
  assert.equal(tf.memory().numTensors, numTensors);
  assert.deepEqual(frozen.map((variable) => variable.dataSync()), before);
});
