import assert from "node:assert/strict";
import type { AttackTable } from "../attacks/attack.ts";
import { createAttack, exactVictim } from "../attacks/mod.ts";
import type { PairLoss } from "../losses/pair_loss.ts";
import type { AdversarialTraining } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import {
  createToyDataset,
  createToyTask,
  firstToyBatch,
  type ToyOutput,
  toyPreset,
  toyTrainingBatches,
} from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";
import { attackedPlan } from "./attacked_target.ts";
import { Optimizer } from "./optimizer.ts";
import { createTargetMethod } from "./target.ts";
import { Trainer } from "./trainer.ts";

await useTestBackend();

/** An attack of radius 0, and one that paints every image white. */
const changes: AttackTable<ToyOutput, tf.Tensor1D> = Object.fromEntries(
  Object.entries({ stay: tf.clone<tf.Tensor4D>, whiten: tf.onesLike<tf.Tensor4D> }).map((
    [title, change],
  ) => [title, {
    title,
    version: 1,
    options: {},
    create: () => ({
      perturb: (clean: tf.Tensor4D) => Promise.resolve(change(clean)),
      [Symbol.dispose]() {},
    }),
  }]),
);

/** A loss with a weight w of its own: w L_o(x) + (w - d)^2, d being how far the attack moved O's output. */
const drift: PairLoss<ToyOutput, tf.Tensor1D> = {
  create({ task, target, random }) {
    const parameters = new Parameters(random);
    const weight = parameters.create("weight", [], () => Float32Array.of(0.5));
    return {
      parameters,
      observe({ clean, adversarial }) {
        const [first, second] = [clean, adversarial].map((images) => target.forward(images).logits);
        return tf.mean(tf.abs(tf.sub(first, second)));
      },
      terms({ clean }, labels, observed) {
        const own = task.taskLoss(target.forward(clean, "training"), labels);
        const apart = tf.square(tf.sub(weight, observed!)) as tf.Scalar;
        return { apart, total: tf.add(tf.mul(own, weight), apart) };
      },
      [Symbol.dispose]: () => parameters[Symbol.dispose](),
    };
  },
};

const task = { ...createToyTask(), attacks: changes, trainingLosses: { drift } };
const dataset = createToyDataset(18);
const optimizer = { ...toyPreset.target.train.optimizer, name: "sgd", momentum: 0.9 } as const;
const schedule = { name: "cosine", peak: 0.05, warmup: 0 } as const;
const pgd = { name: "pgd", epsilon: 0.1, steps: 2 };
const kl = { ...pgd, objective: "kl", randomStart: "trades" };
const kinds: Readonly<Record<string, AdversarialTraining>> = {
  pgd: { attack: pgd },
  fast: { attack: { ...pgd, steps: 1, stepSize: 0.125 } },
  trades: { attack: kl, loss: "trades", beta: 3 },
  "half a batch": { attack: pgd, share: 0.5 },
  ramp: { attack: pgd, ramp: 0.75 },
  "a loss of the task's": { attack: pgd, loss: "drift" },
};

function createTraining(adversarial?: AdversarialTraining, totalSteps = 4) {
  const target = task.createTarget("toy-net", createRandom(1, "target"));
  const method = createTargetMethod({ task, target, seed: 5, totalSteps }, {
    schedule,
    optimizer,
    ...(adversarial && { adversarial }),
  });
  const trainer = new Trainer(method, { stepsPerEpoch: 3, totalSteps });
  return {
    target,
    method,
    trainer,
    async train(end = totalSteps) {
      for await (const _ of trainer.run(toyTrainingBatches(dataset, trainer.step))) {
        if (trainer.step >= end) break;
      }
      return await trainer.export();
    },
    [Symbol.dispose]() {
      trainer[Symbol.dispose]();
      target[Symbol.dispose]();
    },
  };
}

async function imagesOf(adversarial: AdversarialTraining, step = 3) {
  using training = createTraining(adversarial);
  const batch = await firstToyBatch();
  const clean = batch.images.dataSync<"float32">();
  const prepared = await training.method.prepare(batch, step);
  const images = (prepared.adversarial ?? prepared.images).dataSync<"float32">();
  tf.dispose(prepared);
  return { clean, images };
}

