import assert from "node:assert/strict";
import { record } from "../backend/mod.ts";
import { createDiscriminator } from "../networks/discriminator.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import type { LossSetting, LossSettings, LossWeights } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { adversarialLoss, discriminatorLoss, featureMatchingLoss } from "./adversarial.ts";
import { classCentres, groupByClass } from "./class_groups.ts";
import {
  classAlignLoss,
  classInterLoss,
  classIntraLoss,
  featureReconstructionLoss,
} from "./feature.ts";
import { perceptualLoss, reconstructionLoss } from "./pixel.ts";
import { resolveLosses } from "./setting.ts";
import { featureLosses } from "./feature_terms.ts";
import { discriminatorLosses, pixelLosses, type PixelLossInputs } from "./pixel_terms.ts";
import { generatorLoss, type LossTerms } from "./total.ts";

await useTestBackend();

const [B, SIDE, K] = [3, 8, 4];
const random = createRandom(12);

function images(name: string, count = B): tf.Tensor4D {
  const values = random.fork(name).uniforms(count * SIDE * SIDE * 3, 0, 1);
  return tf.tensor4d(values, [count, SIDE, SIDE, 3]);
}

const weights: LossWeights = {
  reconstruction: 1,
  perceptual: 2,
  adversarial: 0.5,
  featureMatching: 0.25,
  task: 3,
  featureReconstruction: 0.75,
  classAlign: 1.5,
  classInter: 1.25,
  classIntra: 0.1,
};

function settingsOf(setting: LossSetting, changes: Partial<LossSettings> = {}) {
  return resolveLosses({
    setting,
    pixelTarget: "intermediate",
    stopGradient: "none",
    pixelDistance: "absolute",
    weights,
    margin: 1,
    interClass: "hinge",
    classReduction: "mean",
    ...changes,
  });
}

interface Output extends tf.TensorContainerObject {
  readonly logits: tf.Tensor2D;
  readonly features: tf.Tensor2D;
}

const discriminator = createDiscriminator({ width: 2, layers: 1, scales: 2 }, random.fork("d"));
const perceptual = createPerceptual({ width: 2, normalization: "none" }, random.fork("p"));
const projection = tf.tensor2d(random.fork("o").normals(SIDE * SIDE * 3 * 5, 0.2), [192, 5]);
const head = tf.tensor2d(random.fork("head").normals(5 * K, 1), [5, K]);
const target = {
  forward(batch: tf.Tensor4D): Output {
    const flat = tf.reshape(batch, [batch.shape[0], SIDE * SIDE * 3]);
    const features = tf.matMul(flat, projection) as tf.Tensor2D;
    return { logits: tf.matMul(features, head), features };
  },
};
const task = {
  classCount: K,
  extractFeatures: ({ features }: Output, classes: tf.Tensor1D) => ({ vectors: features, classes }),
  taskLoss: ({ logits }: Output, classes: tf.Tensor1D) =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(classes, K), logits) as tf.Scalar,
};

const labels = tf.tensor1d([1, 3, 1], "int32");
const [clean, adversarial] = [images("clean"), images("adversarial")];
const [restoredClean, restoredAdversarial] = [images("x̂^c"), images("x̂^a")];
const restored = tf.concat([restoredClean, restoredAdversarial]);

interface Inputs extends PixelLossInputs {
  readonly labels: tf.Tensor1D;
  readonly target: typeof target;
  readonly task: typeof task;
  readonly cleanFeatures?: tf.Tensor2D;
}

const inputs: Inputs = {
  clean,
  adversarial,
  restored,
  labels,
  discriminator,
  perceptual,
  target,
  task,
};

/** L_g and its terms, put together as in Algorithm 1. */
function lossesOf(
  { target, task, labels, cleanFeatures, ...pixel }: Inputs,
  settings: ReturnType<typeof settingsOf>,
): { total: tf.Scalar; terms: LossTerms } {
  const terms = {
    ...pixelLosses(pixel, settings),
    ...featureLosses({
      task,
      labels,
      output: () => target.forward(pixel.restored),
      cleanFeatures: () => cleanFeatures ?? target.forward(pixel.clean).features,
    }, settings),
  };
  return { total: generatorLoss(terms, settings), terms };
}

