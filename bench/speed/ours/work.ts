/**
 * What our side of a bench does over and over.
 *
 * @module
 */
import {
  createRandom,
  createTrainStep,
  type Discriminator,
  movingOf,
  readTerms,
  victimOf,
} from "@realign/core";
import { type AttackSettings, createAttack } from "@realign/core/attacks";
import { type Precision, record } from "@realign/core/backend";
import { resolveLosses } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import type { Problem } from "./problem.ts";

/** Something that is timed; it has come to its end when the promise is fulfilled. */
export type Work = () => Promise<unknown>;

/** The peers' constant rate, so that both sides make the same moves. */
const RATE = 2e-4;

/** Named values of a step. */
export type Terms = Record<string, number>;

/**
 * The step of training G and D.
 *
 * @param problem Networks, whose weights it moves, and the batch
 * @param once As training runs it: z^c is given, and D's pass over what G restored, which stands in both
 * half-steps, is run once. Otherwise O runs on x^c in the step and D twice, as the peers' step does
 * @param precision Of the step
 * @returns A step that gives every loss term
 */
export function createStep(
  problem: Problem,
  once: boolean,
  precision?: Precision,
): () => Promise<Terms> {
  const { preset, task, target, perceptual, generator, clean, adversarial, labels } = problem;
  const discriminator = once ? problem.discriminator : runTwice(problem.discriminator);
  const frozen = { task, target, perceptual, losses: resolveLosses(preset.losses) };
  // The peers keep no average.
  const moving = movingOf({ generator, discriminator }, { ...preset.train, averaging: 0 });
  const step = createTrainStep(frozen, moving, precision);
  const cleanFeatures = once ? target.forward(clean).features : undefined;
  const learningRate = tf.scalar(RATE);
  const rates = { learningRate, discriminatorLearningRate: learningRate, averaging: tf.scalar(0) };
  return () => readTerms(step({ clean, adversarial, labels, cleanFeatures, ...rates }));
}

/** D as two networks of the same weights: a recording would run equal operations once. */
function runTwice(discriminator: Discriminator): Discriminator {
  const one = tf.scalar(1);
  let calls = 0;
  return {
    ...discriminator,
    features: (images) =>
      discriminator.features(calls++ === 0 ? images : tf.mul(images, one) as typeof images),
  };
}

/** Waits until images are computed. */
export async function computed(images: tf.Tensor4D): Promise<void> {
  const first = tf.slice(images, [0, 0, 0, 0], [1, 1, 1, 1]);
  await first.data();
  first.dispose();
}

/** An attack on O, by default on the images of the batch. */
export function createAttackWork(
  problem: Problem,
  settings: AttackSettings,
  { images, labels }: { readonly images: tf.Tensor4D; readonly labels: tf.Tensor1D } = {
    images: problem.clean,
    labels: problem.labels,
  },
): () => Promise<tf.Tensor4D> {
  const attack = createAttack(settings, victimOf(problem), problem.task.attacks);
  let run = 0;
  return async () => {
    const adversarial = await attack.perturb(images, labels, createRandom(1, "bench", run++));
    await computed(adversarial);
    return adversarial;
  };
}

/** Seconds of a chain of small operations on one number, one by one and recorded. */
export async function timeOperations(count: number): Promise<{ eager: number; recorded: number }> {
  const [value, other] = [tf.tensor1d([0.5]), tf.tensor1d([0.25])];
  const chain = (given: { value: tf.Tensor; other: tf.Tensor }) => {
    let current = given.value;
    for (let done = 0; done < count; done += 2) current = tf.tanh(tf.add(current, given.other));
    return current;
  };
  const once = record(chain, { name: "chain" });
  const time = async (run: () => tf.Tensor) => {
    let seconds = 0;
    for (let repeat = 0; repeat < 4; repeat++) {
      const begun = performance.now();
      const result = run();
      await result.data();
      seconds = (performance.now() - begun) / 1000;
      result.dispose();
    }
    return seconds;
  };
  return {
    eager: await time(() => tf.tidy(() => chain({ value, other }))),
    recorded: await time(() => once({ value, other })),
  };
}