Deno.test("attackedPlan with an attack that changes nothing is plain training, bit for bit", async () => {
  using plain = createTraining();
  const expected = await plain.train();
  for (const share of [1, 0.5]) {
    using attacked = createTraining({ attack: { name: "stay", epsilon: 1 }, share });
    assert.deepEqual(await attacked.train(), expected);
  }
});

Deno.test("attackedPlan attacks the O of each step: one kept while O moves sees it move", async () => {
  for (const [kind, adversarial] of Object.entries(kinds)) {
    using training = createTraining(adversarial);
    const at = async (step: number) => {
      const prepared = await training.method.prepare(await firstToyBatch(), step);
      const images = (prepared.adversarial ?? prepared.images).dataSync();
      tf.dispose(prepared);
      return images;
    };
    const before = await at(7);
    await training.train(3);
    const after = await at(7);
    assert.notDeepEqual(after, before, kind);
    using copy = task.createTarget("toy-net", createRandom(9));
    copy.parameters.import(await training.target.parameters.export(), "the O of now");
    using fresh = createAttack(adversarial.attack!, exactVictim({ task, target: copy }));
    const { images, labels } = await firstToyBatch();
    const rows = Math.round(6 * (adversarial.share ?? 1));
    const last = <T extends tf.Tensor>(tensor: T) => tf.slice(tensor, 6 - rows) as T;
    const random = createRandom(5, "target attack", 7);
    const expected = await fresh.perturb(last(images), last(labels), random);
    assertClose(after.slice(after.length - expected.size), expected.dataSync(), 1e-6);
  }
});

Deno.test("attackedPlan keeps to the ball and to the share of a batch", async () => {
  for (const [kind, adversarial] of Object.entries(kinds)) {
    const { clean, images } = await imagesOf(adversarial);
    const changed = clean.map((value, at) => Math.abs(images[at] - value));
    const most = Math.max(...changed);
    assert.ok(most > 0.09 && most <= 0.1 + 1e-6 || kind === "trades" && most > 0.01, `${most}`);
    assert.ok(Math.max(...images) <= 1 && Math.min(...images) >= 0);
    const half = changed.slice(0, changed.length / 2);
    assert.equal(half.every((value) => value === 0), kind === "half a batch");
  }
});

Deno.test("attackedPlan makes the radius grow in a share of the steps", async () => {
  // In three of four steps, which see the radius in tenths: 1, 4 and 7 of them, then all.
  for (const [step, tenths] of [[0, 1], [1, 4], [2, 7], [3, 10]]) {
    const { clean, images } = await imagesOf(kinds.ramp, step);
    const most = clean.reduce((most, value, at) => Math.max(most, Math.abs(images[at] - value)), 0);
    assert.ok(Math.abs(most - tenths * 0.01) < 1e-3, `${most} at ${step}`);
  }
});

Deno.test("attackedPlan on half a batch minimises L_o of the first half clean and the second attacked", async () => {
  const stepOf = async (adversarial: AdversarialTraining | undefined, whitened: number[]) => {
    using training = createTraining(adversarial);
    const batch = await firstToyBatch();
    const images = tf.concat(
      tf.split(batch.images, 6).map((one, at) => whitened.includes(at) ? tf.onesLike(one) : one),
    );
    batch.images.dispose();
    const prepared = await training.method.prepare({ ...batch, images: images as tf.Tensor4D }, 0);
    const { task } = training.method.step({ ...prepared, learningRate: tf.scalar(0.1) });
    return [task.dataSync(), ...(await training.target.parameters.export()).values()];
  };
  const attack = { name: "whiten", epsilon: 1 };
  const expected = await stepOf(undefined, [3, 4, 5]);
  assert.deepEqual(await stepOf({ attack, share: 0.5 }, []), expected);
  assert.notDeepEqual(await stepOf(undefined, [0, 1, 2]), expected);
});

Deno.test("attackedPlan moves no statistics by its attack, and those of trades by x, x' and x in this order", async () => {
  using training = createTraining(kinds.trades);
  using other = task.createTarget("toy-net", createRandom(1, "target"));
  const before = await training.target.parameters.export();
  const { images, adversarial, labels } = await training.method.prepare(await firstToyBatch(), 0);
  assert.deepEqual(await training.target.parameters.export(), before);
  // A step whose rate is 0 moves nothing but statistics.
  training.method.step({ images, adversarial, labels, learningRate: tf.scalar(0) });
  for (const one of [images, adversarial!, images]) other.forward(one, "training");
  const expected = await other.parameters.export();
  const actual = await training.target.parameters.export();
  for (const [name, { data }] of expected) assertClose(actual.get(name)!.data, data, 1e-6);
  assert.notDeepEqual(actual.get("norm.running_mean"), before.get("norm.running_mean"));
  using reversed = task.createTarget("toy-net", createRandom(1, "target"));
  for (const one of [adversarial!, images, images]) reversed.forward(one, "training");
  const apart = (await reversed.parameters.export()).get("norm.running_mean")!.data;
  const mean = expected.get("norm.running_mean")!.data;
  assert.ok(apart.some((value, at) => Math.abs(value - mean[at]) > 1e-5), "the order can be told");
});