/** Every term from networks that run on each kind of images apart. */
function termsApart(settings: ReturnType<typeof settingsOf>): Record<keyof LossWeights, tf.Scalar> {
  const [d, phi] = [discriminator.features, perceptual.features];
  const outputs = [restoredClean, restoredAdversarial].map((part) => target.forward(part));
  const features = outputs.map((output) => task.extractFeatures(output, labels));
  const known = target.forward(clean).features;
  const groups = groupByClass(labels, K);
  const centres = classCentres(groups, features[1].vectors);
  const traditional = settings.real === "clean";
  const fake = d(traditional ? restored : restoredAdversarial);
  const real = d(traditional ? tf.concat([clean, clean]) : restoredClean);
  const parts = { clean, adversarial, restoredClean, restoredAdversarial };
  const maps = {
    clean: phi(clean),
    adversarial: phi(adversarial),
    restoredClean: phi(restoredClean),
    restoredAdversarial: phi(restoredAdversarial),
  };
  return {
    reconstruction: reconstructionLoss(parts, settings),
    perceptual: perceptualLoss(maps, settings),
    adversarial: adversarialLoss(fake),
    featureMatching: featureMatchingLoss(real, fake),
    task: tf.add(task.taskLoss(outputs[0], labels), task.taskLoss(outputs[1], labels)),
    featureReconstruction: tf.add(
      featureReconstructionLoss(known, features[0]),
      featureReconstructionLoss(known, features[1]),
    ),
    classAlign: classAlignLoss(groups, classCentres(groups, known), centres, settings),
    classInter: classInterLoss(groups, centres, settings),
    classIntra: classIntraLoss(groups, centres, features[1].vectors, settings),
  };
}

for (const setting of ["full", "L_I", "L_F", "L_I+F", "L_T", "L_T+F"] as const) {
  Deno.test(`generatorLoss of ${setting} are those of networks that run on halves apart`, () => {
    const settings = settingsOf(setting);
    const { total, terms } = lossesOf(inputs, settings);
    const expected = termsApart(settings);
    let sum = 0;
    for (const [key, weight] of Object.entries(settings.weights)) {
      const name = key as keyof LossWeights;
      if (weight === 0) {
        assert.equal(terms[name], undefined, `${name} was computed`);
        continue;
      }
      assertClose(terms[name]!, expected[name], 1e-4);
      sum += weight * expected[name].dataSync()[0];
    }
    assertClose(total, [sum], 1e-4);
  });
}

Deno.test("generatorLoss runs Φ on adversarial images where they are the pixel target", () => {
  const settings = settingsOf("L_I", { pixelTarget: "adversarial" });
  const { terms } = lossesOf(inputs, settings);
  assertClose(terms.perceptual!, termsApart(settings).perceptual, 1e-4);
  assertClose(terms.reconstruction!, termsApart(settings).reconstruction, 1e-4);
});

/** The inputs with networks that count their runs. */
function counted(changes: Partial<typeof inputs> = {}) {
  const runs = { discriminator: 0, perceptual: 0, target: 0 };
  const counting: typeof inputs = {
    ...inputs,
    discriminator: { features: (x) => (runs.discriminator++, discriminator.features(x)) },
    perceptual: { features: (x) => (runs.perceptual++, perceptual.features(x)) },
    target: { forward: (x) => (runs.target++, target.forward(x)) },
    ...changes,
  };
  return { runs, counting };
}

Deno.test("generatorLoss runs a network once on what is restored and once on what is clean", () => {
  const { runs, counting } = counted();
  lossesOf(counting, settingsOf("full"));
  assert.deepEqual(runs, { discriminator: 1, perceptual: 2, target: 2 });
});

