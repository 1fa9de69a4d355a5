import assert from "node:assert/strict";
import { freshSource } from "../adversaries/source.ts";
import { createAttack, exactVictim } from "../attacks/mod.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import { createFpd, gramTerm } from "../networks/fpd.ts";
import { createEncoder } from "../networks/resnet_encoder.ts";
import { createRandom, type Random } from "../random.ts";
import { asWorker } from "../testing/as_worker.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyTask, firstToyBatch, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { createRecipeMethod, createStepParts } from "../train/recipe.ts";
import { readTerms } from "../train/step_exchange.ts";
import type { Gradients } from "../train/gradients.ts";
import { Parameters } from "../weights/parameters.ts";
import { boundGradients } from "./bound_gradients.ts";
import { fpd } from "./fpd.ts";
import type { RecipeContext } from "./recipe.ts";
import { recipeStep } from "./step.ts";
import { withRecipe } from "./table.ts";

await useTestBackend();

const small = { encoder: "resnet18", width: 4, front: true } as const;
const values = {
  ...small,
  noise: 0.5,
  threshold: 0.1,
  secondPass: true,
  largestGradient: 5,
  reconstructionWeight: 2,
  taskWeight: 3,
};
const drawImages = (shape: [number, number, number, number], seed = 7) =>
  tf.tensor4d(createRandom(seed).uniforms(shape.reduce((a, b) => a * b), 0, 1), shape);
/** The size of an array of numbers. */
const normOf = (numbers: Float32Array) => Math.hypot(...numbers);

/** Draws zeros: millions of numbers that are only counted. */
const nothing: Random = {
  ...createRandom(1),
  normals: (count) => new Float32Array(count),
  uniforms: (count) => new Float32Array(count),
  fork: () => nothing,
};

Deno.test("FPD's encoders and decoder have as many weights as the published ones", () => {
  for (
    const [encoder, count] of [
      ["resnet18", 11_176_512],
      ["resnet50", 23_508_032],
      ["resnet101", 42_500_160],
    ] as const
  ) {
    using parameters = new Parameters(nothing);
    createEncoder(parameters, { encoder, width: 64 }, (input) => input);
    assert.equal(parameters.size, count);
    if (encoder === "resnet18") continue;
    using network = createFpd({ encoder, width: 64, front: true }, nothing);
    assert.equal(network.parameters.size - parameters.size, 1_643_907);
  }
});

Deno.test("the encoder's maps are a quarter to a 32nd of the image, sides rounded up", () => {
  using parameters = new Parameters(createRandom(1));
  const encoder = createEncoder(parameters, { encoder: "resnet50", width: 4 }, (input) => input);
  const maps = encoder.encode(drawImages([1, 40, 33, 3]), "inference");
  assert.deepEqual(encoder.channels, [16, 32, 64, 128]);
  assert.deepEqual(maps.map((map) => map.shape.slice(1)), [[10, 9, 16], [5, 5, 32], [3, 3, 64], [
    2,
    2,
    128,
  ]]);
});

Deno.test("the Gram term of one hot channel is itself, of α x α³ as much, of two pixels their mean", () => {
  const hot = tf.tensor4d([0, 0, 1, 0, 0], [1, 1, 1, 5]);
  assertClose(gramTerm(hot), hot.dataSync());
  const images = drawImages([2, 3, 4, 3]);
  const cubed = gramTerm(images).mul(8).dataSync();
  assertClose(gramTerm(tf.mul(images, 2) as tf.Tensor4D), cubed, 1e-4);
  // Pixels (1, 0) and (1, 1): x xᵀ = [[2, 1], [1, 1]].
  const two = tf.tensor4d([1, 0, 1, 1], [1, 1, 2, 2]);
  assertClose(gramTerm(two), [1, 0.5, 1.5, 1]);
  assertGradient((input) => tf.sum(tf.square(gramTerm(input as tf.Tensor4D))) as tf.Scalar, [
    images,
  ]);
});

Deno.test("FPD restores the Gram term alone where its decoder is 0, and nothing without it", () => {
  for (const front of [true, false]) {
    using network = createFpd({ ...small, front }, createRandom(1));
    const { names, variables } = network.parameters;
    variables.forEach((variable, at) => {
      if (names[at].startsWith("decoder.")) variable.assign(tf.zerosLike(variable));
    });
    const images = drawImages([2, 9, 6, 3]);
    const expected = front ? gramTerm(images) : tf.zerosLike(images);
    assertClose(network.restore(images, "training"), expected.dataSync(), 1e-6);
    assertClose(network.restore(images), tf.clipByValue(expected, 0, 1).dataSync(), 1e-6);
  }
});

