/**
 * The contract of a task with the step of G and D, as part of `assertTaskAdapter`.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { adam, paperGenerator, paperLosses, paperTraining } from "../paper_settings.ts";
import { resolveLosses } from "../losses/mod.ts";
import { createPerceptual } from "../networks/perceptual.ts";
import { createRandom } from "../random.ts";
import { createTrainStep } from "../train/generator.ts";
import { createMoving, type Frozen, type Moving } from "../train/parts.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { type StepRates, type TrainBatch, trainStep } from "../train/algorithm_1.ts";
import { readTerms } from "../train/trainer.ts";

/** Greatest relative difference between a recorded step's terms and the eager one's. */
const TOLERANCE = 1e-3;

/**
 * Fails unless a step of G and D by a task's loss and features is the same recorded and as it is, moves G, has
 * finite terms of every kind and leaves no tensor behind.
 *
 * @param task The task
 * @param target Its O
 * @param images `[B, H, W, 3]` in `[0, 1]`, H and W even
 * @param labels Of these images
 */
export async function assertTrainStep<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  target: TargetModel<O>,
  images: Images,
  labels: L,
): Promise<void> {
  using eager = createParts(task, target, images);
  using recorded = createParts(task, target, images);
  using step = createTrainStep(recorded.frozen, recorded.moving);
  const inputs = createInputs(images, labels);
  const first = eager.moving.generator.parameters.trainable[0];
  const before = await first.data();
  for (let call = 0; call < 2; call++) {
    const expected = await readTerms(tf.tidy(() => trainStep(eager.frozen, eager.moving, inputs)));
    const tensors = tf.memory().numTensors;
    const actual = await readTerms(step(inputs));
    if (call > 0) assert.equal(tf.memory().numTensors, tensors, "a step leaves tensors behind");
    for (const [name, value] of Object.entries(expected)) {
      assert.ok(Number.isFinite(value), `the term "${name}" of a step must be finite`);
      const close = Math.abs(actual[name] - value) <= TOLERANCE * Math.max(1, Math.abs(value));
      assert.ok(close, `"${name}" of a recorded step is ${actual[name]} instead of ${value}`);
    }
  }
  assert.notDeepEqual(await first.data(), before, "a step does not move G");
  tf.dispose({ ...inputs, clean: undefined, labels: undefined });
}

/** G and D of a few channels, of the same first weights each time. */
function createParts<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: TaskAdapter<O, L>,
  target: TargetModel<O>,
  images: Images,
): { frozen: Frozen<O, L>; moving: Moving } & Disposable {
  const size = images.shape.slice(1, 3) as [number, number];
  const settings = { width: 2, weights: "", normalization: "none" } as const;
  const perceptual = createPerceptual(settings, createRandom(1, "perceptual"));
  const train = { ...paperTraining, optimizer: adam, batchSize: images.shape[0], epochs: 1 };
  const generator = { ...paperGenerator, width: 4, blocks: 1, downsamplings: 1, size };
  const discriminator = { width: 4, layers: 1, scales: 1 };
  const moving = createMoving({ seed: 1, generator, discriminator, train });
  return {
    frozen: { task, target, perceptual, losses: resolveLosses(paperLosses) },
    moving,
    [Symbol.dispose]() {
      for (const one of [moving, perceptual]) one[Symbol.dispose]();
    },
  };
}

function createInputs<L extends tf.TensorContainer>(
  images: Images,
  labels: L,
): TrainBatch<L> & StepRates {
  return {
    clean: images,
    adversarial: tf.tidy(() => {
      const noise = createRandom(1, "noise").uniforms(images.size, -0.03, 0.03);
      return tf.clipByValue(tf.add(images, tf.tensor(noise, images.shape)), 0, 1) as Images;
    }),
    labels,
    cleanFeatures: undefined,
    learningRate: tf.scalar(0.001),
    discriminatorLearningRate: tf.scalar(0.001),
    averaging: tf.scalar(0),
  };
}