for (const [kind, adversarial] of Object.entries(kinds)) {
  Deno.test(`attackedPlan of ${kind} goes on from a checkpoint to the same weights, bit for bit`, async () => {
    using whole = createTraining(adversarial);
    const expected = await whole.train();
    using stopped = createTraining(adversarial);
    const kept = await stopped.train(2);
    using resumed = createTraining(adversarial);
    resumed.trainer.import(kept, "the checkpoint");
    resumed.trainer.step = 2;
    assert.deepEqual(await resumed.train(), expected);
  });

  Deno.test(`attackedPlan of ${kind} comes to the same weights recorded and not recorded`, async () => {
    using recorded = createTraining(adversarial, 2);
    await recorded.train();
    using target = task.createTarget("toy-net", createRandom(1, "target"));
    using plan = attackedPlan(
      { task, target, seed: 5, totalSteps: 2 },
      adversarial,
      adversarial.attack!,
    );
    using moving = new Optimizer(plan.trainable, optimizer);
    let step = 0;
    for await (const batch of toyTrainingBatches(dataset, 0, 2)) {
      const prepared = await plan.prepare(batch, step);
      const rate = recorded.method.rates(step++, 2).learningRate;
      tf.tidy(() => moving.apply(plan.compute(prepared).gradients, tf.scalar(Number(rate))));
      tf.dispose(prepared);
    }
    const expected = await target.parameters.export();
    for (const [name, { data }] of await recorded.target.parameters.export()) {
      assertClose(data, expected.get(name)!.data, 1e-4);
    }
  });

  Deno.test(`attackedPlan of ${kind} leaves no tensor behind`, async () => {
    using training = createTraining(adversarial);
    const step = async () => {
      const prepared = await training.method.prepare(await firstToyBatch(), 0);
      const rate = tf.scalar(0.1);
      tf.dispose([training.method.step({ ...prepared, learningRate: rate }), prepared, rate]);
    };
    await assertNoLeak(step);
  });
}

Deno.test("attackedPlan moves a loss's own weights along with O's, by what it observed, and leaves them behind", async () => {
  using training = createTraining(kinds["a loss of the task's"]);
  const { method, trainer, target } = training;
  const prepared = await method.prepare(await firstToyBatch(), 0);
  const [first, second] = [prepared.images, prepared.adversarial!].map((images) =>
    target.forward(images).logits
  );
  const moved = tf.mean(tf.abs(tf.sub(first, second))).dataSync()[0];
  assertClose(prepared.observed!.dataSync(), [moved], 1e-5);
  assert.ok(moved > 0.01);
  const { apart, total } = method.step({ ...prepared, learningRate: tf.scalar(0.1) });
  const [gap, sum] = [apart, total].map((term) => term.dataSync()[0]);
  assertClose([gap], [(0.5 - moved) ** 2], 1e-5);
  // w moves by the gradient of w L_o + (w - d)^2.
  const own = (sum - gap) / 0.5;
  const kept = (await trainer.export()).get("loss/weight")!.data;
  assertClose(kept, [0.5 - 0.1 * (own + 2 * (0.5 - moved))], 1e-5);
  assert.deepEqual([...(await trainer.weights()).keys()], target.parameters.names);
});

Deno.test("attackedPlan disposes what it made where an attack is stopped", async () => {
  using target = task.createTarget("toy-net", createRandom(1));
  const signal = AbortSignal.abort(new Error("stopped"));
  using plan = attackedPlan({ task, target, seed: 5, signal }, { share: 0.5 }, pgd);
  const batch = await firstToyBatch();
  const before = tf.memory().numTensors;
  await assert.rejects(plan.prepare(batch, 0), /stopped/);
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([batch.images, batch.labels]);
});
