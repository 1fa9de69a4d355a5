import assert from "node:assert/strict";
import { type Defense, identityDefense, randomResizePadDefense } from "../defenses/mod.ts";
import { createRandom } from "../random.ts";
import { assertClose } from "../testing/mod.ts";
import {
  cleanOf,
  darker,
  LENGTH,
  ones,
  partsOf,
  reckon,
  systemOf,
  task,
} from "../testing/toy_columns.ts";
import * as tf from "../tf.ts";
import { evaluateColumn } from "./evaluate.ts";

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

Deno.test("evaluateColumn counts an example as wrong whose logits are not numbers", async () => {
  const spoil: Defense = {
    name: "spoil",
    variables: [],
    restore: (images) => Promise.resolve(tf.mul(images, NaN)),
  };
  const [, row] = await evaluateColumn(partsOf(), cleanOf(spoil));
  assert.equal(row.outcomes, "0".repeat(LENGTH));
});

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
