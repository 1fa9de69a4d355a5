import assert from "node:assert/strict";
import { identityDefense } from "../defenses/identity.ts";
import { createRandom } from "../random.ts";
import { assertClose } from "../testing/mod.ts";
import type { ToyOutput } from "../testing/toy_task.ts";
import { images, labels, rounding, target, task, withFourth } from "../testing/toy_victims.ts";
import { pixelManifold } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { attacks, createAttack } from "./mod.ts";
import {
  bpdaVictim,
  exactVictim,
  expectationVictim,
  substituteVictim,
  type VictimSource,
} from "./system_victims.ts";
import type { Victim } from "./victim.ts";

/** Settings under which each attack of the table moves images. */
const members = [{ name: "fgsm" }, { name: "pgd", steps: 2 }];
const moving: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  apgd: { steps: 2 },
  "apgd-ce": { steps: 2 },
  "apgd-dlr": { steps: 2 },
  "apgd-t": { steps: 2 },
  autoattack: { version: "rand", draws: 1 },
  "autoattack-fast": {},
  bim: { steps: 2 },
  "carlini-wagner": { steps: 20, binarySearchSteps: 2, initialConstant: 10, learningRate: 0.1 },
  deepfool: { steps: 3 },
  "di-fgsm": { steps: 2 },
  feature: { steps: 2 },
  fab: { steps: 4 },
  "fab-t": { steps: 4 },
  fgsm: {},
  "hop-skip-jump": { steps: 1, probes: 4 },
  latent: { steps: 10, binarySearchSteps: 2, initialConstant: 10 },
  "mi-fgsm": { steps: 2 },
  gaussian: {},
  mixture: { members },
  noise: { draws: 3 },
  pgd: { steps: 2, return: "best" },
  "pgd-cw": { steps: 2 },
  square: { queries: 4 },
  strongest: { members: [{ name: "mixture", members }], objective: "kl" },
};

const victims: Readonly<
  Record<string, (source: VictimSource<ToyOutput, tf.Tensor1D>) => Victim<ToyOutput, tf.Tensor1D>>
> = {
  exact: (source) =>
    exactVictim({ ...source, defense: { ...identityDefense, manifold: pixelManifold } }),
  expectation: (source) => expectationVictim(victims.exact(source), 2),
  bpda: (source) => bpdaVictim({ ...source, defense: { ...rounding, manifold: pixelManifold } }),
  substitute: (source) => substituteVictim(exactVictim({ task, target }), exactVictim(source)),
};

for (const [kind, makeVictim] of Object.entries(victims)) {
  const victimOf = (source: VictimSource<ToyOutput, tf.Tensor1D>) => withFourth(makeVictim(source));
  Deno.test(`every attack of the table that is kept while its ${kind} victim moves sees it move`, async () => {
    using other = task.createTarget("toy-net", createRandom(8));
    assert.deepEqual(Object.keys(moving), Object.keys(attacks));
    for (const [name, settings] of Object.entries(moving)) {
      // A substitute knows no defense.
      if (name === "latent" && kind === "substitute") continue;
      using target = task.createTarget("toy-net", createRandom(7));
      using kept = createAttack({ name, epsilon: 0.5, ...settings }, victimOf({ task, target }));
      const before = await kept.perturb(images, labels, createRandom(1));
      target.parameters.import(await other.parameters.export(), "the other's weights");
      using fresh = createAttack(kept.settings, victimOf({ task, target: other }));
      const [after, expected] = [
        await kept.perturb(images, labels, createRandom(1)),
        await fresh.perturb(images, labels, createRandom(1)),
      ];
      assertClose(after, expected, 1e-4);
      const moved = tf.max(tf.abs(tf.sub(after, before))).dataSync()[0];
      const looks = name !== "gaussian";
      assert.ok(moved > 0.001 || kind === "substitute" || !looks, `${name}: ${moved}`);
    }
  });
}

Deno.test("an attack kept while the weights of its victim move attacks the weights of now", async () => {
  using moving = task.createTarget("toy-net", createRandom(7));
  using other = task.createTarget("toy-net", createRandom(8));
  const settings = { name: "pgd", epsilon: 0.1, objective: "kl", restarts: 2, steps: 3 };
  using kept = createAttack(settings, exactVictim({ task, target: moving }));
  const before = await kept.perturb(images, labels, createRandom(1));
  moving.parameters.import(await other.parameters.export(), "the other's weights");
  using fresh = createAttack(settings, exactVictim({ task, target: other }));
  const expected = await fresh.perturb(images, labels, createRandom(1));
  const after = await kept.perturb(images, labels, createRandom(1));
  assertClose(after, expected, 1e-5);
  assert.ok(tf.max(tf.abs(tf.sub(after, before))).dataSync()[0] > 0.01);
});
