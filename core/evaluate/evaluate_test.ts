import assert from "node:assert/strict";
import type { Attack, AttackFactory, AttackSettings } from "../attacks/attack.ts";
import { createAttack } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Images } from "../dataset.ts";
import { composeDefenses, type Defense, identityDefense } from "../defenses/mod.ts";
import {
  type Column,
  columnsOf,
  evaluateColumn,
  type EvaluateParts,
  victimOf,
} from "./evaluate.ts";
import type { EvaluationRow } from "./rows.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "../testing/toy_task.ts";

await useTestBackend();

const LENGTH = 10;
const BATCH = 4;
const task = createToyTask();
const dataset = createToyDataset(LENGTH, "test");
const target = task.createTarget("toy-net", createRandom(4, "target"));
const pgd: AttackSettings = { name: "pgd", epsilon: 0.06, steps: 3 };

/** Darkens, with an exact gradient. */
const darker: Defense = {
  name: "generator",
  random: false,
  differentiable: (images) => tf.square(images),
  restore: (images) => Promise.resolve(tf.square(images)),
};
const blunt: Defense = {
  name: "jpeg",
  random: false,
  restore: (images) => Promise.resolve(tf.round(images)),
};

const presetOf = (evaluation: Partial<Preset["evaluation"]>): Preset => ({
  ...toyPreset,
  evaluation: { ...toyPreset.evaluation, ...evaluation },
});

function partsOf(
  changes: Partial<EvaluateParts<ToyOutput, tf.Tensor1D>> = {},
): EvaluateParts<ToyOutput, tf.Tensor1D> {
  return {
    preset: presetOf({ attacks: { pgd } }),
    task,
    target,
    defenses: [],
    batches: () => createEvaluationBatches(dataset, task, { batchSize: BATCH }),
    ...changes,
  };
}

const clean: Column = { threatModel: "none", attack: "clean", settings: null };
const oblivious: Column = { threatModel: "oblivious", attack: "pgd", settings: pgd };

/** Outcomes of all examples, one at a time and without any of what is tested. */
async function reckon(
  change: (images: Images, labels: tf.Tensor1D, index: number) => Promise<Images> | Images,
): Promise<string> {
  let outcomes = "";
  for await (
    const { images, labels, indices } of createEvaluationBatches(dataset, task, { batchSize: 1 })
  ) {
    const changed = await change(images, labels, indices[0]);
    const [scores] = await target.forward(changed).logits.array();
    outcomes += scores.indexOf(Math.max(...scores)) === indices[0] % 3 ? "1" : "0";
    tf.dispose([images, labels]);
  }
  return outcomes;
}

const ones = (outcomes: string) => outcomes.split("1").length - 1;

Deno.test("columnsOf gives clean images, attacks on O, then attacks through what has a gradient", () => {
  const preset = presetOf({ attacks: { a: pgd, b: pgd }, adaptive: { c: pgd } });
  const columns = columnsOf(preset, [identityDefense, blunt, darker]);
  assert.deepEqual(
    columns.map(({ threatModel, attack, defense }) => [threatModel, attack, defense?.name]),
    [
      ["none", "clean", undefined],
      ["oblivious", "a", undefined],
      ["oblivious", "b", undefined],
      ["whitebox", "c", "generator"],
    ],
  );
});

Deno.test("evaluateColumn counts every example once, the padded last batch included", async () => {
  const done: number[] = [];
  const parts = partsOf({ defenses: [identityDefense, darker] });
  const rows = await evaluateColumn(parts, clean, (count) => done.push(count));
  assert.deepEqual(done, [4, 8, 10]);
  assert.deepEqual(rows.map(({ defense }) => defense), ["none", "identity", "generator"]);
  const expected = await reckon((images) => images);
  const darkened = await reckon((images) => tf.square(images));
  assert.notEqual(expected, darkened);
  assert.deepEqual(rows.map(({ outcomes }) => outcomes), [expected, expected, darkened]);
  for (const { metric, outcomes, settings, maxPerturbation, attack } of rows) {
    assert.equal(metric.count, LENGTH);
    assertClose([metric.value], [ones(outcomes!) / LENGTH]);
    assert.deepEqual([attack, settings, maxPerturbation], ["clean", null, 0]);
  }
});