Deno.test("FPD's gradient is exact through Gram terms, encoder and decoder", () => {
  for (const encoder of ["resnet18", "resnet50"] as const) {
    using network = createFpd(
      { encoder, width: 4, front: encoder === "resnet18" },
      createRandom(1),
    );
    const { names, variables } = network.parameters;
    const images = tf.mul(drawImages([1, 9, 8, 3]), 0.3) as tf.Tensor4D;
    // Outputs within [0, 1], where clipping hides nothing.
    const largest = tf.max(tf.abs(network.restore(images, "training")));
    const last = variables[names.indexOf("decoder.last.weight")];
    last.assign(tf.div(last, tf.mul(largest, 4)));
    const bias = variables[names.indexOf("decoder.last.bias")];
    bias.assign(tf.fill(bias.shape, 0.4));
    const base = network.restore(images);
    assert.ok(base.dataSync().every((value) => value > 0.1 && value < 0.9));
    const direction = drawImages([1, 9, 8, 3], 3);
    assertGradient(
      (moved) => {
        const change = tf.sub(network.restore(moved as tf.Tensor4D), base);
        return tf.sum(tf.mul(change, direction)) as tf.Scalar;
      },
      [images],
      { step: 1e-3, tolerance: 0.03 },
    );
  }
});

Deno.test("FPD refuses a width that it cannot divide", () => {
  assert.throws(
    () => createFpd({ ...small, width: 6 }, createRandom(1)),
    /multiple of 4: current value is 6$/,
  );
});

Deno.test("FPD's inputs are x^c with noise, then x^a", () => {
  const [clean, adversarial] = [drawImages([2, 4, 4, 3], 1), drawImages([2, 4, 4, 3], 2)];
  const noise = fpd.draw!(clean.shape, createRandom(1));
  const drawn = noise.uniform.dataSync();
  assert.ok(drawn.every((value) => Math.abs(value) <= 1) && Math.max(...drawn) > 0.9);
  const inputs = fpd.inputs!({ clean, adversarial, noise }, values);
  const [first, second] = tf.split(inputs, 2);
  assertClose(tf.sub(first, clean), drawn.map((value) => value / 2), 1e-6);
  assertClose(second, adversarial.dataSync());
});

/** A context in which O's loss is the mean of its images plus that of the labels, and restoring adds .25. */
function contextOf(shift: number): { context: RecipeContext; seen: tf.Tensor4D[] } {
  const clean = tf.fill([1, 4, 4, 3], 0.5) as tf.Tensor4D;
  const adversarial = tf.fill([1, 4, 4, 3], 0.25) as tf.Tensor4D;
  const noise = { uniform: tf.zerosLike(clean) };
  const inputs = tf.concat([clean, adversarial], 0) as tf.Tensor4D;
  const wholes = tf.concat([clean, clean], 0);
  const seen: tf.Tensor4D[] = [];
  const restored = tf.add(tf.add(wholes, gramTerm(inputs)), shift);
  return {
    seen,
    context: {
      clean,
      adversarial,
      noise,
      restored,
      restore: (images: tf.Tensor4D) => {
        seen.push(images);
        return tf.add(tf.add(wholes, gramTerm(images)), 0.25);
      },
      labels: tf.scalar(0),
      target: { forward: (images: tf.Tensor) => images },
      task: { taskLoss: (images: tf.Tensor) => tf.mean(images) },
    } as unknown as RecipeContext,
  };
}

Deno.test("FPD's second phase adds O's loss and both losses of what is restored again", () => {
  const { context, seen } = contextOf(-0.125);
  const terms = fpd.terms(context, values);
  assertClose(terms.reconstruction.compute(), [0.125 ** 2]);
  assertClose(terms.secondReconstruction.compute(), [0.25 ** 2]);
  // Of greys: .5 + Gram .375 - .125, and .5 + 3 / 64 - .125.
  const visible = tf.clipByValue(context.restored, 0, 1);
  assertClose(terms.task.compute(), tf.mean(visible).dataSync());
  assertClose(terms.task.compute(), [(0.75 + 0.421875) / 2]);
  // Restored again, the second is .5 + 3 (.421875)³ + .25, and the first clipped.
  assertClose(terms.secondTask.compute(), [(1 + 0.75 + 3 * 0.421875 ** 3) / 2]);
  assert.equal(seen.length, 1, "restored once for both losses");
  assertClose(seen[0], visible.dataSync());
  const weights = Object.values(terms).map(({ weight }) => weight);
  assert.deepEqual(weights, [2, 3, 2, 3]);
});

