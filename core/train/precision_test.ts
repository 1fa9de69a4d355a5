import assert from "node:assert/strict";
import { freshSource } from "../adversaries/source.ts";
import { createAttack, crossEntropy, exactVictim } from "../attacks/mod.ts";
import { evaluateSystems, trainTarget } from "../pipeline.ts";
import type { Precision } from "../backend/precision.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { withRecipe } from "../recipes/mod.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import {
  createToyDataset,
  createToyTask,
  firstToyBatch,
  toyPreset,
  toyTrainingBatches,
} from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { createGeneratorMethod } from "./generator.ts";
import { createRecipeMethod } from "./recipe.ts";
import { Trainer } from "./trainer.ts";

await useTestBackend();
/** Elsewhere steps are simply run, in float32. */
const hasHalf = tf.getBackend() === "tensorflow";

const task = createToyTask();
const dataset = createToyDataset(18);

/** O trained in a precision: it, and the loss of each step. */
async function trainIn(precision: Precision, steps: number) {
  const losses: number[] = [];
  const preset: Preset = { ...toyPreset, precision };
  const target = await trainTarget(
    { preset, task, dataset, steps },
    (step) => losses.push(step.losses.task),
  );
  return { target, losses };
}

const [half, whole] = [await trainIn("bfloat16", 40), await trainIn("float32", 40)];

Deno.test("a training of O in bfloat16 learns what one in float32 learns, on weights of float32", () => {
  assert.ok(half.target.parameters.variables.every(({ dtype }) => dtype === "float32"));
  assert.ok(Math.abs(half.losses[0] - whole.losses[0]) <= 2e-2 * whole.losses[0]);
  assert.equal(half.losses[0] !== whole.losses[0], hasHalf);
  const [ours, theirs] = [half, whole].map(({ losses }) => losses.at(-1)! / losses[0]);
  assert.ok(ours < 0.9, `the loss fell to ${ours} of what it was`);
  assert.ok(Math.abs(ours - theirs) < 0.05, `${ours} instead of ${theirs}`);
});

/** G in training for two steps, against a new attack in each. */
function trainer(precision: Precision, changes: Partial<Preset> = {}) {
  const preset: Preset = { ...toyPreset, ...changes, precision };
  const { target } = whole;
  const perceptual = createPerceptual(preset.perceptual, createRandom(1, "perceptual"));
  const victim = exactVictim({ task, target, precision });
  const adversaries = freshSource(createAttack(preset.attack, victim), preset.seed);
  const create = preset.recipe ? createRecipeMethod : createGeneratorMethod;
  const method = create({ preset, task, target, perceptual, adversaries });
  const one = new Trainer<tf.Tensor1D>(method, { stepsPerEpoch: 3, totalSteps: 2 });
  return {
    one,
    async run() {
      const losses: Record<string, number>[] = [];
      for await (const step of one.run(toyTrainingBatches(dataset, one.step, 2))) {
        losses.push(step.losses);
      }
      return losses;
    },
    [Symbol.dispose]() {
      for (const owned of [one, adversaries, perceptual]) owned[Symbol.dispose]();
    },
  };
}

const ways: Record<string, Partial<Preset>> = {
  "at once": {},
  "in portions": { train: { ...toyPreset.train, accumulate: 2 } },
  "of a rival": { recipe: withRecipe(toyPreset, { name: "ape-gan", width: 4 }).recipe },
};

for (const [title, changes] of Object.entries(ways)) {
  Deno.test(`a training of G in bfloat16, ${title}, has the losses of float32 within its rounding`, async () => {
    using ours = trainer("bfloat16", changes);
    using theirs = trainer("float32", changes);
    const [[first], [expected]] = [await ours.run(), await theirs.run()];
    let differ = false;
    for (const [name, value] of Object.entries(expected)) {
      const far = Math.abs(first[name] - value) / Math.max(1e-2, Math.abs(value));
      assert.ok(far <= 2e-2, `${name}: ${first[name]} instead of ${value}`);
      differ ||= far > 0;
    }
    assert.equal(differ, hasHalf);
  });
}

Deno.test("a training in bfloat16 resumes to the same weights, bit for bit", async () => {
  using through = trainer("bfloat16");
  await through.run();
  using stopped = trainer("bfloat16");
  for await (const _ of stopped.one.run(toyTrainingBatches(dataset, 0, 1)));
  using resumed = trainer("bfloat16");
  resumed.one.import(await stopped.one.export(), "the checkpoint");
  resumed.one.step = 1;
  await resumed.run();
  assert.deepEqual(await resumed.one.export(), await through.one.export());
});

/** Images that are attacked, of which some withstand. */
const ATTACKED = { examples: 90, epsilon: 0.03 };

/** Images that PGD makes in a precision, judged by O in float32. */
async function attackedIn(precision: Precision) {
  const { examples, epsilon } = ATTACKED;
  const { images, labels } = await firstToyBatch(examples);
  const victim = exactVictim({ task, target: whole.target, precision });
  using attack = createAttack({ name: "pgd", epsilon, stepSize: epsilon / 4, steps: 10 }, victim);
  const adversarial = await attack.perturb(images, labels, createRandom(1));
  await assertNoLeak(async () => (await attack.perturb(images, labels, createRandom(1))).dispose());
  const { logits } = whole.target.forward(adversarial);
  return {
    pixels: adversarial.dataSync(),
    farthest: tf.max(tf.abs(tf.sub(adversarial, images))).dataSync()[0],
    loss: tf.mean(crossEntropy(logits, labels)).dataSync()[0],
    right: tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "int32")).dataSync()[0],
  };
}

Deno.test("images attacked in bfloat16 fool O in float32, which judges them, no more than those of float32", async () => {
  const [ours, theirs] = [await attackedIn("bfloat16"), await attackedIn("float32")];
  assert.equal(ours.pixels.some((value, index) => value !== theirs.pixels[index]), hasHalf);
  assert.ok(ours.farthest <= ATTACKED.epsilon + 1e-6);
  assert.ok(theirs.right > 0 && theirs.right < ATTACKED.examples, `${theirs.right} withstand`);
  // Where a gradient is near 0, rounding is a matter of chance: of one image more or less.
  assert.ok(ours.right >= theirs.right - 1, `${ours.right} instead of ${theirs.right}`);
  assert.ok(ours.loss <= 1.002 * theirs.loss, `${ours.loss} instead of ${theirs.loss}`);
});

Deno.test("an evaluation is float32 whatever the preset's precision: the same figures, bit for bit", async () => {
  const attacks = { PGD: { name: "pgd", epsilon: 0.06, steps: 4 } };
  const measure = async (precision?: Precision) => {
    const evaluation = { ...toyPreset.evaluation, threatModels: { oblivious: { attacks } } };
    const preset: Preset = { ...toyPreset, evaluation, precision };
    const { target } = whole;
    const rows = await evaluateSystems({ preset, task, dataset, target, systems: [] });
    return rows.map(({ attack, metric, outcomes, maxPerturbation }) => (
      { attack, metric, outcomes, maxPerturbation }
    ));
  };
  assert.deepEqual(await measure("bfloat16"), await measure());
});