Deno.test("evaluateColumn attacks O once and passes the outcome through every defense", async () => {
  const parts = partsOf({ defenses: [darker] });
  const rows = await evaluateColumn(parts, oblivious);
  using attack = createAttack(pgd, victimOf(parts));
  const attacked: number[] = [];
  let expected = "";
  for await (const { images, labels, indices, count } of parts.batches()) {
    const random = createRandom(toyPreset.seed, "evaluate", "pgd", indices[0]);
    const adversarial = await attack.perturb(images, labels, random);
    attacked.push(tf.max(tf.abs(tf.sub(adversarial, images))).dataSync()[0]);
    const scores = await target.forward(tf.square(adversarial)).logits.array();
    scores.slice(0, count).forEach((row, at) =>
      expected += row.indexOf(Math.max(...row)) === indices[at] % 3 ? "1" : "0"
    );
  }
  assert.equal(rows[1].outcomes, expected);
  assertClose([rows[1].maxPerturbation], [Math.max(...attacked)]);
  assert.equal(rows[0].settings!.stepSize, pgd.epsilon / 4, "settings are those that were used");
  assert.deepEqual(rows.map(({ threatModel }) => threatModel), ["oblivious", "oblivious"]);
  assert.ok(ones(rows[0].outcomes!) < ones(await reckon((images) => images)));
});

Deno.test("evaluateColumn through a defense is an attack on the defense and O as one model", async () => {
  // Attacks on O alone go the wrong way where images are inverted.
  const invert = (images: Images) => tf.sub(1, images) as Images;
  const inverted: Defense = {
    ...darker,
    differentiable: invert,
    restore: (images) => Promise.resolve(invert(images)),
  };
  const parts = partsOf({ defenses: [inverted] });
  const column: Column = { ...oblivious, threatModel: "whitebox", defense: inverted };
  const [row, ...more] = await evaluateColumn(parts, column);
  assert.deepEqual([row.defense, row.threatModel, more.length], ["generator", "whitebox", 0]);
  const whole = { ...target, forward: (images: Images) => target.forward(invert(images)) };
  const [alone] = await evaluateColumn({ ...parts, target: whole, defenses: [] }, oblivious);
  assert.equal(row.outcomes, alone.outcomes);
  const [, unaware] = await evaluateColumn(parts, oblivious);
  assert.ok(ones(row.outcomes!) < ones(unaware.outcomes!), `${row.outcomes} ${unaware.outcomes}`);
});

Deno.test("victimOf refuses a defense without a gradient, composed ones included", () => {
  assert.throws(
    () => victimOf({ task, target }, blunt),
    /through "jpeg" as it has no exact gradient/,
  );
  assert.throws(() => victimOf({ task, target }, composeDefenses([darker, blunt])), RangeError);
  assert.equal(victimOf({ task, target }, darker).name, "toy-net behind generator");
});

Deno.test("victimOf keeps a task whole that is a class", () => {
  class DoublingTask {
    readonly objectives = task.objectives;
    readonly factor = 2;
    logits({ logits }: ToyOutput) {
      return tf.mul(logits, this.factor) as tf.Tensor2D;
    }
    classOf(labels: tf.Tensor1D) {
      return tf.mul(labels, this.factor - 1) as tf.Tensor1D;
    }
  }
  const doubling = Object.setPrototypeOf({ ...new DoublingTask() }, DoublingTask.prototype);
  const victim = victimOf<ToyOutput, tf.Tensor1D>({ task: doubling, target });
  const logits = tf.tensor2d([[1, 2, 3]]);
  assertClose(victim.logits!({ logits, features: logits }), [2, 4, 6]);
  assertClose(victim.classOf!(tf.tensor1d([1], "int32")), [1]);
});

/** A task with an attack that answers with whatever it is told to. */
function withAttack(perturb: (images: Images) => Images) {
  const factory: AttackFactory = <O, L>(settings: AttackSettings): Attack<L> => ({
    name: "stub",
    settings,
    perturb: (images) => Promise.resolve(perturb(images)),
    [Symbol.dispose]() {},
  });
  return partsOf({ task: { ...task, attacks: { stub: factory } } });
}
const stub: Column = {
  threatModel: "oblivious",
  attack: "stub-20",
  settings: { name: "stub", epsilon: 0.02 },
};

