import assert from "node:assert/strict";
import type { TargetTraining } from "../preset.ts";
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
import { createTargetMethod } from "./target.ts";
import { Trainer } from "./trainer.ts";

await useTestBackend();

const dataset = createToyDataset(18);

/** Which of the toy's weights are the head's. */
const isHead = (name: string) => name.startsWith("last");

function createTrainer(
  totalSteps = 5,
  changes: Partial<ToyTask> = {},
  training: Partial<TargetTraining> = {},
) {
  const task = { ...createToyTask(), ...changes };
  const target = { ...task.createTarget("toy-net", createRandom(1, "target")), isHead };
  const settings: TargetTraining = {
    ...toyPreset.target.train,
    schedule: { name: "cosine", peak: 0.05, warmup: 0 },
    optimizer: { ...toyPreset.target.train.optimizer, name: "sgd", momentum: 0.9 },
    ...training,
  };
  const method = createTargetMethod({ task, target }, settings);
  const trainer = new Trainer(method, { stepsPerEpoch: 3, totalSteps });
  return {
    trainer,
    target,
    async train(end = totalSteps): Promise<number[]> {
      const losses: number[] = [];
      for await (
        const { losses: { task } } of trainer.run(toyTrainingBatches(dataset, trainer.step))
      ) {
        losses.push(task);
        if (trainer.step >= end) break;
      }
      return losses;
    },
    [Symbol.dispose]() {
      trainer[Symbol.dispose]();
      target[Symbol.dispose]();
    },
  };
}

Deno.test("createTargetMethod's training goes on from a checkpoint to the same weights, bit for bit, moving averages included", async () => {
  using whole = createTrainer();
  const losses = await whole.train();
  assert.equal(losses.length, 5);
  using stopped = createTrainer();
  assert.deepEqual(await stopped.train(2), losses.slice(0, 2));
  using resumed = createTrainer();
  resumed.trainer.import(await stopped.trainer.export(), "the checkpoint");
  resumed.trainer.step = 2;
  assert.deepEqual(await resumed.train(), losses.slice(2));
  assert.deepEqual(await resumed.trainer.export(), await whole.trainer.export());
  const names = [...(await whole.trainer.export()).keys()];
  assert.ok(names.includes("target/norm.running_mean") && names.includes("optimizer/state.0"));
});

Deno.test("createTargetMethod's loss falls and O learns the toy's classes", async () => {
  using toy = createTrainer(60);
  const losses = await toy.train();
  assert.ok(losses.at(-1)! < 0.5 * losses[0], `${losses}`);
});

Deno.test("createTargetMethod says what to lower where the loss is not finite", async () => {
  using toy = createTrainer(5, { taskLoss: ({ logits }) => tf.mean(tf.div(logits, 0)) });
  await assert.rejects(
    toy.train(),
    /loss term "task" is (NaN|-?Infinity) at step 0: lower target\.train/,
  );
});

Deno.test("createTargetMethod trains on where a weight has no part in the loss", async () => {
  const detached: Partial<ToyTask> = {
    taskLoss: ({ features }, labels) =>
      tf.mean(tf.abs(tf.sub(tf.mean(features, 1), tf.cast(labels, "float32")))) as tf.Scalar,
  };
  using toy = createTrainer(3, detached);
  const { variables } = toy.target.parameters;
  const [first, last] = [variables[0], variables.at(-1)!].map((weight) => weight.dataSync());
  await toy.train();
  assert.notDeepEqual(variables[0].dataSync(), first);
  assert.deepEqual(variables.at(-1)!.dataSync(), last);
});

Deno.test("createTargetMethod runs no step beyond its last, and leaves no tensor behind", async () => {
  const run = async () => {
    using toy = createTrainer(2);
    await toy.train();
    assert.deepEqual(await toy.train(), []);
  };
  await run();
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("createTargetMethod's first step by SGD moves heads headRate times as far, and the backbone as without it", async () => {
  const moves = async (headRate?: number) => {
    using toy = createTrainer(1, {}, headRate === undefined ? {} : { headRate });
    const { names, variables } = toy.target.parameters;
    const before = variables.map((weight) => weight.dataSync().slice());
    await toy.train();
    return new Map(names.map((name, at) => {
      const after = variables[at].dataSync();
      return [name, after.map((value, place) => value - before[at][place])];
    }));
  };
  const [plain, one, ten] = [await moves(), await moves(1), await moves(10)];
  assert.deepEqual(one, plain, "1 changes no bit");
  const heads = [...plain.keys()].filter(isHead);
  assert.ok(heads.length > 0 && heads.length < plain.size);
  for (const [name, move] of ten) {
    if (!isHead(name)) assert.deepEqual(move, plain.get(name), name);
    else {
      assert.ok(Math.max(...plain.get(name)!.map(Math.abs)) > 1e-4, name);
      assertClose(move, plain.get(name)!.map((value) => 10 * value), 1e-4);
    }
  }
});

for (const name of ["sgd", "adam"] as const) {
  Deno.test(`createTargetMethod with a rate of the heads goes on by ${name} from a checkpoint, bit for bit`, async () => {
    const optimizer = { ...toyPreset.target.train.optimizer, name, momentum: 0.9 };
    const create = () => createTrainer(4, {}, { optimizer, headRate: 10 });
    using whole = create();
    await whole.train();
    using stopped = create();
    await stopped.train(2);
    using resumed = create();
    resumed.trainer.import(await stopped.trainer.export(), "the checkpoint");
    resumed.trainer.step = 2;
    await resumed.train();
    assert.deepEqual(await resumed.trainer.export(), await whole.trainer.export());
  });
}

Deno.test("createTargetMethod refuses a rate of the heads where O does not tell them, and leaves no tensor behind", () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(1, "target"));
  const before = tf.memory().numTensors;
  const settings = { ...toyPreset.target.train, headRate: 10 };
  assert.throws(() => createTargetMethod({ task, target }, settings), {
    name: "RangeError",
    message:
      /^Cannot train "toy-net" with another rate for its heads as .* \(isHead\): set target\.train\.headRate to 1, current value is 10$/,
  });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("createTargetMethod names the stage and the settings of another model than O", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(1, "target"));
  const nan = (...output: Parameters<typeof task.taskLoss>) =>
    tf.mul<tf.Scalar>(task.taskLoss(...output), NaN);
  const path = "evaluation.substitutes.other.train";
  const named = { task: { ...task, taskLoss: nan }, target, stage: "train-other", path };
  using trainer = new Trainer(createTargetMethod(named, toyPreset.target.train), {
    stepsPerEpoch: 3,
    totalSteps: 1,
  });
  assert.equal(trainer.stage, "train-other");
  await assert.rejects(
    trainer.run(toyTrainingBatches(dataset, 0)).next(),
    /lower evaluation\.substitutes\.other\.train\.schedule\.peak$/,
  );
});
