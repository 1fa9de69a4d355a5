import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { discriminatorLosses, featureLosses, generatorLoss, pixelLosses } from "../losses/mod.ts";
import type { LossSettings, OptimizerSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { createToyParts, firstToyBatch, type ToyOutput, toyPreset } from "../testing/toy_task.ts";
import { type StepRates, type TrainBatch, trainStep } from "./algorithm_1.ts";
import { createTrainStep } from "./generator.ts";

await useTestBackend();

type StepInputs = TrainBatch<tf.Tensor1D> & StepRates;

const RATE = 0.01;
const sgd: OptimizerSettings = { ...toyPreset.train.optimizer, name: "sgd" };
const { images, labels } = await firstToyBatch();

const numbersOf = (variables: readonly tf.Variable[]) =>
  variables.map((variable) => variable.dataSync<"float32">());

/** Networks of the same first weights each time. */
function createParts(losses: Partial<LossSettings> = {}, optimizer = toyPreset.train.optimizer) {
  const parts = createToyParts({
    ...toyPreset,
    losses: { ...toyPreset.losses, ...losses },
    train: { ...toyPreset.train, optimizer, discriminatorOptimizer: optimizer },
  });
  const { frozen: { target, perceptual }, moving } = parts;
  const { generator, discriminator, discriminatorOptimizer, average } = moving;
  return {
    ...parts,
    /** All values by network, as plain numbers. */
    values: () => ({
      target: numbersOf(target.parameters.variables),
      perceptual: numbersOf(perceptual.parameters.variables),
      generator: numbersOf(generator.parameters.variables),
      discriminator: numbersOf(discriminator.parameters.variables),
      discriminatorState: numbersOf(discriminatorOptimizer.variables),
      averages: numbersOf(average.variables),
    }),
  };
}

type Parts = ReturnType<typeof createParts>;

function inputsOf(step: number, known?: tf.Tensor2D): StepInputs {
  const noise = createRandom(2, step).uniforms(images.size, -0.03, 0.03);
  return {
    clean: images,
    adversarial: tf.clipByValue(tf.add(images, tf.tensor(noise, images.shape)), 0, 1) as Images,
    labels,
    cleanFeatures: known,
    learningRate: tf.scalar(RATE),
    discriminatorLearningRate: tf.scalar(2 * RATE),
    averaging: tf.scalar(0.75),
  };
}

/** Runs a step and returns its terms as numbers; the batch stays. */
function run(
  step: (inputs: StepInputs) => Record<string, tf.Tensor>,
  index: number,
  known?: tf.Tensor2D,
): Record<string, number> {
  return tf.tidy(() => {
    const terms = Object.entries(step(inputsOf(index, known)));
    return Object.fromEntries(
      terms.map(([name, term]) => [name, term.dataSync()[0]]),
    ) as unknown as tf.TensorContainer;
  }) as unknown as Record<string, number>;
}

const eagerOf = ({ frozen, moving }: Parts) => (inputs: StepInputs) =>
  tf.tidy(() => trainStep(frozen, moving, inputs));

const recordedOf = ({ frozen, moving }: Parts) => createTrainStep(frozen, moving);

for (const setting of ["full", "L_T+F"] as const) {
  Deno.test(`createTrainStep's recorded step equals the eager one with ${setting}`, () => {
    using recordedParts = createParts({ setting });
    using eagerParts = createParts({ setting });
    using step = recordedOf(recordedParts);
    const eager = eagerOf(eagerParts);
    for (let index = 0; index < 3; index++) {
      const [terms, expected] = [run(step, index), run(eager, index)];
      assert.deepEqual(Object.keys(terms), Object.keys(expected));
      assertClose(Object.values(terms), Object.values(expected), 1e-4);
    }
    const [values, expected] = [recordedParts.values(), eagerParts.values()];
    for (const name of ["generator", "discriminator", "averages"] as const) {
      values[name].forEach((numbers, index) => assertClose(numbers, expected[name][index], 1e-4));
    }
  });
}

Deno.test("trainStep compares whole maps where L_Frec is of them, recorded too", () => {
  using parts = createParts({ reconstructionFeatures: "map" });
  const featureMap = ({ logits }: ToyOutput) => tf.reshape(logits, [-1, 1, 1, 3]) as tf.Tensor4D;
  const frozen = { ...parts.frozen, task: { ...parts.frozen.task, featureMap } };
  const { target } = frozen;
  const [expected] = tf.tidy(() => {
    const { clean, adversarial } = inputsOf(0);
    const restored = parts.moving.generator.restore(tf.concat([clean, adversarial]));
    const wanted = tf.tile(target.forward(clean).logits, [2, 1]);
    const distance = tf.mean(tf.abs(tf.sub(target.forward(restored).logits, wanted)));
    return [2 * distance.dataSync()[0]]; // of both halves
  });
  using step = createTrainStep(frozen, parts.moving);
  assertClose([run(step, 0).featureReconstruction], [expected], 1e-4);
});

Deno.test("trainStep moves G and D against their losses' gradients at the weights before", () => {
  using parts = createParts({}, { ...sgd, momentum: 0 });
  const { frozen: { task, target, losses, perceptual }, moving: { generator, discriminator } } =
    parts;
  const expected = tf.tidy(() => {
    const inputs = inputsOf(0);
    const restored = () => generator.restore(tf.concat([inputs.clean, inputs.adversarial]));
    const ofGenerator = tf.variableGrads(
      () => {
        const images = { ...inputs, restored: restored() };
        const output = () => target.forward(images.restored);
        const cleanFeatures = () => target.forward(inputs.clean).features;
        return generatorLoss({
          ...pixelLosses({ ...images, discriminator, perceptual }, losses),
          ...featureLosses({ task, labels, output, cleanFeatures }, losses),
        }, losses);
      },
      generator.parameters.trainable,
    );
    const fixed = restored();
    const ofDiscriminator = tf.variableGrads(
      () =>
        discriminatorLosses({ clean: images, restored: fixed, discriminator }, losses)
          .discriminator,
      discriminator.parameters.trainable,
    );
    const moved = (weights: tf.Variable[], grads: tf.NamedTensorMap, rate: number) =>
      weights.map((weight) => tf.sub(weight, tf.mul(grads[weight.name], rate)).dataSync());
    return {
      total: ofGenerator.value.dataSync()[0],
      discriminatorLoss: ofDiscriminator.value.dataSync()[0],
      generator: moved(generator.parameters.trainable, ofGenerator.grads, RATE),
      discriminator: moved(discriminator.parameters.trainable, ofDiscriminator.grads, 2 * RATE),
    } as unknown as tf.TensorContainer;
  }) as unknown as
    & Record<"total" | "discriminatorLoss", number>
    & Record<"generator" | "discriminator", Float32Array[]>;
  using step = recordedOf(parts);
  const terms = run(step, 0);
  assertClose(
    [terms.total, terms.discriminator],
    [expected.total, expected.discriminatorLoss],
    1e-4,
  );
  for (const name of ["generator", "discriminator"] as const) {
    parts.moving[name].parameters.trainable.forEach((weight, index) =>
      assertClose(weight, expected[name][index], 1e-5)
    );
  }
});

Deno.test("trainStep changes G, D, their optimizers and the average, and nothing else", () => {
  using parts = createParts();
  const before = parts.values();
  using step = recordedOf(parts);
  run(step, 0);
  const after = parts.values();
  assert.deepEqual(after.target, before.target);
  assert.deepEqual(after.perceptual, before.perceptual);
  for (const name of ["generator", "discriminator"] as const) {
    const { variables, trainable } = parts.moving[name].parameters;
    variables.forEach((variable, index) => {
      const same = before[name][index].every((value, at) => value === after[name][index][at]);
      assert.equal(same, !trainable.includes(variable), `weight ${index} of the ${name}`);
    });
  }
});

Deno.test("trainStep's terms add up to the total by their weights", () => {
  using parts = createParts();
  using step = recordedOf(parts);
  const { total, discriminator, ...terms } = run(step, 0);
  const { weights } = parts.frozen.losses;
  assert.deepEqual(Object.keys(terms).sort(), Object.keys(weights).sort());
  const sum = Object.entries(terms)
    .reduce((all, [name, value]) => all + value * weights[name as keyof typeof weights], 0);
  assertClose([total], [sum], 1e-4);
  assert.ok(discriminator > 0);
});

Deno.test("trainStep moves the average by its share towards the new weights", () => {
  using parts = createParts();
  using step = recordedOf(parts);
  let expected = parts.values().averages;
  for (let index = 0; index < 2; index++) {
    run(step, index);
    const weights = parts.moving.generator.parameters.trainable;
    expected = expected.map((average, place) => {
      const current = weights[place].dataSync();
      return average.map((value, at) => 0.75 * value + 0.25 * current[at]);
    });
    parts.values().averages.forEach((average, place) =>
      assertClose(average, expected[place], 1e-5)
    );
  }
});

Deno.test("trainStep leaves D alone where no term needs it", () => {
  using parts = createParts({ setting: "L_F" });
  using step = recordedOf(parts);
  const before = parts.values();
  const terms = run(step, 0);
  assert.deepEqual(Object.keys(terms), ["task", "featureReconstruction", "total"]);
  const after = parts.values();
  assert.deepEqual(after.discriminator, before.discriminator);
  assert.deepEqual(after.discriminatorState, before.discriminatorState);
  assert.notDeepEqual(after.generator, before.generator);
});

Deno.test("trainStep has the same terms with known features of clean images as without", () => {
  using parts = createParts();
  using others = createParts();
  using step = recordedOf(parts);
  using stepWithFeatures = recordedOf(others);
  const known = tf.tidy(() => others.frozen.target.forward(images).features);
  for (let index = 0; index < 2; index++) {
    const expected = run(step, index);
    assertClose(Object.values(run(stepWithFeatures, index, known)), Object.values(expected), 1e-4);
  }
  known.dispose();
});

Deno.test("trainStep leaves no tensor behind, recorded or not", async () => {
  const before = tf.memory().numTensors;
  {
    using parts = createParts();
    using step = recordedOf(parts);
    await assertNoLeak(() => void run(step, 0));
    await assertNoLeak(() => void run(eagerOf(parts), 1));
  }
  assert.equal(tf.memory().numTensors, before);
});
