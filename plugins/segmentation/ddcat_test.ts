import {
  createRandom,
  createTargetMethod,
  gradientsOf,
  type Images,
  sgd,
  type TargetTraining,
  Trainer,
} from "@realign/core";
import { assertClose, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { adversarialTrainings } from "./adversarial.ts";
import { ddcat } from "./ddcat.ts";
import type { SegmentationOutput, Segmenter } from "./models/mod.ts";
import { presets } from "./presets.ts";
import { createSegmentation } from "./task.ts";
import { randomLabelMap } from "./testing.ts";

await useTestBackend();

const architecture = "pspnet-resnet18-w0.1";
const task = createSegmentation({ classNames: ["a", "b", "c"], imageSize: [17, 17] });
const [B, pixels] = [4, 17 * 17];
const imagesFrom = (seed: number) =>
  tf.tensor4d(createRandom(seed).uniforms(B * pixels * 3, 0, 1), [B, 17, 17, 3]);
const clean = imagesFrom(1);
const adversarial = imagesFrom(2);
const maps = [0, 1, 2, 3].map((seed) => randomLabelMap(seed, [17, 17], 3));
const labels = task.encodeLabels(maps);
const settings = adversarialTrainings.ddcat;

/** O, the loss and its heads; the mask's last layer says what `bias` says, or what it learns. */
function started(bias?: readonly [number, number], name = architecture, finetuned = false) {
  const target = task.createTarget(name, createRandom(1, "target")) as Segmenter;
  const loss = ddcat.create({ task, target, settings, random: createRandom(2), finetuned });
  const parameters = loss.parameters!;
  const variables = new Map(parameters.names.map((one, at) => [one, parameters.variables[at]]));
  if (bias) {
    const weight = variables.get("mask.4.weight")!;
    tf.tidy(() => weight.assign(tf.zeros(weight.shape)));
    tf.tidy(() => variables.get("mask.4.bias")!.assign(tf.tensor1d([...bias])));
  }
  return {
    target,
    loss,
    parameters,
    /** Gradients by name, those of the loss's own weights included, and the terms. */
    gradients(observed: tf.Tensor) {
      const own = [target.parameters, parameters].flatMap((one) =>
        one.names.map((name, at) => [name, one.variables[at]] as const)
      ).filter(([, variable]) => variable.trainable);
      const { kept, gradients } = gradientsOf(own.map(([, variable]) => variable), () => {
        const terms = loss.terms({ clean, adversarial }, labels, observed);
        return { loss: terms.total, kept: terms };
      });
      const moved = own.filter((_, at) =>
        gradients[at] && tf.max(tf.abs(gradients[at]!)).dataSync()[0] > 0
      );
      const terms = Object.fromEntries(
        Object.entries(kept).map(([name, value]) => [name, value.dataSync()[0]]),
      );
      return { terms, moved: moved.map(([name]) => name) };
    },
    [Symbol.dispose]() {
      loss[Symbol.dispose]();
      target[Symbol.dispose]();
    },
  };
}

const none = tf.zeros([B, 17, 17], "int32");
/** As SAT: the first half clean, the second attacked. */
const mixed = tf.concat([tf.slice(clean, 0, 2), tf.slice(adversarial, 2)]) as Images;

Deno.test("ddcat trains the head that the mask gives a pixel to, and no other", () => {
  for (const [bias, still] of [[[9, -9], "cls2."], [[-9, 9], "cls."]] as const) {
    using made = started(bias);
    const { moved } = made.gradients(none);
    assert.ok(!moved.some((name) => name.startsWith(still)), `${still}: ${moved}`);
    for (const name of ["cls.", "cls2.", "mask.", "aux.", "layer0."]) {
      if (name !== still) assert.ok(moved.some((one) => one.startsWith(name)), name);
    }
  }
});

Deno.test("ddcat whose mask gives every pixel to the main head is SAT and the mask's cross-entropy", () => {
  using made = started([9, -9]);
  using plain = task.createTarget(architecture, createRandom(1, "target"));
  const sat = task.taskLoss(plain.forward(mixed, "training"), labels).dataSync()[0];
  const { terms } = made.gradients(none);
  assertClose([terms.task], [sat], 1e-5);
  assertClose([terms.mask], [Math.log1p(Math.exp(-18))], 1e-6);
  assertClose([terms.total], [terms.task + terms.mask], 1e-6);
});

Deno.test("ddcat's mask counts every pixel, ignored ones too, and takes none of an attacked picture for the second head", () => {
  using made = started([2, 1]);
  // All pixels of pictures 0 and 2 change: those of picture 2, which is attacked, do not count.
  const observed = tf.concat([1, 0, 1, 0].map((value) => tf.fill([1, 17, 17], value, "int32")));
  const { terms } = made.gradients(observed);
  const second = Math.log(1 + Math.exp(1));
  const main = Math.log(1 + Math.exp(-1));
  assertClose([terms.mask], [(second + 3 * main) / 4], 1e-5);
  assert.ok((labels.dataSync() as Int32Array).includes(-1), "some are ignored");
});

Deno.test("ddcat observes where what is predicted changes, by the head that the mask chooses", () => {
  using made = started();
  const same = made.loss.observe!({ clean, adversarial: clean });
  assert.equal(tf.sum(same).dataSync()[0], 0, "an attack of radius 0 changes nothing");
  const changed = made.loss.observe!({ clean, adversarial });
  assert.deepEqual(changed.shape, [B, 17, 17]);
  using toMain = started([9, -9]);
  const [before, after] = [clean, adversarial].map((images) =>
    tf.argMax((toMain.target.forward(images) as SegmentationOutput).logits, 3).dataSync()
  );
  const expected = [...before].map((value, at) => Number(value !== after[at]));
  assert.deepEqual([...toMain.loss.observe!({ clean, adversarial }).dataSync()], expected);
  assert.ok(expected.includes(1) && expected.includes(0));
});

for (const name of [architecture, "deeplabv3-resnet18-w0.1"]) {
  Deno.test(`ddcat's second head starts as a copy of ${name}'s main one where O starts from weights`, () => {
    for (const finetuned of [true, false]) {
      using made = started(undefined, name, finetuned);
      const { target, parameters } = made;
      const own = new Map(
        target.parameters.names.map((one, at) => [one, target.parameters.variables[at]]),
      );
      const seconds = parameters.names.filter((one) => one.startsWith("cls2."));
      assert.equal(seconds.length, 7);
      const equal = seconds.every((one) => {
        const [mine, theirs] = [
          parameters.variables[parameters.names.indexOf(one)],
          own.get(target.head + one.slice(4))!,
        ];
        return tf.max(tf.abs(tf.sub(mine, theirs))).dataSync()[0] === 0;
      });
      assert.equal(equal, finetuned);
    }
  });
}

function training(
  bundle: "sat" | "ddcat",
  totalSteps = 3,
  changes: Partial<TargetTraining> = {},
) {
  const target = task.createTarget(architecture, createRandom(1, "target"));
  const { train } = presets["seg-shapes"].target;
  const schedule = { name: "constant", peak: 1e-3, warmup: 0 } as const;
  const adversarial = adversarialTrainings[bundle];
  const method = createTargetMethod({ task, target, seed: 5 }, {
    ...{ ...train, schedule, adversarial },
    ...changes,
  });
  const trainer = new Trainer(method, { stepsPerEpoch: 1, totalSteps });
  const batch = () => ({
    ...{ ids: [], indices: Uint32Array.of(0, 1, 2, 3), pass: 0, count: B },
    images: tf.clone(clean),
    labels: tf.clone(labels),
  });
  async function* batches() {
    while (true) yield await Promise.resolve(batch());
  }
  return {
    target,
    method,
    batch,
    trainer,
    async train(end = totalSteps) {
      const losses: Record<string, number>[] = [];
      for await (const record of trainer.run(batches())) {
        losses.push({ ...record.losses });
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

Deno.test("a training by ddcat moves O and its heads, keeps both in checkpoints and O alone in the end", async () => {
  using made = training("ddcat");
  using plain = task.createTarget(architecture, createRandom(1, "target"));
  const before = await made.trainer.export();
  const losses = await made.train();
  assert.deepEqual(Object.keys(losses[0]), ["task", "mask", "total"]);
  assert.ok(losses.every((terms) => Object.values(terms).every(Number.isFinite)));
  const after = await made.trainer.export();
  for (
    const name of [
      "target/cls.4.weight",
      "target/layer0.0.weight",
      "loss/mask.4.weight",
      "loss/cls2.4.weight",
    ]
  ) {
    assert.notDeepEqual(after.get(name)!.data, before.get(name)!.data, name);
  }
  const weights = await made.trainer.weights();
  assert.deepEqual([...weights.keys()], plain.parameters.names);
  plain.parameters.import(weights, "what was trained");
  const [own, other] = [made.target, plain].map((one) => one.forward(clean).logits.dataSync());
  assert.deepEqual(own, other, "a plain network has the same logits");

  using stopped = training("ddcat");
  await stopped.train(2);
  using resumed = training("ddcat");
  resumed.trainer.import(await stopped.trainer.export(), "the checkpoint");
  resumed.trainer.step = 2;
  await resumed.train();
  assert.deepEqual(await resumed.trainer.export(), after, "stopped and resumed");
});

Deno.test("ddcat's heads are heads: a step moves them and O's ten times as far with a headRate of 10, and the ResNet as without", async () => {
  const moves = async (changes: Partial<TargetTraining>) => {
    using made = training("ddcat", 1, { optimizer: sgd, ...changes });
    const before = await made.trainer.export();
    await made.train();
    const after = await made.trainer.export();
    return new Map(
      [...after].filter(([name]) => /^(target|loss)\//.test(name)).map(([name, { data }]) =>
        [name, data.map((value, at) => value - before.get(name)!.data[at])] as const
      ),
    );
  };
  const [plain, ten] = [await moves({}), await moves({ headRate: 10 })];
  const moved = new Set<string>();
  for (const [name, move] of ten) {
    const alone = plain.get(name)!;
    if (/^target\/layer|running_|num_batches/.test(name)) assert.deepEqual(move, alone, name);
    else {
      assertClose(move, alone.map((value) => 10 * value), 2e-6);
      if (move.some((value) => Math.abs(value) > 2e-5)) moved.add(name.split(".")[0]);
    }
  }
  const heads = ["loss/cls2", "loss/mask", "target/aux", "target/cls", "target/ppm"];
  assert.deepEqual([...moved].sort(), heads);
});

Deno.test("ddcat's attack is on the main head: at first its images are those of the whole batch under SAT's", async () => {
  using divided = training("ddcat");
  using sat = training("sat");
  const both = await Promise.all(
    [divided, sat].map(({ method, batch }) => method.prepare(batch(), 0)),
  );
  const [pair, half] = both;
  assert.deepEqual(tf.slice(pair.adversarial!, 2).dataSync(), tf.slice(half.images, 2).dataSync());
  assert.deepEqual(tf.slice(half.images, 0, 2).dataSync(), tf.slice(clean, 0, 2).dataSync());
  const most = tf.max(tf.abs(tf.sub(pair.adversarial!, pair.images))).dataSync()[0];
  assert.ok(most > 0.029 && most <= 0.03 + 1e-6, `${most}`);
  tf.dispose(both);
});

Deno.test("a step of ddcat leaves no tensor behind", async () => {
  using made = training("ddcat");
  await assertNoLeak(async () => {
    const prepared = await made.method.prepare(made.batch(), 0);
    const learningRate = tf.scalar(1e-3);
    tf.dispose([made.method.step({ ...prepared, learningRate }), prepared, learningRate]);
  });
});

Deno.test("ddcat is refused for a target that takes no more heads", () => {
  const { parameters, forward } = task.createTarget(architecture, createRandom(1));
  const target = { name: "mine", parameters, forward, [Symbol.dispose]() {} };
  const parts = { task, target, settings, random: createRandom(1), finetuned: false };
  assert.throws(() => ddcat.create(parts), /must take more heads \(withHeads\): .* "mine"$/);
  parameters[Symbol.dispose]();
});