Deno.test("generatorLoss runs no network that no term needs", () => {
  const { runs, counting } = counted();
  lossesOf(
    counting,
    settingsOf("L_F", { weights: { ...weights, featureReconstruction: 0 } }),
  );
  assert.deepEqual(runs, { discriminator: 0, perceptual: 0, target: 1 });
});

Deno.test("generatorLoss takes clean features that are known", () => {
  const cleanFeatures = target.forward(clean).features;
  const { runs, counting } = counted({ cleanFeatures });
  const settings = settingsOf("full");
  assertClose(lossesOf(counting, settings).total, lossesOf(inputs, settings).total);
  assert.equal(runs.target, 1);
});

Deno.test("generatorLoss has the gradient of its values", () => {
  // Away from pixel terms, whose kinks lie too close for finite differences on random images.
  const smooth = { ...weights, reconstruction: 0, perceptual: 0, featureMatching: 0 };
  for (const setting of ["full", "L_T+F"] as const) {
    const settings = settingsOf(setting, { weights: smooth });
    assertGradient(
      (x) => lossesOf({ ...inputs, restored: x as tf.Tensor4D }, settings).total,
      [restored],
      { step: 5e-3, coordinates: 8 },
    );
  }
});

Deno.test("generatorLoss gives finite gradients for the traditional and the proposed losses", () => {
  for (const setting of ["full", "L_T+F"] as const) {
    const settings = settingsOf(setting, { stopGradient: "all" });
    const gradient = tf.grad((x) =>
      lossesOf({ ...inputs, restored: x as tf.Tensor4D }, settings).total
    )(restored);
    const values = gradient.dataSync();
    assert.ok(values.every(Number.isFinite) && values.some((value) => value !== 0));
  }
});

Deno.test("generatorLoss gives the same value and gradient recorded and not", () => {
  const settings = settingsOf("full", { stopGradient: "all" });
  const step = (given: { clean: tf.Tensor4D; restored: tf.Tensor4D; labels: tf.Tensor1D }) =>
    tf.valueAndGrad((x) =>
      lossesOf({ ...inputs, ...given, restored: x as tf.Tensor4D }, settings).total
    )(given.restored);
  using recorded = record(step);
  const missing = tf.tensor1d([0, 0, -1], "int32");
  for (const given of [{ clean, restored, labels }, { clean, restored, labels: missing }]) {
    const [actual, expected] = [recorded(given), step(given)];
    assertClose(actual.value, expected.value, 1e-4);
    assertClose(actual.grad, expected.grad, 1e-4);
  }
});

Deno.test("generatorLoss refuses images that do not belong together", () => {
  const settings = settingsOf("full");
  assert.throws(
    () => lossesOf({ ...inputs, restored: clean }, settings),
    /`restored` must be \[6, 8, 8, 3\]: current shape is \[3, 8, 8, 3\]/,
  );
  assert.throws(
    () => lossesOf({ ...inputs, adversarial: images("few", 2) }, settings),
    { name: "TypeError", message: /losses of the generator as `adversarial` must be/ },
  );
});

Deno.test("generatorLoss leaves nothing behind in a tidy", async () => {
  const settings = settingsOf("full");
  await assertNoLeak(() => tf.tidy(() => lossesOf(inputs, settings).total).dispose());
});

for (const real of ["restored", "clean"] as const) {
  Deno.test(`discriminatorLosses takes ${real} for real, in one run`, () => {
    const { runs, counting } = counted();
    const { discriminator: loss } = discriminatorLosses(counting, { real });
    const [genuine, fake] = real === "clean"
      ? [clean, restored]
      : [restoredClean, restoredAdversarial];
    const [realMaps, fakeMaps] = [genuine, fake].map((batch) => discriminator.features(batch));
    assertClose(loss, discriminatorLoss(realMaps, fakeMaps), 1e-4);
    assert.equal(runs.discriminator, 1);
  });
}
