import assert from "node:assert/strict";
import type { Options } from "../options.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { type Classifier, linearClassifier, maxDifference, network } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { type AttackTable, defineAttack } from "./attack.ts";
import { attacks, convergingVictim, createAttack, expectationVictim } from "./mod.ts";
import type { Victim } from "./victim.ts";

await useTestBackend();

const victim = network(3);

/** Stands for an attack: takes its options, and returns the clean images. */
function standIn(...names: readonly string[]) {
  const options = Object.fromEntries(
    names.map((name) => [name, {
      default: undefined,
      range: { text: "anything", accepts: (_: unknown): _ is unknown => true },
      help: "Anything",
    }]),
  );
  return defineAttack({
    title: "Stand-in",
    version: 1,
    options,
    create: () => ({
      perturb: (images) => Promise.resolve(tf.clone(images)),
      [Symbol.dispose]() {},
    }),
  });
}

const table: AttackTable<tf.Tensor2D, tf.Tensor1D> = {
  "apgd-ce": standIn("norm", "restarts", "steps", "untilFooled"),
  "apgd-dlr": standIn("norm", "restarts", "untilFooled"),
  "apgd-t": standIn("norm", "targets", "untilFooled"),
  fab: standIn("norm", "restarts"),
  "fab-t": standIn("norm"),
  square: standIn("norm", "queries"),
};

/** The members of a version, with the options that it sets. */
function membersOf(settings: Record<string, unknown>) {
  using attack = createAttack({ name: "autoattack", epsilon: 0.1, ...settings }, victim, table);
  return attack.members!.map(({ settings: { epsilon, ...own } }) => {
    assert.equal(epsilon, 0.1);
    return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  });
}

Deno.test("autoattack has the attacks of its version in the order of the original", () => {
  const norm = "l2";
  const untilFooled = true;
  assert.deepEqual(membersOf({ norm }), [
    { name: "apgd-ce", norm, untilFooled },
    { name: "apgd-t", norm, untilFooled },
    { name: "fab-t", norm },
    { name: "square", norm },
  ]);
  assert.deepEqual(membersOf({ norm, version: "plus" }), [
    { name: "apgd-ce", norm, restarts: 5, untilFooled },
    { name: "apgd-dlr", norm, restarts: 5, untilFooled },
    { name: "fab", norm, restarts: 5 },
    { name: "square", norm },
    { name: "apgd-t", norm, untilFooled },
    { name: "fab-t", norm },
  ]);
  assert.deepEqual(membersOf({ version: "rand" }), [
    { name: "apgd-ce", norm: "linf" },
    { name: "apgd-dlr", norm: "linf" },
  ]);
  assert.deepEqual(membersOf({ name: "autoattack-fast" }), [
    { name: "apgd-ce", norm: "linf", steps: 50, untilFooled },
    { name: "apgd-t", norm: "linf", targets: 3, untilFooled },
    { name: "square", norm: "linf", queries: 1000 },
  ]);
});

Deno.test("autoattack's members have by default what the original sets", () => {
  const defaults = (name: string) =>
    Object.fromEntries(
      Object.entries(attacks[name].options as Options).map((
        [key, option],
      ) => [key, option.default]),
    );
  const climb = { norm: "linf", steps: 100, restarts: 1 };
  assert.deepEqual(defaults("apgd-ce"), { ...climb, untilFooled: false });
  assert.deepEqual(defaults("apgd-dlr"), { ...climb, untilFooled: false });
  assert.deepEqual(defaults("apgd-t"), { ...climb, untilFooled: false, targets: 9 });
  const { norm, steps, restarts, targets } = defaults("fab-t");
  assert.deepEqual({ norm, steps, restarts, targets }, { ...climb, targets: 9 });
  assert.deepEqual([defaults("fab").steps, defaults("square").queries], [100, 5000]);
  assert.equal(defaults("square").objective, "margin");
  assert.equal(defaults("autoattack").draws, 20);
});

Deno.test("autoattack's version names those of its members", () => {
  using attack = createAttack({ name: "autoattack", epsilon: 0.1, version: "rand" }, victim);
  assert.equal(attack.version, "autoattack 3 (apgd-ce 2, apgd-dlr 2)");
});

Deno.test("autoattack averages gradients over draws in version rand only", async () => {
  const linear = linearClassifier([[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], [0, 0, 0, 0]);
  const grey = tf.fill([1, 1, 1, 3], 0.5) as tf.Tensor4D;
  const zeros = tf.tensor1d([0], "int32");
  const count = async (
    settings: Record<string, unknown>,
    averaging: (victim: Classifier) => Victim<tf.Tensor2D, tf.Tensor1D> = (victim) => victim,
  ) => {
    let asked = 0;
    const counting = {
      ...linear,
      ascend: ((ask, name) => {
        const query = linear.ascend!(ask, name);
        const counted = (...inputs: Parameters<typeof query>) => {
          asked++;
          return query(...inputs);
        };
        return Object.assign(counted, { [Symbol.dispose]: () => query[Symbol.dispose]() });
      }) as NonNullable<typeof victim.ascend>,
    };
    using attack = createAttack<tf.Tensor2D, tf.Tensor1D>(
      { name: "autoattack", epsilon: 1e-6, ...settings },
      averaging(counting),
      { ...table, "apgd-ce": attacks["apgd-ce"] },
    );
    const adversarial = await attack.perturb(grey, zeros, createRandom(1));
    assert.equal(maxDifference(adversarial, grey), 0);
    return asked;
  };
  assert.equal(await count({}), 101);
  assert.equal(await count({ version: "rand", draws: 2 }), 202);
  assert.equal(await count({ version: "rand", draws: 1 }), 101);
  // Of what averages by itself no other mean is taken; two of three draws each are compared first.
  const rand = { version: "rand", draws: 2 };
  assert.equal(await count(rand, (victim) => expectationVictim(victim, 3)), 303);
  assert.equal(await count(rand, (victim) => convergingVictim(victim, 3)), 303 + 6);
});
