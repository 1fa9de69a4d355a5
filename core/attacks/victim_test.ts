import assert from "node:assert/strict";
import { atLeast, option } from "../options.ts";
import { createRandom } from "../random.ts";
import { assertClose } from "../testing/mod.ts";
import { labels, target, task } from "../testing/toy_victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { exactVictim } from "./system_victims.ts";
import { createVictim } from "./victim.ts";

Deno.test("an attack on a black box that needs a gradient says so", () => {
  const { ascend: _, ...black } = exactVictim({ task, target });
  assert.throws(
    () => createAttack({ name: "pgd", epsilon: 0.1 }, black),
    /Cannot attack "toy-net" with "pgd" as it has no gradient/,
  );
});

Deno.test("a gain with a default for its third argument is given two, whatever its length", async () => {
  const values: number[] = [];
  const victim = createVictim<tf.Tensor1D, tf.Tensor1D>({
    name: "sum",
    forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
    objectives: {
      distance: { reference: true, value: (sum, _, clean) => tf.square(tf.sub(sum, clean)) },
      plain: (sum, _labels, clean = sum) => {
        values.push(clean === sum ? 1 : 0);
        return sum;
      },
    },
  });
  const start = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.5);
  using referenced = createAttack({ name: "pgd", epsilon: 0.25, objective: "distance" }, victim);
  const moved = await referenced.perturb(start, labels, createRandom(1));
  assertClose(tf.abs(tf.sub(moved, start)), [0.25, 0.25, 0.25], 1e-6);
  using plain = createAttack({ name: "pgd", epsilon: 0.25, objective: "plain" }, victim);
  await plain.perturb(start, labels, createRandom(1));
  assert.ok(values.length > 0 && values.every((value) => value === 1));
});

Deno.test("options of a task's own attack are its own, and wrong ones are refused with a suggestion", () => {
  const own = {
    title: "Mine",
    version: 1,
    options: { momentum: option(0.75, atLeast(0), "share of the last step that is kept") },
    create: () => ({
      perturb: (clean: tf.Tensor4D) => Promise.resolve(tf.clone(clean)),
      [Symbol.dispose]() {},
    }),
  };
  const victim = exactVictim({ task, target });
  using attack = createAttack({ name: "mine", epsilon: 0.1, momentum: 0.5 }, victim, { mine: own });
  assert.deepEqual(attack.settings, { name: "mine", epsilon: 0.1, momentum: 0.5 });
  assert.throws(
    () => createAttack({ name: "mine", epsilon: 0.1, momentun: 0.5 }, victim, { mine: own }),
    /Cannot set up "mine" as it has no option "momentun": did you mean "momentum"\?/,
  );
});
