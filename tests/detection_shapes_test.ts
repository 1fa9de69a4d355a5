/**
 * det-shapes from the training of O to figures, made small: first few steps of narrow networks, to see that
 * nothing is left behind and all goes on where it stopped; then its own O and a narrower G, to see that they learn.
 */
import {
  AttackCache,
  cachedSource,
  columnsOf,
  createEvaluationBatches,
  createGenerator,
  createGeneratorMethod,
  createPerceptual,
  createRandom,
  createTargetMethod,
  createTrainingBatches,
  evaluateColumn,
  evaluateSystems,
  noStorage,
  type Preset,
  type StepRecord,
  Trainer,
  trainGenerator,
  trainTarget,
  undefended,
  victimOf,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { generatorDefense } from "@realign/core/defenses";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { openDataset } from "@realign/datasets";
import { createDetection, presets } from "@realign/detection";
import assert from "node:assert/strict";

const whole = presets["det-shapes"];
const preset: Preset = {
  ...whole,
  target: {
    ...whole.target,
    architecture: "ssd64-vgg16-bn-w0.0625",
    train: { ...whole.target.train, batchSize: 8 },
  },
  generator: { ...whole.generator, width: 4, blocks: 1 },
  discriminator: { width: 4, layers: 2, scales: 1 },
  perceptual: { ...whole.perceptual, width: 4 },
  train: { ...whole.train, batchSize: 4 },
  attack: {
    ...whole.attack,
    members: whole.attack.members!.map((member) => ({
      ...member,
      steps: 2,
    })),
  },
};
const { seed } = preset;
const { size, classes, options: own } = preset.dataset;
const open = (split: "train" | "test", examples: number) =>
  openDataset("shapes", split, { annotation: "boxes", size, classes, examples, own });

Deno.test("det-shapes: O learns, is attacked, G is trained, resumed and measured, and nothing is left behind", async (t) => {
  await useTestBackend();
  const [train, test] = [await open("train", 16), await open("test", 4)];
  const task = createDetection(train.classNames, { imageSize: preset.target.size });
  using target = task.createTarget(preset.target.architecture, createRandom(seed, "target"));
  using perceptual = createPerceptual(preset.perceptual, createRandom(seed, "perceptual"));

  await t.step("the loss of O falls, and no step leaves tensors behind", async () => {
    const steps = 16;
    const method = createTargetMethod({ task, target }, preset.target.train);
    using trainer = new Trainer(method, { stepsPerEpoch: 2, totalSteps: steps });
    const [losses, tensors]: number[][] = [[], []];
    const batches = createTrainingBatches(train, task, {
      batchSize: preset.target.train.batchSize,
      seed,
      augmentation: task.augmentations[preset.target.train.augmentation],
    });
    for await (const { losses: { task: loss } } of trainer.run(batches)) {
      losses.push(loss);
      tensors.push(tf.memory().numTensors);
    }
    assert.equal(losses.length, steps);
    assert.ok(losses.at(-1)! < 0.75 * losses[0], `${losses}`);
    assert.equal(tensors.at(-2), tensors[2]);
  });

  using attack = createAttack(preset.attack, victimOf({ task, target }), task.attacks);
  const length = train.length;
  using cache = new AttackCache({ task, target, attack, length, size, passes: 1, seed });
  const { batchSize, augmentation } = preset.train;
  const inOrder = (pass: number, start: number) =>
    createEvaluationBatches(train, task, {
      batchSize,
      start,
      changes: { augmentation: task.augmentations[augmentation], seed, pass },
    });
  for await (const _ of cache.fill(inOrder, noStorage));

  const adversaries = cachedSource(cache);
  const createTrainer = () =>
    new Trainer(
      createGeneratorMethod({ preset, task, target, perceptual, adversaries }),
      { stepsPerEpoch: 4, totalSteps: 4 },
    );
  const run = async (trainer: ReturnType<typeof createTrainer>, end: number) => {
    const records: StepRecord[] = [];
    const batches = createTrainingBatches(train, task, {
      batchSize,
      seed,
      start: trainer.step,
      augmentation: task.augmentations[augmentation],
      passes: 1,
    });
    for await (const record of trainer.run(batches)) {
      records.push(record);
      if (trainer.step >= end) break;
    }
    return records;
  };
  using trainer = createTrainer();

  await t.step("G resumed from a checkpoint comes to the same weights, bit for bit", async () => {
    const records = await run(trainer, 4);
    assert.equal(records.length, 4);
    for (const { losses } of records) {
      for (const name of ["task", "featureReconstruction", "classAlign", "classIntra"]) {
        assert.ok(losses[name] > 0, `${name} is ${losses[name]}`);
      }
    }
    using stopped = createTrainer();
    await run(stopped, 2);
    using resumed = createTrainer();
    resumed.import(await stopped.export(), "the checkpoint");
    resumed.step = 2;
    await run(resumed, 4);
    assert.deepEqual(await resumed.export(), await trainer.export());
  });

  await t.step("every column of the evaluation has an mAP for O and for O behind G", async () => {
    using generator = createGenerator(preset.generator, createRandom(seed, "generator"));
    generator.parameters.import(await trainer.weights(), "the trainer");
    using defense = generatorDefense(generator);
    const attacks = Object.fromEntries(
      Object.entries(preset.evaluation.threatModels.oblivious.attacks).map(([name, settings]) => [
        name,
        settings.steps === undefined ? settings : { ...settings, steps: 2 },
      ]),
    );
    const { mtd } = attacks;
    const threatModels = {
      oblivious: { attacks },
      whitebox: { attacks: { mtd }, systems: ["generator"] },
    };
    const batches = () => createEvaluationBatches(test, task, { batchSize: 4 });
    const systems = [undefended(target), { name: "generator", title: "G", target, defense }];
    for (const column of columnsOf({ threatModels }, systems)) {
      const rows = await evaluateColumn({ preset, task, batches }, column);
      assert.deepEqual(
        rows.map((row) => row.system),
        column.threatModel === "whitebox" ? ["generator"] : ["none", "generator"],
      );
      for (const { metric, maxPerturbation } of rows) {
        assert.equal(metric.name, "mAP");
        assert.equal(metric.count, 4);
        assert.ok(metric.value >= 0 && metric.value <= 1);
        assert.ok(maxPerturbation <= 8 / 255 + 1e-6);
      }
    }
  });
});

Deno.test("det-shapes: O learns to find shapes, an attack hides them, and G shows them again", async () => {
  await useTestBackend();
  const [dataset, few, test] = [
    await open("train", 2000),
    await open("train", 320),
    await open("test", 100),
  ];
  const { "cls+loc": both } = whole.evaluation.threatModels.oblivious.attacks;
  const short: Preset = {
    ...whole,
    generator: { ...whole.generator, width: 8 },
    train: { ...whole.train, batchSize: 8 },
    evaluation: {
      ...whole.evaluation,
      threatModels: { oblivious: { attacks: { "cls+loc": both } } },
    },
  };
  const task = createDetection(dataset.classNames, { imageSize: short.target.size });
  using target = await trainTarget({ preset: short, task, dataset, steps: 200 });
  using generator = await trainGenerator({ preset: short, task, target, dataset: few, steps: 100 });
  using defense = generatorDefense(generator);
  const systems = [{ name: "generator", title: "G", target, defense }];
  const source = { preset: short, task, target, dataset: test, systems };
  const rows = await evaluateSystems(source);
  const valueOf = (attack: string, system: string) =>
    rows.find((row) => row.attack === attack && row.system === system)!.metric.value;
  const [clean, attacked] = ["clean", "cls+loc"].map((attack) => valueOf(attack, "none"));
  assert.ok(clean > 0.6, `O finds shapes with an mAP of ${clean}`);
  assert.ok(attacked < 0.2 * clean, `${attacked} is left of ${clean}`);
  const restored = valueOf("cls+loc", "generator");
  assert.ok(restored > 0.5 * clean, `G brings ${attacked} of ${clean} to ${restored}`);
});