Deno.test("FPD's first phase has the mean squared error alone", () => {
  const terms = fpd.terms(contextOf(0.5).context, values);
  const computed = Object.values(terms).map(({ compute }) => compute().dataSync()[0]);
  assertClose(computed, [0.25, 0, 0, 0]);
  const single = fpd.terms(contextOf(0).context, { ...values, secondPass: false });
  assert.deepEqual(Object.values(single).map(({ weight }) => weight), [2, 3, 0, 0]);
});

Deno.test("FPD's phase is that of all workers' error", () => {
  // This worker's error of .125² is that of the second phase, the mean with another's of .5 is not.
  const taskLoss = (others: (error: tf.Tensor) => tf.Tensor) =>
    asWorker(0, 2, () => fpd.terms(contextOf(-0.125).context, values).task.compute(), others);
  assertClose(taskLoss(() => tf.scalar(0.5)), [0]);
  assertClose(taskLoss(tf.clone), [(0.75 + 0.421875) / 2]);
});

Deno.test("bounded gradients keep their direction, small ones their size, missing ones are missing", () => {
  const gradients = [tf.tensor1d([3, 0]), undefined, tf.scalar(-4)];
  const [first, missing, last] = boundGradients(gradients, 1);
  assertClose(first!, [0.6, 0], 1e-5);
  assert.equal(missing, undefined);
  assertClose(last!, [-0.8], 1e-5);
  const [same] = boundGradients(gradients, 6);
  assertClose(same!, [3, 0], 1e-5);
  assert.deepEqual(boundGradients([undefined], 1), [undefined]);
});

Deno.test("a step of FPD moves by gradients of a norm of at most the bound", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(3));
  using perceptual = createPerceptual(toyPreset.perceptual, createRandom(3));
  const { images: clean, labels } = await firstToyBatch(4);
  const noise = fpd.draw!(clean.shape, createRandom(5));
  const normAt = async (largestGradient: number) => {
    const preset = withRecipe(toyPreset, { name: "fpd", ...small, largestGradient });
    const parts = createStepParts({ preset, task, target, perceptual });
    using _restorer = parts.restorer;
    let norm = 0;
    await assertNoLeak(() =>
      tf.tidy(() => {
        const move = (gradients: Gradients) => {
          norm = normOf(
            Float32Array.from(gradients, (given) => normOf(given!.dataSync<"float32">())),
          );
        };
        recipeStep(parts, { clean, adversarial: clean, noise, labels }, {
          restorer: move,
          critic: move,
        });
      })
    );
    return norm;
  };
  assert.ok(await normAt(1e30) > 10);
  assertClose([await normAt(0.5)], [0.5], 1e-3);
});

Deno.test("FPD overfits 8 colours to less than half their variance, whatever it begins with", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(3));
  using perceptual = createPerceptual(toyPreset.perceptual, createRandom(3));
  const preset = withRecipe({ ...toyPreset, train: { ...toyPreset.train, averaging: 0 } }, {
    ...{ name: "fpd", ...small, width: 8 },
    ...{ taskWeight: 0, secondPass: false },
  });
  const attack = createAttack(preset.attack, exactVictim({ task, target }));
  const adversaries = () => freshSource(attack, 3);
  using method = createRecipeMethod({ preset, task, target, perceptual, adversaries });
  const clean = tf.tile(drawImages([8, 1, 1, 3]), [1, 8, 8, 1]) as tf.Tensor4D;
  const rate = tf.scalar(3e-3);
  const inputs = {
    ...{ clean, adversarial: clean, noise: fpd.draw!(clean.shape, createRandom(5)) },
    ...{ labels: tf.zeros([8], "int32"), cleanFeatures: undefined },
    ...{ learningRate: rate, discriminatorLearningRate: rate, averaging: tf.scalar(0) },
  } as never;
  let { total } = await readTerms(method.step(inputs));
  assert.ok(total > 1e3, `${total}`);
  for (let step = 0; step < 60; step++) ({ total } = await readTerms(method.step(inputs)));
  const variance = tf.moments(clean).variance.dataSync()[0];
  assert.ok(total < variance / 2, `${total} of ${variance}`);
});

Deno.test("FPD as published has its optimizer, and the attack of its third phase", () => {
  const { train, attack } = withRecipe(toyPreset, { name: "fpd", protocol: "original" });
  assert.deepEqual([train.epochs, train.batchSize, train.schedule.peak, train.optimizer.beta1], [
    100,
    100,
    1e-4,
    0.9,
  ]);
  assert.deepEqual(attack, { name: "pgd", epsilon: 8 / 255, steps: 40, stepSize: 2 / 255 });
});
