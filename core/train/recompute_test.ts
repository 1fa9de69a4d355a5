import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import type { LossSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyParts, firstToyBatch, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { createAccumulatedStep } from "./accumulate.ts";
import { stepGradients, type StepRates, type TrainBatch } from "./algorithm_1.ts";
import { createTrainStep } from "./generator.ts";

await useTestBackend();

const { images, labels } = await firstToyBatch(6);
const noise = tf.tensor(createRandom(2).uniforms(images.size, -0.03, 0.03), images.shape);
const batch: TrainBatch<tf.Tensor1D> & StepRates = {
  clean: images,
  adversarial: tf.clipByValue(tf.add(images, noise), 0, 1) as Images,
  labels,
  cleanFeatures: undefined,
  learningRate: tf.scalar(0.01),
  discriminatorLearningRate: tf.scalar(0.02),
  averaging: tf.scalar(0.75),
};

const partsOf = (recompute: boolean, losses: Partial<LossSettings> = {}) =>
  createToyParts({
    ...toyPreset,
    losses: { ...toyPreset.losses, ...losses },
    train: { ...toyPreset.train, recompute },
  });

for (
  const [title, losses] of [
    ["all losses", {}],
    ["x^c as the target, nothing stopped", { pixelTarget: "clean" }],
    ["the pixel losses alone", { setting: "L_I" }],
  ] as const
) {
  Deno.test(`train.recompute leaves terms and gradients as they are: ${title}`, () => {
    const [plain, again] = [false, true].map((recompute) => {
      const { frozen, moving } = partsOf(recompute, losses);
      return stepGradients(frozen, moving, batch);
    });
    assert.deepEqual(Object.keys(again.terms), Object.keys(plain.terms));
    for (const [name, term] of Object.entries(plain.terms)) {
      assertClose(again.terms[name], term, 1e-6);
    }
    for (const network of ["generator", "discriminator"] as const) {
      plain.gradients[network]?.forEach((gradient, index) => {
        const other = again.gradients[network]![index];
        assert.equal(other === undefined, gradient === undefined, `${network} ${index}`);
        if (gradient) assertClose(other!, gradient, 1e-6);
      });
    }
  });
}

Deno.test("train.recompute moves networks alike, whole or in portions, and computes more", async () => {
  for (const portions of [1, 2]) {
    const [plain, again] = [false, true].map((recompute) => {
      const { frozen, moving } = partsOf(recompute);
      const step = portions === 1
        ? createTrainStep(frozen, moving)
        : createAccumulatedStep(frozen, moving, portions);
      for (let count = 0; count < 2; count++) tf.dispose(step(batch));
      return { step, weights: moving.generator.parameters.variables };
    });
    plain.weights.forEach((weight, index) => assertClose(again.weights[index], weight, 1e-4));
    const [kept, computed] = [plain, again].map(({ step }) => step.statistics()?.flops);
    if (kept !== undefined) assert.ok(computed! > 1.2 * kept, `${computed} of ${kept}`);
    await assertNoLeak(() => tf.dispose(again.step(batch)));
  }
});
