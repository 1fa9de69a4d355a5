import assert from "node:assert/strict";
import { createAttack } from "../attacks/mod.ts";
import type { Images } from "../dataset.ts";
import { type Defense, identityDefense } from "../defenses/mod.ts";
import { createRandom } from "../random.ts";
import { assertClose } from "../testing/mod.ts";
import {
  darker,
  obliviousOf,
  ones,
  partsOf,
  pgd,
  reckon,
  systemOf,
  target,
  task,
  type ToyColumn,
  whiteboxOf,
} from "../testing/toy_columns.ts";
import { toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { evaluateColumn } from "./evaluate.ts";
import { victimOf } from "./victim.ts";

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
