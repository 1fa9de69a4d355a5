import assert from "node:assert/strict";
import { generatorDefense } from "./defenses/mod.ts";
import { evaluateSystems, trainGenerator, trainTarget } from "./pipeline.ts";
import type { Preset } from "./preset.ts";
import { createRandom } from "./random.ts";
import { assertClose, useTestBackend } from "./testing/mod.ts";
import * as tf from "./tf.ts";
import { createToyDataset, createToyTask, toyPreset } from "./testing/toy_task.ts";
import type { StepRecord } from "./train/trainer.ts";
import type { HostTensor } from "./weights/parameters.ts";

await useTestBackend();

const task = createToyTask();
const dataset = createToyDataset(18);
const pgd = { name: "pgd", epsilon: 0.05, steps: 2 };
const preset: Preset = {
  ...toyPreset,
  train: { ...toyPreset.train, augmentation: "none", attackCache: 1 },
  evaluation: {
    ...toyPreset.evaluation,
    systems: { generator: { defenses: [{ name: "generator" }] } },
    threatModels: {
      oblivious: { attacks: { pgd } },
      whitebox: { attacks: { pgd }, systems: ["generator"] },
    },
  },
};

Deno.test("O, G and figures come from a preset, a task and two splits, and leave nothing behind", async () => {
  const before = tf.memory().numTensors;
  {
    const records: StepRecord[] = [];
    const listen = (record: StepRecord) => records.push(record);
    using target = await trainTarget({ preset, task, dataset }, listen);
    using generator = await trainGenerator({ preset, task, target, dataset }, listen);
    using defense = generatorDefense(generator);
    const test = createToyDataset(8, "test");
    const rows = await evaluateSystems({
      preset,
      task,
      target,
      dataset: test,
      systems: [{ name: "generator", title: "G", target, defense }],
    });
    assert.deepEqual(
      records.map(({ stage, step }) => `${stage} ${step}`),
      ["train-target", "train"].flatMap((stage) => [0, 1, 2].map((step) => `${stage} ${step}`)),
    );
    assert.deepEqual(
      rows.map(({ threatModel, attack, system }) => `${threatModel} ${attack} ${system}`),
      [
        "none clean none",
        "none clean generator",
        "oblivious pgd none",
        "oblivious pgd generator",
        "whitebox pgd generator",
        "oblivious worst case none",
        "oblivious worst case generator",
        "whitebox worst case generator",
      ],
    );
    assert.ok(rows.every(({ metric }) => metric.count === 8));
  }
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("trainGenerator gives the same weights again, and the same losses with x^a made in every step", async () => {
  using target = task.createTarget("toy-net", createRandom(1));
  const train = async (attackCache: number) => {
    const bim = { name: "bim", epsilon: 0.05, steps: 1 }; // draws no random start
    const settings = { ...preset, attack: bim, train: { ...preset.train, attackCache } };
    const totals: number[] = [];
    using generator = await trainGenerator(
      { preset: settings, task, target, dataset, steps: 2 },
      ({ losses }) => totals.push(losses.total),
    );
    const [first] = (await generator.parameters.export()).values();
    return { weights: first.data, totals };
  };
  const kept = await train(1);
  assert.deepEqual(await train(1), kept);
  assertClose((await train(0)).totals, kept.totals, 2e-2); // kept perturbations have 127 levels
});

Deno.test("trainGenerator trains against who knows G, from a G against O alone or the one that it is given", async () => {
  using target = task.createTarget("toy-net", createRandom(1));
  const before = tf.memory().numTensors;
  const train = async (
    changes: Partial<Preset["train"]>,
    start?: ReadonlyMap<string, HostTensor>,
  ) => {
    const settings = { ...preset, train: { ...preset.train, attackCache: 0, ...changes } };
    const steps: string[] = [];
    const totals: number[] = [];
    using generator = await trainGenerator(
      { preset: settings, task, target, dataset, steps: 2, ...(start && { start }) },
      ({ stage, losses }) => {
        steps.push(stage);
        totals.push(losses.total);
      },
    );
    return { steps, totals, weights: await generator.parameters.export() };
  };
  const own = ["train", "train"];
  const alone = await train({ adversary: "target" });
  const cold = await train({ adversary: "system", start: { epochs: 0 } });
  assert.deepEqual([alone.steps, cold.steps], [own, own]);
  assert.notDeepEqual(alone.totals, cold.totals);
  const whole = await train({ adversary: "system" });
  assert.deepEqual(whole.steps, ["train-start", "train-start", ...own]);
  assert.deepEqual(whole.totals.slice(0, 2), alone.totals);
  const going = await train({ adversary: "system" }, alone.weights);
  assert.deepEqual(going.steps, own);
  assert.deepEqual(going.totals, whole.totals.slice(2));
  assert.deepEqual(going.weights, whole.weights);
  const guard = { examples: 6, attack: { name: "pgd", epsilon: 0.05, steps: 1 } };
  await train({ adversary: "both", ramp: 0.5, guard });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("trainings refuse what the task has not, and weights that nobody loaded", async () => {
  const unknown = { ...preset, train: { ...preset.train, augmentation: "flop" } };
  using target = task.createTarget("toy-net", createRandom(1));
  await assert.rejects(
    trainGenerator({ preset: unknown, task, target, dataset }),
    /the augmentation "flop" is unknown: did you mean "flip"/,
  );
  const named = { ...preset, perceptual: { ...preset.perceptual, weights: "vgg.safetensors" } };
  await assert.rejects(
    trainGenerator({ preset: named, task, target, dataset }),
    /perceptual network must be passed in with its weights/,
  );
  await assert.rejects(
    trainGenerator({ preset, task, target, dataset: createToyDataset(5) }),
    /the batch size must be at most the 5 examples of toy train: current value is 6/,
  );
  const before = tf.memory().numTensors;
  const { train } = preset.target;
  const broken = {
    ...preset,
    target: { ...preset.target, train: { ...train, augmentation: "x" } },
  };
  await assert.rejects(
    trainTarget({ preset: broken, task, dataset }),
    /the augmentation "x" is unknown/,
  );
  assert.equal(tf.memory().numTensors, before);
});
