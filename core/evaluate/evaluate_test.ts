import assert from "node:assert/strict";
import { type AttackSettings, defineAttack } from "../attacks/attack.ts";
import { createAttack } from "../attacks/mod.ts";
import { norm, steps } from "../attacks/gradient_options.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Images } from "../dataset.ts";
import { type Defense, identityDefense, randomResizePadDefense } from "../defenses/mod.ts";
import type { Column } from "./columns.ts";
import { evaluateColumn, type EvaluateParts } from "./evaluate.ts";
import { victimOf } from "./victim.ts";
import type { System } from "./system.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
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
  variables: [],
  gradient: { exact: true, apply: (images) => tf.square(images) },
  restore: (images) => Promise.resolve(tf.square(images)),
};

const systemOf = (defense?: Defense, name = defense?.name ?? "none"): System<ToyOutput> => ({
  name,
  title: name,
  target,
  ...(defense && { defense }),
});

function partsOf(
  changes: Partial<EvaluateParts<ToyOutput, tf.Tensor1D>> = {},
): EvaluateParts<ToyOutput, tf.Tensor1D> {
  return {
    preset: toyPreset,
    task,
    batches: () => createEvaluationBatches(dataset, task, { batchSize: BATCH }),
    ...changes,
  };
}

type ToyColumn = Column<ToyOutput>;

const cleanOf = (...defenses: Defense[]): ToyColumn => ({
  threatModel: "none",
  attack: "clean",
  settings: null,
  systems: [systemOf(), ...defenses.map((defense) => systemOf(defense))],
});
const obliviousOf = (...defenses: Defense[]): ToyColumn => ({
  ...cleanOf(...defenses),
  threatModel: "oblivious",
  attack: "pgd",
  settings: pgd,
  attacked: { target },
});
const whiteboxOf = (defense: Defense): ToyColumn => ({
  ...obliviousOf(),
  threatModel: "whitebox",
  attacked: { target, defense },
  systems: [systemOf(defense)],
});

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

Deno.test("evaluateColumn counts every example once, the padded last batch included", async () => {
  const done: number[] = [];
  const column = cleanOf(identityDefense, darker);
  const rows = await evaluateColumn(partsOf(), column, (count) => done.push(count));
  assert.deepEqual(done, [4, 8, 10]);
  assert.deepEqual(rows.map(({ system }) => system), ["none", "identity", "generator"]);
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
  const parts = partsOf();
  const rows = await evaluateColumn(parts, obliviousOf(darker));
  using attack = createAttack(pgd, victimOf({ task, target }));
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
    gradient: { exact: true, apply: invert },
    restore: (images) => Promise.resolve(invert(images)),
  };
  const [row, ...more] = await evaluateColumn(partsOf(), whiteboxOf(inverted));
  assert.deepEqual([row.system, row.threatModel, more.length], ["generator", "whitebox", 0]);
  const whole = { ...target, forward: (images: Images) => target.forward(invert(images)) };
  const column = { ...obliviousOf(), attacked: { target: whole } };
  const [alone] = await evaluateColumn(partsOf(), {
    ...column,
    systems: [{ ...systemOf(), target: whole }],
  });
  assert.equal(row.outcomes, alone.outcomes);
  const [, unaware] = await evaluateColumn(partsOf(), obliviousOf(inverted));
  assert.ok(ones(row.outcomes!) < ones(unaware.outcomes!), `${row.outcomes} ${unaware.outcomes}`);
});

Deno.test("evaluateColumn makes images on a substitute alone, and every system sees the same ones", async () => {
  const substitute = task.createTarget("toy-net", createRandom(7, "substitute"));
  const parts = partsOf();
  const seen = new Map<string, number[]>();
  /** Changes nothing, and keeps what it is shown. */
  const watch = (name: string): Defense => ({
    ...identityDefense,
    restore: (images) => {
      seen.set(name, [...seen.get(name) ?? [], ...images.dataSync<"float32">()]);
      return Promise.resolve(tf.clone(images));
    },
  });
  const column: ToyColumn = {
    ...obliviousOf(darker),
    threatModel: "transfer",
    attacked: { target: substitute, substitute: "another" },
  };
  const systems = [...column.systems, systemOf(watch("a")), systemOf(watch("b"))];
  const rows = await evaluateColumn(parts, { ...column, systems });
  const expected: number[] = [];
  let alone = "";
  using attack = createAttack(pgd, victimOf({ task, target: substitute }));
  for await (const { images, labels, indices, count } of parts.batches()) {
    const random = createRandom(toyPreset.seed, "evaluate", "pgd", indices[0]);
    const adversarial = await attack.perturb(images, labels, random);
    expected.push(...adversarial.dataSync<"float32">());
    const scores = await target.forward(adversarial).logits.array();
    scores.slice(0, count).forEach((row, at) =>
      alone += row.indexOf(Math.max(...row)) === indices[at] % 3 ? "1" : "0"
    );
  }
  assert.deepEqual(seen.get("a"), expected);
  assert.deepEqual(seen.get("b"), expected);
  assert.equal(rows[0].outcomes, alone, "O is judged on them as they are");
  assert.deepEqual(rows.map(({ threatModel, substitute }) => [threatModel, substitute]), [
    ...rows.map(() => ["transfer", "another"]),
  ]);
  const [oblivious] = await evaluateColumn(parts, obliviousOf());
  assert.equal("substitute" in oblivious, false);
  assert.ok(ones(oblivious.outcomes!) < ones(rows[0].outcomes!), "O is not the model attacked");
});

