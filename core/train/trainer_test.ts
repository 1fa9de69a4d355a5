import assert from "node:assert/strict";
import { AttackCache, noStorage } from "../adversaries/attack_cache.ts";
import { createAttack } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import { victimOf } from "../evaluate/evaluate.ts";
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
import { GeneratorTrainer } from "./trainer.ts";
import type { StepRecord } from "./state.ts";

await useTestBackend();

const LENGTH = 18;
const STEPS_PER_EPOCH = 3;
const { seed } = toyPreset;
const task = createToyTask();
const dataset = createToyDataset(LENGTH);
const target = task.createTarget("toy-net", createRandom(seed, "target"));
const perceptual = createPerceptual(toyPreset.perceptual, createRandom(seed, "perceptual"));
const attack = createAttack(toyPreset.attack, victimOf({ task, target }));
const cache = await createCache();

async function createCache() {
  const { attackCache: draws, augmentation, batchSize } = toyPreset.train;
  const size = [8, 8] as const;
  const filled = new AttackCache({ task, target, attack, length: LENGTH, size, draws, seed });
  const batchesOf = (draw: number, start: number) =>
    createEvaluationBatches(dataset, task, {
      batchSize,
      start,
      changes: { augmentation: task.augmentations[augmentation], seed, draw },
    });
  for await (const _ of filled.fill(batchesOf, noStorage));
  return filled;
}

interface Options {
  readonly adversaries?: "cache" | "attack";
  readonly totalSteps?: number;
  readonly task?: ToyTask;
  readonly train?: Partial<GeneratorTraining>;
}

function createTrainer({ adversaries = "cache", totalSteps = 5, train, ...rest }: Options = {}) {
  const preset: Preset = { ...toyPreset, train: { ...toyPreset.train, ...train } };
  return new GeneratorTrainer({
    task,
    ...rest,
    preset,
    target,
    perceptual,
    adversaries: adversaries === "cache" ? cache : attack,
    stepsPerEpoch: STEPS_PER_EPOCH,
    totalSteps,
  });
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

for (const adversaries of ["cache", "attack"] as const) {
  Deno.test(`GeneratorTrainer goes on from a checkpoint to the same weights, bit for bit, with x^a from the ${adversaries}`, async () => {
    using whole = createTrainer({ adversaries });
    const records = await train(whole);
    assert.deepEqual(records.map(({ step, epoch }) => [step, epoch]), [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ]);
    using stopped = createTrainer({ adversaries });
    await train(stopped, 2);
    const checkpoint = await stopped.export();
    using resumed = createTrainer({ adversaries });
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
    assert.ok(equal(await resumed.exportGenerator(), await whole.exportGenerator()));
  });
}

Deno.test("GeneratorTrainer's checkpoint holds all that a step changes, by name", async () => {
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

Deno.test("GeneratorTrainer's losses fall", async () => {
  using trainer = createTrainer({ totalSteps: 30 });
  const totals = (await train(trainer)).map(({ losses }) => losses.total);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  assert.equal(totals.length, 30);
  assert.ok(mean(totals.slice(-5)) < 0.92 * mean(totals.slice(0, 5)), `${totals}`);
});

Deno.test("GeneratorTrainer names the loss term that is not finite, and the step", async () => {
  let calls = 0;
  const broken: ToyTask = {
    ...task,
    taskLoss: (output, labels) => tf.div(task.taskLoss(output, labels), calls++ < 0 ? 1 : 0),
  };
  using trainer = createTrainer({ task: broken });
  await assert.rejects(
    train(trainer),
    /Cannot go on training as the loss term "task" is Infinity at step 0/,
  );
  const nan: ToyTask = { ...task, taskLoss: () => tf.scalar(NaN) };
  using other = createTrainer({ task: nan });
  await assert.rejects(train(other), /the loss term "task" is NaN at step 0/);
});

Deno.test("GeneratorTrainer exports the average for use and trains on with the raw weights", async () => {
  using trainer = createTrainer({ train: { averaging: 0.5 } });
  await train(trainer, 3);
  const before = await trainer.export();
  const generator = await trainer.exportGenerator();
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

Deno.test("GeneratorTrainer's average follows closely at first, and is absent where it is 0", async () => {
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
    equal(await without.exportGenerator(), await without.generator.parameters.export()),
  );
});

Deno.test("GeneratorTrainer follows the schedules of G and D", async () => {
  const halving = { name: "constant-then-linear", peak: 0.01, warmup: 0 } as const;
  using trainer = createTrainer({ totalSteps: 4, train: { schedule: halving } });
  const rates = (await train(trainer)).map(({ learningRate }) => learningRate);
  assertClose(rates, [0.01, 0.01, 0.01, 0.005], 1e-9);
});

Deno.test("GeneratorTrainer runs no step beyond its last", async () => {
  using trainer = createTrainer({ totalSteps: 2 });
  await train(trainer);
  assert.deepEqual(await train(trainer), []);
  assert.equal(trainer.step, 2);
});

Deno.test("GeneratorTrainer leaves O and the perceptual network alone, and no tensor behind", async () => {
  const frozen = [...target.parameters.variables, ...perceptual.parameters.variables];
  const before = frozen.map((variable) => variable.dataSync().slice());
  const run = async (adversaries: "cache" | "attack") => {
    using trainer = createTrainer({ adversaries, totalSteps: 2 });
    await train(trainer);
    await trainer.exportGenerator();
  };
  await run("attack");
  const { numTensors } = tf.memory();
  await run("cache");
  await run("attack");
  assert.equal(tf.memory().numTensors, numTensors);
  assert.deepEqual(frozen.map((variable) => variable.dataSync()), before);
});