const escapes: Readonly<Record<string, readonly [(images: Images) => Images, RegExp]>> = {
  "leaves its ball": [
    (images) => tf.clipByValue(tf.add(images, 0.03), 0, 1),
    /the attack stub-20 as it left its ball: epsilon is 0\.02, the greatest change 0\.03/,
  ],
  "leaves the ball at one pixel of one example": [
    (images) => {
      const values = images.dataSync<"float32">().slice();
      values[values.length - 1] -= 0.021;
      return tf.tensor4d(values, images.shape);
    },
    /as it left its ball/,
  ],
  "leaves [0, 1]": [
    (images) => tf.add(tf.zerosLike(images), 1.01),
    /the attack stub-20 as it left \[0, 1\]/,
  ],
  "gives what is not a number": [
    (images) => tf.mul(images, NaN),
    /the attack stub-20 as a pixel is not a number/,
  ],
};
for (const [what, [perturb, message]] of Object.entries(escapes)) {
  Deno.test(`evaluateColumn catches an attack that ${what}`, async () => {
    await assert.rejects(evaluateColumn(withAttack(perturb), stub), message);
  });
}

Deno.test("evaluateColumn lets an L2 attack go beyond epsilon in single pixels", async () => {
  const parts = withAttack((images) => tf.clipByValue(tf.add(images, 0.03), 0, 1));
  const settings = { ...stub.settings!, norm: "l2" } as const;
  const [row] = await evaluateColumn(parts, { ...stub, settings });
  assertClose([row.maxPerturbation], [0.03], 1e-5);
});

Deno.test("evaluateColumn counts an example as wrong whose logits are not numbers", async () => {
  const spoil: Defense = {
    name: "spoil",
    random: false,
    restore: (images) => Promise.resolve(tf.mul(images, NaN)),
  };
  const [, row] = await evaluateColumn(partsOf({ defenses: [spoil] }), clean);
  assert.equal(row.outcomes, "0".repeat(LENGTH));
});

Deno.test("evaluateColumn puts the paper's figure beside the cell it belongs to", async () => {
  const paper = {
    none: { clean: 95, pgd: 1 },
    full: { clean: 90, pgd: 70 },
    "full+jpeg": { pgd: 72 },
  };
  const preset = presetOf({ paper });
  const both = composeDefenses([darker, blunt]);
  const parts = partsOf({ preset, defenses: [identityDefense, blunt, darker, both] });
  const figures = (rows: EvaluationRow[]) => rows.map((row) => row.paper);
  assert.deepEqual(figures(await evaluateColumn(parts, clean)), [
    95,
    undefined,
    undefined,
    90,
    undefined,
  ]);
  assert.deepEqual(figures(await evaluateColumn(parts, oblivious)), [
    1,
    undefined,
    undefined,
    70,
    72,
  ]);
  const whitebox: Column = { ...oblivious, threatModel: "whitebox", defense: darker };
  assert.deepEqual(figures(await evaluateColumn(parts, whitebox)), [undefined]);
});

Deno.test("evaluateColumn leaves no tensor behind", async () => {
  const parts = partsOf({ defenses: [identityDefense, darker] });
  const run = async () => {
    await evaluateColumn(parts, clean);
    await evaluateColumn(parts, oblivious);
    await evaluateColumn(parts, { ...oblivious, threatModel: "whitebox", defense: darker });
  };
  await run();
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("evaluateColumn refuses a metric that is no share", async () => {
  for (const value of [1.5, -0.1, NaN]) {
    const metric = {
      update: () => Promise.resolve(),
      result: () => ({ name: "x", value, count: 1 }),
    };
    const parts = partsOf({ task: { ...task, createMetric: () => metric } });
    await assert.rejects(evaluateColumn(parts, clean), {
      name: "RangeError",
      message: `Cannot take the x as a metric must be in [0, 1]: current value is ${value}`,
    });
  }
});