/** A task with an attack that answers with whatever it is told to. */
function attackedBy(perturb: (images: Images) => Images | Promise<Images>) {
  const stub = defineAttack({
    title: "Stub",
    version: 1,
    options: { norm, steps },
    create: ({ norm }) => ({
      norm,
      perturb: async (images) => await perturb(images),
      [Symbol.dispose]() {},
    }),
  });
  return { ...task, attacks: { stub, pgd: stub } };
}
const withAttack = (perturb: (images: Images) => Images) => partsOf({ task: attackedBy(perturb) });
const stub: ToyColumn = {
  ...obliviousOf(),
  attack: "stub-20",
  settings: { name: "stub", epsilon: 0.02 },
};

const escapes: Readonly<Record<string, readonly [(images: Images) => Images, RegExp]>> = {
  "leaves its ball": [
    (images) => tf.clipByValue(tf.add(images, 0.03), 0, 1),
    /the attack stub-20 as it left its ball: epsilon is 0\.02, the largest change is 0\.03/,
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
  "leaves its ball beside what is not a number": [
    (images) => tf.concat([tf.mul(tf.slice(images, 0, 1), NaN), tf.add(tf.slice(images, 1), 0.03)]),
    /the attack stub-20 as it left/,
  ],
};
for (const [what, [perturb, message]] of Object.entries(escapes)) {
  Deno.test(`evaluateColumn catches an attack that ${what}`, async () => {
    await assert.rejects(evaluateColumn(withAttack(perturb), stub), message);
  });
}

Deno.test("evaluateColumn holds an L2 attack to the length of its perturbation", async () => {
  const column = { ...stub, settings: { ...stub.settings!, norm: "l2" } };
  const brighter = (by: number) => withAttack((x) => tf.clipByValue(tf.add(x, by), 0, 1));
  const within = 0.0199 / Math.sqrt(8 * 8 * 3);
  const [row] = await evaluateColumn(brighter(within), column);
  assertClose([row.maxPerturbation], [within], 1e-6);
  const message = /as it left its ball: epsilon is 0\.02, the largest L2 norm is 0\.2/;
  await assert.rejects(evaluateColumn(brighter(0.015), column), message);
});

Deno.test("evaluateColumn counts an example as wrong whose logits are not numbers", async () => {
  const spoil: Defense = {
    name: "spoil",
    variables: [],
    restore: (images) => Promise.resolve(tf.mul(images, NaN)),
  };
  const [, row] = await evaluateColumn(partsOf(), cleanOf(spoil));
  assert.equal(row.outcomes, "0".repeat(LENGTH));
});

Deno.test("evaluateColumn leaves no tensor behind", async () => {
  await assertNoLeak(async () => {
    await evaluateColumn(partsOf(), cleanOf(identityDefense, darker));
    await evaluateColumn(partsOf(), obliviousOf(identityDefense, darker));
    await evaluateColumn(partsOf(), whiteboxOf(darker));
  });
});

/** What throws in the midst of a column, by what it is. */
const faults: Readonly<Record<string, () => readonly [typeof task, Defense]>> = {
  metric: () => {
    const update = () => Promise.reject(new Error("broken"));
    return [{ ...task, createMetric: () => ({ ...task.createMetric(), update }) }, darker];
  },
  defense: () => [task, { ...darker, restore: () => Promise.reject(new Error("broken")) }],
  judge: () => {
    const classOf = () => {
      throw new Error("broken");
    };
    return [{ ...task, classOf }, darker];
  },
  attack: () => [attackedBy(() => Promise.reject(new Error("broken"))), darker],
};
for (const [what, make] of Object.entries(faults)) {
  Deno.test(`evaluateColumn leaves no tensor behind where the ${what} throws`, async () => {
    const [broken, defense] = make();
    const batches = () =>
      createEvaluationBatches(dataset, task, { batchSize: LENGTH, prefetch: 0 });
    const parts = partsOf({ task: broken, batches });
    await assertNoLeak(() => assert.rejects(evaluateColumn(parts, obliviousOf(defense)), /broken/));
  });
}

Deno.test("evaluateColumn draws a random defense's noise by seed, system and column", async () => {
  using shaken = randomResizePadDefense({ smallest: 0.5, perImage: true });
  const seen: Float32Array[] = [];
  const watched: Defense = {
    ...shaken,
    async restore(images, random) {
      const restored = await shaken.restore(images, random);
      seen.push(restored.dataSync<"float32">().slice());
      return restored;
    },
  };
  const run = async (name: string, seed = 1) => {
    seen.length = 0;
    const column = { ...cleanOf(), systems: [systemOf(watched, name)] };
    await evaluateColumn(partsOf({ preset: { seed } }), column);
    return [...seen];
  };
  const first = await run("a");
  assert.deepEqual(await run("a"), first);
  assert.notDeepEqual(await run("b"), first);
  assert.notDeepEqual(await run("a", 2), first);
});

Deno.test("evaluateColumn asks each system's own target model", async () => {
  const other = task.createTarget("toy-net", createRandom(9, "target"));
  const column = cleanOf();
  const systems = [...column.systems, { ...systemOf(undefined, "other"), target: other }];
  const [own, others] = await evaluateColumn(partsOf(), { ...column, systems });
  const [alone] = await evaluateColumn(partsOf(), { ...column, systems: systems.slice(1) });
  assert.equal(others.outcomes, alone.outcomes);
  assert.notEqual(others.outcomes, own.outcomes);
});

Deno.test("evaluateColumn refuses a metric that is no share", async () => {
  for (const value of [1.5, -0.1, NaN]) {
    const metric = {
      update: () => Promise.resolve(),
      result: () => ({ name: "x", value, count: 1 }),
    };
    const parts = partsOf({ task: { ...task, createMetric: () => metric } });
    await assert.rejects(evaluateColumn(parts, cleanOf()), {
      name: "RangeError",
      message: `Cannot use the metric x as its value must be in [0, 1]: current value is ${value}`,
    });
  }
});
