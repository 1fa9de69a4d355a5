import assert from "node:assert/strict";
import type { CacheStorage } from "../adversaries/cache_storage.ts";
import { createAttack, defineTaskAttack } from "../attacks/mod.ts";
import { createRandom } from "../random.ts";
import {
  cleanOf,
  darker,
  LENGTH,
  obliviousOf,
  partsOf,
  pgd,
  target,
  task,
  type ToyColumn,
  whiteboxOf,
} from "../testing/toy_columns.ts";
import type { ToyOutput } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { evaluateColumn } from "./evaluate.ts";
import { victimOf } from "./victim.ts";

/** A column that ends by its budget after so many examples. */
async function endAfter(count: number, column: ToyColumn, more = {}) {
  const controller = new AbortController();
  const parts = partsOf({ budget: controller.signal, ...more });
  if (count === 0) controller.abort(new Error("over"));
  return await evaluateColumn(parts, column, (done) => {
    if (done >= count) controller.abort(new Error("over"));
  });
}

Deno.test("evaluateColumn gives what was measured when its budget ends, with the interval of that", async () => {
  const whole = await evaluateColumn(partsOf(), whiteboxOf(darker));
  const [part] = await endAfter(4, whiteboxOf(darker));
  assert.deepEqual([part.measured, part.metric.count], [4, 4]);
  assert.equal(part.outcomes, whole[0].outcomes!.slice(0, 4));
  assert.ok(part.metric.interval![1] - part.metric.interval![0] > 0.4, "four examples say little");
  assert.equal("measured" in whole[0], false);
  assert.deepEqual(await endAfter(0, obliviousOf()), []);
  const [clean] = await endAfter(0, cleanOf());
  assert.equal(clean.metric.count, 4, "of clean images one batch is always measured");
});

Deno.test("evaluateColumn leaves out an example of which the budget cut parts off", async () => {
  // Examples come in threes, and batches hold four of them.
  const createMetric: typeof task.createMetric = () => {
    const [whole, parts] = [task.createMetric(), { count: 0 }];
    return {
      update: (output, labels, count) => {
        parts.count += count;
        return whole.update(output, labels, count);
      },
      result: () => ({ ...whole.result(), count: Math.floor(parts.count / 3) }),
      open: () => parts.count % 3,
    };
  };
  const ofThrees = { task: { ...task, createMetric } };
  const [part] = await endAfter(4, whiteboxOf(darker), ofThrees);
  assert.deepEqual([part.measured, part.metric.count], [1, 1]);
  const hidden = { ...task, createMetric: () => ({ ...createMetric(), open: () => 4 }) };
  assert.deepEqual(await endAfter(4, whiteboxOf(darker), { task: hidden }), []);
  await assert.rejects(
    evaluateColumn(partsOf({ task: hidden }), whiteboxOf(darker)),
    /^RangeError: Cannot evaluate .* as the last example is not whole/,
  );
});

