import assert from "node:assert/strict";
import { composeDefenses } from "../defenses/compose.ts";
import { drawnDefense } from "../defenses/drawn.ts";
import { freezeDefense } from "../defenses/frozen.ts";
import { identityDefense } from "../defenses/identity.ts";
import type { AttackSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { target, task, withFourth } from "../testing/toy_victims.ts";
import { images8 } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { cascadeOf } from "./cascade.ts";
import { createAttack } from "./mod.ts";
import { exactVictim } from "./system_victims.ts";

/** Adds noise of its own to each image. */
const shaking = drawnDefense({
  name: "shaking",
  draw: (shape, random) => ({
    noise: tf.tensor4d(random.normals(tf.util.sizeFromShape(shape), 0.3), shape),
  }),
  apply: (images, { noise }) => tf.add(images, noise) as tf.Tensor4D,
});
const still = composeDefenses([identityDefense, freezeDefense(shaking, createRandom(1))]);
const victim = withFourth(exactVictim({ task, target, defense: still }));

const COUNT = 48;
const clean = images8(COUNT, 2);
const classes = victim.forward(
  (output, _: []) => tf.argMax(victim.logits!(output), 1) as tf.Tensor1D,
  "classes",
);
const classesOf = async (images: tf.Tensor4D) =>
  Array.from(await (await classes(images, [], createRandom(2))).data());
const right = await classesOf(clean);
const labels = tf.tensor1d(right, "int32");
/** How many examples are still right. */
const measured = async (images: tf.Tensor4D) =>
  (await classesOf(images)).filter((is, row) => is === right[row]).length;

const epsilon = 0.4;
const members: readonly AttackSettings[] = [
  { name: "apgd-ce", epsilon, steps: 3, restarts: 2 },
  { name: "apgd-t", epsilon, steps: 3, targets: 2 },
  { name: "fab-t", epsilon, steps: 3, targets: 2 },
  { name: "square", epsilon, queries: 61 },
];

Deno.test("a cascade through frozen noise leaves as many as are measured: noise belongs to places", async () => {
  const attacks = members.map((settings) => createAttack(settings, victim));
  using attack = cascadeOf("all", victim, attacks);
  const images = await attack.perturb(clean, labels, createRandom(3));
  const stages = attack.survivors!(COUNT).map(({ left }) => left);
  assert.ok(stages[1] < COUNT && stages.at(-1)! > 0, `${stages} of ${COUNT}`);
  assert.equal(stages.at(-1), await measured(images), `${stages}`);
});

for (const settings of members) {
  Deno.test(`${settings.name} leaves every image of a frozen batch in its place`, async () => {
    const sizes = new Set<number | undefined>();
    const watched = {
      ...victim,
      forward: ((read, name) => {
        const query = victim.forward(read, name);
        const seen: typeof query = Object.assign(
          (...inputs: Parameters<typeof query>) => {
            sizes.add(inputs[0].shape[0]);
            return query(...inputs);
          },
          { [Symbol.dispose]: () => query[Symbol.dispose]() },
        );
        return seen;
      }) as typeof victim.forward,
    };
    using attack = createAttack(settings, watched);
    const left = await measured(await attack.perturb(clean, labels, createRandom(3)));
    assert.ok(left < COUNT, `${left} left`);
    assert.deepEqual([...sizes], [COUNT]);
  });
}
