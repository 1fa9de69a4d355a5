import { createRandom, type System, undefended } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import {
  adversarialFor,
  type Contrast,
  createTwoScales,
  createTwoScaleTarget,
  redraw,
  type Seen,
  trainTwoScales,
} from "../../core/testing/two_scales.ts";
import type { ToyOutput } from "../../core/testing/toy_task.ts";
import { BROKEN, HONEST } from "./counts.ts";
import { brokenDefenses } from "./defenses.ts";
import { batchesOf, leftBy, measure } from "./measure.ts";

await useTestBackend();

const EPSILON = 0.1;
const pgd = { name: "pgd", epsilon: EPSILON, steps: 20, randomStart: "uniform" };

/** A network that was trained on such pictures. */
async function trained(contrast: Contrast, steps: number, see?: (target: typeof O) => Seen) {
  const target = createTwoScaleTarget(createRandom(1));
  const { value } = await batchesOf(createTwoScales(96, contrast, "train"), 96)().next();
  const plainly: Seen = (images) => Promise.resolve(tf.clone(images));
  await trainTwoScales(target, value!, { steps, rate: 0.003, see: see?.(target) ?? plainly });
  tf.dispose([value!.images, value!.labels]);
  return target;
}

/** The class shows coarsely and finely: attacks on O are fine, and a G that blurs undoes them. */
const BOTH: Contrast = { coarse: 0.08, fine: 0.08, noise: 0.04 };
const O: ReturnType<typeof createTwoScaleTarget> = await trained(BOTH, 40);
const pictures = createTwoScales(32, BOTH, "test");
const broken = brokenDefenses(O, BOTH.fine);

Deno.test(`there are ${BROKEN} broken defenses, each with a title of its own`, () => {
  assert.equal(new Set(broken.map(({ title }) => title)).size, BROKEN);
});

for (const { title, defense, target = O, alarms, victim } of broken) {
  Deno.test(`${title}: high under attacks on O alone, an alarm says why, nothing is left of it`, async () => {
    const system: System<ToyOutput> = { name: title, title, target, ...(defense && { defense }) };
    const paper = await measure(pictures, system, "oblivious", { pgd });
    assert.ok(paper.clean > 0.9 && paper.attacked > 0.6, `${paper.clean}, ${paper.attacked}`);
    for (const name of alarms) assert.ok(paper.alarms.includes(name), `${paper.alarms}`);
    const left = await leftBy(pictures, system, victim(), EPSILON);
    assert.ok(left < 0.1, `${left} are left`);
    defense?.[Symbol.dispose]?.();
  });
}

/** Every kind of row that an alarm compares. */
const CURVES = {
  pgd,
  "pgd-100": { ...pgd, steps: 100, stepSize: EPSILON / 4 },
  fgsm: { name: "fgsm", epsilon: EPSILON },
  ...Object.fromEntries([0.05, 0.2, 0.5].map((epsilon) => [`pgd-${epsilon}`, { ...pgd, epsilon }])),
};

const restore = (images: tf.Tensor4D) => redraw(images, BOTH.fine);
const G = {
  ...{ name: "G", variables: [], gradient: { exact: true, apply: restore } },
  restore: (images: tf.Tensor4D) => Promise.resolve(tf.tidy(() => restore(images))),
};
const honest: Record<string, () => Promise<void>> = {
  async "a plain network"() {
    const { clean, attacked, alarms } = await measure(pictures, undefended(O), "oblivious", CURVES);
    assert.ok(clean > 0.9 && attacked < 0.1, `${clean}, ${attacked}`);
    assert.deepEqual(alarms, []);
  },
  async "a G with its exact gradient"() {
    const system = { name: "G", title: "G", target: O, defense: G };
    const { clean, attacked, alarms } = await measure(pictures, system, "whitebox", CURVES);
    assert.ok(clean > 0.9 && attacked < 0.1, `${clean}, ${attacked}`);
    assert.deepEqual(alarms, []);
  },
  async "an adversarially trained network"() {
    const contrast = { coarse: 0.15, fine: 0, noise: 0.1 };
    using robust = await trained(
      contrast,
      40,
      (target) => adversarialFor(target, { epsilon: EPSILON, steps: 3 }),
    );
    const dataset = createTwoScales(64, contrast, "test");
    const { clean, attacked, alarms } = await measure(
      dataset,
      undefended(robust),
      "oblivious",
      CURVES,
    );
    assert.ok(clean > 0.9 && attacked > 0.4 && attacked < 0.98, `${clean}, ${attacked}`);
    assert.deepEqual(alarms, []);
  },
};

Deno.test(`there are ${HONEST} honest systems`, () => {
  assert.equal(Object.keys(honest).length, HONEST);
});

for (const [what, test] of Object.entries(honest)) {
  Deno.test(`${what} raises no alarm, whatever is measured of it`, test);
}
