/**
 * What defenses do over and over on our side of a bench: a step of training, and restoring a batch.
 *
 * @module
 */
import {
  type AdversarialSource,
  createGeneratorMethod,
  createRandom,
  createTargetMethod,
  type Images,
  type Method,
  storedFeatures,
  Trainer,
} from "@realign/core";
import { createDefense, type DefenseSettings } from "@realign/core/defenses";
import { extractorOf, resolveLosses } from "@realign/core/losses";
import { createRecipeMethod, createRestorer } from "@realign/core/recipes";
import * as tf from "@realign/core/tf";
import { jpegRoundTrip } from "@realign/datasets";
import { copied } from "../../../core/backend/containers.ts";
import { type Problem, trainingScenes } from "./problem.ts";
import { computed, type Work } from "./work.ts";

/** A training that is timed. */
export interface TimedTraining<L extends tf.TensorContainer> {
  readonly trainer: Trainer<L>;
  /** The next step, on the same images as all others. */
  readonly step: Work;
}

/** A training by a method; `draw` gives a batch that the step may dispose. */
function timed<L extends tf.TensorContainer>(
  method: Method<L>,
  draw: () => { readonly images: Images; readonly labels: L },
): TimedTraining<L> {
  const trainer = new Trainer(method, { stepsPerEpoch: 1, totalSteps: Infinity });
  async function* once() {
    const batch = await Promise.resolve(draw());
    const count = batch.images.shape[0];
    yield { ids: [], indices: new Uint32Array(), pass: 0, ...batch, count };
  }
  const step = async () => {
    for await (const _ of trainer.run(once()));
  };
  return { trainer, step };
}

/**
 * The training of O, in training mode: plain or adversarial, as the preset says. Attacks on the O of each step are part
 * of it.
 *
 * @param problem O, whose weights it moves, and the pool
 */
export function createTargetTraining<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { preset: { seed, target: { train } }, task, target, pool, poolLabels }: Problem<O, L>,
): TimedTraining<L> {
  const { batchSize } = train;
  const [available, ...size] = pool.shape;
  const shape: Images["shape"] = [batchSize, ...size];
  const schedule = { name: "constant", peak: 0.01, warmup: 0 } as const;
  const method = createTargetMethod({ task, target, seed, shape }, { ...train, schedule });
  const rows = Int32Array.from({ length: batchSize }, (_, row) => row % available);
  const order = tf.tensor1d(rows, "int32");
  return timed(method, () => ({
    images: tf.gather(pool, order),
    labels: copied(poolLabels, (tensor) => tf.gather(tensor, order)),
  }));
}

/**
 * The training of what restores images: G, or the rival that the preset names. Its networks are its own. Adversarial
 * images and z^c are given, as a cache gives them; the guard, which is no part of a step, is left out.
 *
 * @param problem The batch, and what is frozen
 */
export function createRestorerTraining<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
>(problem: Problem<O, L>): TimedTraining<L> {
  const { preset, task, target, perceptual, clean, adversarial, labels } = problem;
  const { guard: _, ...train } = preset.train;
  const extract = extractorOf(task, resolveLosses(preset.losses));
  const features = storedFeatures(preset) === undefined
    ? undefined
    : tf.tidy(() => extract(target.forward(clean), labels).vectors);
  const adversaries: AdversarialSource<L> = {
    next: () =>
      Promise.resolve({
        adversarial: tf.clone(adversarial),
        cleanFeatures: features && tf.clone(features),
      }),
    [Symbol.dispose]() {},
  };
  const create = preset.recipe ? createRecipeMethod : createGeneratorMethod;
  const parts = { preset: { ...preset, train }, task, target, perceptual, adversaries };
  return timed(create(parts), () => ({
    images: tf.clone(clean),
    labels: copied(labels, (tensor) => tf.clone(tensor)),
  }));
}

/** How many numbers the gradients of a training move: those of O, or of what restores images, its critic's not. */
export function countParameters({ preset, target }: Problem, of: "target" | "restorer"): number {
  if (of === "target") return target.parameters.size;
  using restorer = createRestorer(preset);
  return restorer.parameters.size;
}

/** What is restored. */
export interface RestorationSettings {
  /** @default G, or the rival that the preset names */
  readonly defenses?: readonly DefenseSettings[];
  /** How many images of the pool. @default the batch */
  readonly images?: number;
}

/**
 * Restoring a batch. What a defense takes from training images, it takes from drawn shapes.
 *
 * @param problem G and the images
 * @param settings Which defense, how many images
 * @returns The work; it gives the shape of what was restored
 */
export async function createRestoration(
  { preset, generator, clean, pool }: Problem,
  { defenses = [{ name: "generator" }], images: count }: RestorationSettings = {},
): Promise<Work> {
  const { seed } = preset;
  const defense = await createDefense(defenses, {
    jpegRoundTrip,
    generator: () => Promise.resolve(preset.recipe ? createRestorer(preset) : generator),
    fitted: async (fit) => await fit.make(await trainingScenes(preset), createRandom(seed, "fit")),
  });
  const images: Images = count === undefined
    ? clean
    : tf.slice(pool, [0, 0, 0, 0], [count, -1, -1, -1]);
  let run = 0;
  return async () => {
    const restored = await defense.restore(images, createRandom(seed, "restore", run++));
    await computed(restored);
    restored.dispose();
    return restored.shape;
  };
}