Deno.test("evaluateColumn ends within an attack, and leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  const slow = { ...whiteboxOf(darker), settings: { ...pgd, steps: 100_000 } };
  const rows = await evaluateColumn(partsOf({ budget: AbortSignal.timeout(300) }), slow);
  assert.deepEqual(rows, []);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("evaluateColumn fails by its signal even if the budget has ended too", async () => {
  const reason = new Error("stopped");
  const signal = AbortSignal.abort(reason);
  const budget = AbortSignal.abort(new Error("over"));
  await assert.rejects(evaluateColumn(partsOf({ signal, budget }), obliviousOf()), reason);
});

Deno.test("evaluateColumn goes on at the next batch from images that were kept, bit for bit", async () => {
  const kept = new Map<string, Uint8Array>();
  const storage: CacheStorage = {
    read: (name) => Promise.resolve(kept.get(name)),
    write: (name, bytes) => Promise.resolve(void kept.set(name, bytes.slice())),
  };
  let made = 0;
  const counting = {
    ...task,
    attacks: {
      pgd: {
        title: "PGD",
        version: 1,
        options: {},
        create: () => {
          const attack = createAttack(pgd, victimOf({ task, target, defense: darker }));
          return {
            ...attack,
            perturb: (...all: Parameters<typeof attack.perturb>) => {
              made++;
              return attack.perturb(...all);
            },
          };
        },
      },
    },
  };
  const column = { ...whiteboxOf(darker), settings: { name: "pgd", epsilon: pgd.epsilon } };
  const more = { task: counting, storageOf: () => storage };
  await endAfter(4, column, more);
  assert.deepEqual([kept.size, made], [1, 1]);
  const [row] = await evaluateColumn(partsOf(more), column);
  assert.equal(made, 3, "the first batch was there");
  const [fresh] = await evaluateColumn(partsOf(), whiteboxOf(darker));
  assert.equal(row.outcomes, fresh.outcomes);
  assert.equal(row.maxPerturbation, fresh.maxPerturbation);
});

Deno.test("evaluateColumn measures rounded images too, and hands out each batch", async () => {
  const seen: number[] = [];
  const onImages = ({ images, indices, count }: {
    images: tf.Tensor4D;
    indices: Uint32Array;
    count: number;
  }) => {
    assert.equal(images.shape[0], 4);
    seen.push(...indices.slice(0, count));
  };
  const [row] = await evaluateColumn(partsOf({ roundsToo: true, onImages }), obliviousOf());
  assert.deepEqual(seen, Array.from({ length: LENGTH }, (_, index) => index));
  assert.equal(row.rounded!.count, LENGTH);
  let right = 0;
  using attack = createAttack(pgd, victimOf({ task, target }));
  for await (const { images, labels, indices, count } of partsOf().batches()) {
    const random = createRandom(3, "evaluate", "pgd", indices[0]);
    const attacked = await attack.perturb(images, labels, random);
    const rounded = tf.div(tf.round(tf.mul(attacked, 255)), 255) as tf.Tensor4D;
    const scores = await target.forward(rounded).logits.array();
    scores.slice(0, count).forEach((row, at) => {
      right += row.indexOf(Math.max(...row)) === indices[at] % 3 ? 1 : 0;
    });
  }
  assert.equal(Math.round(row.rounded!.value * LENGTH), right);
  const [clean] = await evaluateColumn(partsOf({ roundsToo: true }), cleanOf());
  assert.equal("rounded" in clean, false);
});

Deno.test("evaluateColumn takes images of others, and refuses those outside of the ball", async () => {
  const shifted = (by: number): ToyColumn => ({
    ...cleanOf(darker),
    threatModel: "submitted",
    attack: "submitted",
    settings: { name: "submitted", epsilon: 0.1 },
    given: {
      settings: { name: "submitted", epsilon: 0.1 },
      imagesOf: (clean) => tf.clipByValue(tf.add(clean, by), 0, 1) as tf.Tensor4D,
    },
  });
  const rows = await evaluateColumn(partsOf(), shifted(0.1));
  assert.deepEqual(rows.map(({ system }) => system), ["none", "generator"]);
  assert.ok(Math.abs(rows[0].maxPerturbation - 0.1) < 1e-6);
  assert.deepEqual(rows[0].settings, { name: "submitted", epsilon: 0.1 });
  await assert.rejects(evaluateColumn(partsOf(), shifted(0.2)), /left its ball/);
});

Deno.test("evaluateColumn asks a black box, a defense without a gradient included", async () => {
  const blunt = { ...darker, name: "blunt", gradient: undefined };
  const gradients: boolean[] = [];
  const asking = defineTaskAttack<ToyOutput, tf.Tensor1D>()({
    title: "Asking",
    version: 1,
    options: {},
    create(_, victim) {
      gradients.push(victim.ascend !== undefined);
      const ask = victim.forward(({ logits }, _: []) => logits, "logits");
      return {
        async perturb(clean) {
          const logits = await ask(clean, [], createRandom(1));
          const expected = tf.tidy(() => target.forward(tf.square(clean)).logits);
          assert.deepEqual([...await logits.data()], [...await expected.data()]);
          tf.dispose([logits, expected]);
          return tf.clone(clean);
        },
        [Symbol.dispose]: () => ask[Symbol.dispose](),
      };
    },
  });
  const column: ToyColumn = {
    ...whiteboxOf(blunt),
    threatModel: "black-box",
    settings: { name: "asking", epsilon: 0.1 },
    attacked: { target, defense: blunt, queriesOnly: true },
  };
  const before = tf.memory().numTensors;
  const watching = { ...task, attacks: { asking } };
  const [row] = await evaluateColumn(partsOf({ task: watching }), column);
  assert.deepEqual([row.threatModel, gradients], ["black-box", [false]]);
  assert.equal(tf.memory().numTensors, before);
});
