/** One suite for all attacks of the table, by their traits. */
import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import type { AttackSettings } from "./attack.ts";
import { attacks, createAttack } from "./mod.ts";
import { gainOf } from "./objective.ts";
import {
  distances,
  images8,
  maxDifference,
  network,
  onPixels,
  predict,
} from "../testing/victims.ts";

await useTestBackend();

/** An attack with what may be expected of it. */
interface Traits {
  readonly settings: AttackSettings;
  /** Share of the undefended network's images that it must fool at this epsilon. */
  readonly fools: number;
  /** Takes target labels. */
  readonly targeted?: boolean;
  /** Leaves what is misclassified already as it is. */
  readonly leavesWrong?: boolean;
  /** Draws random numbers. */
  readonly random?: boolean;
  /** Takes `restarts` and `return`. */
  readonly restarts?: boolean;
  /** Changes under which two backends give the same images. */
  readonly compared?: Partial<AttackSettings>;
}

const epsilon = 0.2;
const table: readonly Traits[] = [
  {
    settings: { name: "apgd", epsilon, steps: 20, objective: "cw-margin" },
    fools: 1,
    random: true,
  },
  { settings: { name: "apgd-ce", epsilon, steps: 20 }, fools: 1, random: true },
  { settings: { name: "apgd-ce", epsilon, steps: 20, norm: "l2" }, fools: 0.25, random: true },
  { settings: { name: "apgd-dlr", epsilon, steps: 20 }, fools: 1, random: true },
  { settings: { name: "apgd-t", epsilon, steps: 20 }, fools: 1, random: true },
  {
    settings: { name: "autoattack", epsilon, version: "rand", draws: 1 },
    fools: 1,
    random: true,
    leavesWrong: true,
  },
  {
    settings: { name: "autoattack-fast", epsilon },
    fools: 1,
    random: true,
    leavesWrong: true,
  },
  { settings: { name: "fgsm", epsilon }, fools: 0.5, targeted: true },
  { settings: { name: "bim", epsilon }, fools: 1, targeted: true },
  { settings: { name: "pgd", epsilon }, fools: 1, targeted: true, random: true, restarts: true },
  {
    settings: { name: "pgd", epsilon, objective: "kl", randomStart: "trades" },
    // It may sharpen an unsure prediction as well as turn it.
    fools: 0.5,
    random: true,
    restarts: true,
    // Beside the clean images kl's gradient is near 0: rounding turns a few signs there, and every
    // further step spreads them. From a uniform start there is nothing to turn.
    compared: { randomStart: "uniform" },
  },
  {
    settings: { name: "pgd-cw", epsilon },
    fools: 1,
    targeted: true,
    random: true,
    restarts: true,
  },
  { settings: { name: "mi-fgsm", epsilon }, fools: 1, targeted: true },
  {
    settings: { name: "di-fgsm", epsilon, smallest: 0.5 },
    fools: 0.75,
    targeted: true,
    random: true,
  },
  // Without a label it may sharpen a prediction as well as turn it.
  { settings: { name: "feature", epsilon }, fools: 0.5, random: true },
  { settings: { name: "noise", epsilon, draws: 50 }, fools: 0.25, random: true },
  {
    settings: { name: "hop-skip-jump", epsilon, steps: 3, probes: 20 },
    fools: 0.5,
    leavesWrong: true,
    random: true,
    // One decision that rounding turns changes the whole of the next step.
    compared: { steps: 1 },
  },
  { settings: { name: "deepfool", epsilon }, fools: 1, leavesWrong: true },
  { settings: { name: "deepfool", epsilon, norm: "l2" }, fools: 0.75, leavesWrong: true },
  {
    settings: {
      name: "carlini-wagner",
      epsilon,
      steps: 30,
      binarySearchSteps: 4,
      initialConstant: 1,
    },
    fools: 0.75,
    targeted: true,
  },
  { settings: { name: "latent", epsilon, steps: 30, binarySearchSteps: 4 }, fools: 0.75 },
  { settings: { name: "fab", epsilon, steps: 8 }, fools: 1, leavesWrong: true },
  { settings: { name: "fab", epsilon, norm: "l2", steps: 8 }, fools: 0.25, leavesWrong: true },
  { settings: { name: "fab-t", epsilon, steps: 8 }, fools: 1, leavesWrong: true },
  { settings: { name: "fab-t", epsilon, norm: "l2", steps: 8 }, fools: 0.25, leavesWrong: true },
  {
    settings: { name: "square", epsilon, queries: 60 },
    fools: 0.5,
    leavesWrong: true,
    random: true,
  },
  {
    settings: { name: "square", epsilon, norm: "l2", queries: 60 },
    fools: 0.1,
    leavesWrong: true,
    random: true,
  },
  {
    settings: {
      name: "mixture",
      epsilon,
      members: [{ name: "pgd" }, { name: "pgd-cw", steps: 8 }],
    },
    fools: 1,
    random: true,
  },
  { settings: { name: "gaussian", epsilon }, fools: 0, random: true },
  {
    settings: { name: "strongest", epsilon, members: [{ name: "fgsm" }, { name: "pgd" }] },
    fools: 1,
    random: true,
  },
];

const victim = onPixels(network(3));
const clean = images8(8, 1);
const labels = predict(victim, clean);

Deno.test("attacks has no entry that the table of traits leaves out", () => {
  const tested = new Set(table.map(({ settings }) => settings.name));
  assert.deepEqual(Object.keys(attacks).filter((name) => !tested.has(name)), []);
});

for (const traits of table) {
  const { settings } = traits;
  const variant = (settings.norm ?? settings.objective) as string | undefined;
  const title = variant ? `${settings.name} (${variant})` : settings.name;
  const perturb = async (changes: Partial<AttackSettings>, classes: tf.Tensor1D, seed = 1) => {
    using attack = createAttack({ ...settings, ...changes }, victim);
    return await attack.perturb(clean, classes, createRandom(seed));
  };

  Deno.test(`${title} stays within epsilon of the clean images and in [0, 1], and fools the network`, async () => {
    const adversarial = await perturb({}, labels);
    assert.deepEqual(adversarial.shape, clean.shape);
    assert.ok(maxDifference(adversarial, clean) <= epsilon + 1e-6);
    const values = adversarial.dataSync();
    assert.ok(values.every((value) => value >= 0 && value <= 1));
    const right = labels.dataSync();
    const fooled = predict(victim, adversarial).dataSync().filter((value, index) =>
      value !== right[index]
    );
    assert.ok(
      fooled.length >= traits.fools * right.length,
      `${fooled.length} of ${right.length} were fooled`,
    );
  });

  Deno.test(`${title} refuses an epsilon of 0, with which it would change nothing`, async () => {
    await assert.rejects(perturb({ epsilon: 0 }, labels), /epsilon must be .*: current value is 0/);
  });

  Deno.test(`${title} keeps an exact decimal epsilon`, async () => {
    using attack = createAttack({ ...settings, epsilon: 0.031 }, victim);
    assert.equal(attack.settings.epsilon, 0.031);
    const adversarial = await attack.perturb(clean, labels, createRandom(1));
    assert.ok(maxDifference(adversarial, clean) <= 0.031 + 1e-6);
  });

  Deno.test(`${title} returns the same images for the same seed`, async () => {
    const first = await perturb({}, labels, 5);
    assert.equal(maxDifference(first, await perturb({}, labels, 5)), 0);
    if (traits.random) assert.ok(maxDifference(first, await perturb({}, labels, 6)) > 0);
  });

  Deno.test(`${title} bears labels that are wrong already`, async () => {
    const wrong = tf.cast(tf.mod(tf.add(labels, 1), 4), "int32") as tf.Tensor1D;
    const adversarial = await perturb({}, wrong);
    assert.ok(maxDifference(adversarial, clean) <= epsilon + 1e-6);
    if (traits.leavesWrong) assert.equal(maxDifference(adversarial, clean), 0);
  });

  Deno.test(`${title} leaves no tensors behind`, async () => {
    using attack = createAttack(settings, victim);
    await assertNoLeak(async () =>
      (await attack.perturb(clean, labels, createRandom(1))).dispose()
    );
  });

  Deno.test(`${title} recorded does what it does step by step on the plain backend`, async () => {
    const changes = traits.compared ?? {};
    const recorded = await perturb(changes, labels);
    const copy = <R extends tf.Rank>(tensor: tf.Tensor<R>) =>
      [tensor.dataSync(), tensor.shape, tensor.dtype] as const;
    const given = [clean, labels, recorded].map((tensor) => copy<tf.Rank>(tensor));
    const backend = tf.getBackend();
    await tf.setBackend("cpu");
    try {
      const [images, classes, expected] = given.map((parts) => tf.tensor(...parts));
      using attack = createAttack({ ...settings, ...changes }, victim);
      const plain = await attack.perturb(
        images as tf.Tensor4D,
        classes as tf.Tensor1D,
        createRandom(1),
      );
      const differing = tf.mean(
        tf.cast(tf.greater(tf.abs(tf.sub(plain, expected)), 1e-3), "float32"),
      );
      assert.ok(
        differing.dataSync()[0] <= 0.02,
        `${100 * differing.dataSync()[0]} % of the pixels differ`,
      );
    } finally {
      await tf.setBackend(backend);
    }
  });

  if (traits.targeted) {
    Deno.test(`${title} comes nearer to the class it is given as a target`, async () => {
      const target = tf.cast(tf.mod(tf.add(labels, 1), 4), "int32") as tf.Tensor1D;
      const adversarial = await perturb({ targeted: true, epsilon: 0.3 }, target);
      const wanted = target.dataSync();
      const reached = predict(victim, adversarial).dataSync().filter((value, index) =>
        value === wanted[index]
      );
      assert.ok(
        reached.length >= traits.fools * wanted.length,
        `${reached.length} of ${wanted.length} became their target`,
      );
    });
  }

  if (traits.restarts) {
    const weak = { epsilon: 0.02, steps: 2 };
    const named = settings.name === "pgd-cw" ? "cw-margin" : settings.objective ?? "cross-entropy";
    const gain = gainOf(victim.objectives, named as string, "test");
    const gainsOf = (images: tf.Tensor4D) =>
      gain.value(victim.predict(images), {
        labels,
        reference: victim.predict(clean),
        progress: tf.scalar(1),
        drawn: undefined,
      }).dataSync();
    const foolsOf = (images: tf.Tensor4D) =>
      tf.notEqual(predict(victim, images), labels).dataSync();

    Deno.test(`${title} with restarts fools all that one start fools, and gains as much on the others`, async () => {
      const [once, often] = [
        await perturb(weak, labels),
        await perturb({ ...weak, restarts: 4 }, labels),
      ];
      const [gainOnce, gainOften] = [gainsOf(once), gainsOf(often)];
      const [foolsOnce, foolsOften] = [foolsOf(once), foolsOf(often)];
      for (let index = 0; index < gainOnce.length; index++) {
        assert.ok(foolsOften[index] >= foolsOnce[index]);
        if (foolsOften[index] === foolsOnce[index]) {
          assert.ok(gainOften[index] >= gainOnce[index] - 1e-5);
        }
      }
      assert.ok(distances(once, often).some((distance) => distance > 0), "no restart was better");
    });

    Deno.test(`${title} returning its best iterate gains no less than its last one`, async () => {
      const coarse = { stepSize: 0.3, steps: 6 };
      const last = gainsOf(await perturb(coarse, labels));
      const best = gainsOf(await perturb({ ...coarse, return: "best" }, labels));
      assert.ok(best.every((value, index) => value >= last[index] - 1e-5));
      assert.ok(best.some((value, index) => value > last[index]), "the last was always the best");
    });
  }
}
