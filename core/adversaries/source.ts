/**
 * Where a training's adversarial images x^a come from: line 3 of Algorithm 1.
 *
 * @module
 */
import type { Attack } from "../attacks/attack.ts";
import type { Batch, Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";
import { ownDraws } from "../workers/draws.ts";

/** The adversarial images of a batch. */
export interface AdversarialBatch {
  /** x^a `[B, H, W, 3]`. */
  readonly adversarial: Images;
  /** z^c `[N, D]`, if known; otherwise the step runs O on x^c. */
  readonly cleanFeatures?: tf.Tensor2D;
}

/**
 * Provides the adversarial images of each batch. They depend only on the batch, the step and the weights of
 * what it attacks, so a resumed training sees the same images. Dispose it when done.
 */
export interface AdversarialSource<L> extends Disposable {
  /** Number of passes after which augmentations must repeat; absent for never. */
  readonly passes?: number;
  /**
   * @param batch Borrowed
   * @param step The step that the images are for
   * @returns Owned by the caller
   */
  next(batch: Batch<L>, step: number): Promise<AdversarialBatch>;
}

/**
 * Images generated before training, for a fixed attacked model.
 *
 * @param cache A filled AttackCache; the source owns it
 * @returns The source
 *
 * @example Usage
 * ```ts
 * import { cachedSource } from "@realign/core";
 * import { batchesOf, createCache, fill } from "../testing/attack_cache.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * using kept = createCache();
 * await fill(kept);
 * using source = cachedSource(kept.cache);
 * assert.equal(source.passes, 2);
 * for await (const batch of batchesOf(0, 0)) {
 *   const { adversarial } = await source.next(batch, 0);
 *   assert.deepEqual(adversarial.shape, batch.images.shape);
 *   tf.dispose([adversarial, batch.images, batch.labels]);
 * }
 * ```
 */
export function cachedSource<L>(
  cache: Disposable & {
    readonly passes: number;
    lookUp(batch: Batch<L>): Promise<AdversarialBatch>;
  },
): AdversarialSource<L> {
  return {
    passes: cache.passes,
    next: (batch) => cache.lookUp(batch),
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}

/**
 * Images generated for every batch, as in Algorithm 1. Random starts come from the stream
 * (seed, "attack", step), unless it has another name.
 *
 * An attack through the G in training follows its weights: its victim lists them as `variables`.
 *
 * @param attack The source owns it
 * @param seed Of the run
 * @param stream Names the stream
 * @returns The source
 *
 * @example Usage
 * ```ts
 * import { createRandom, freshSource } from "@realign/core";
 * import { createAttack, exactVictim } from "@realign/core/attacks";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask, firstToyBatch } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const attack = createAttack({ name: "pgd", epsilon: 0.1, steps: 1 }, exactVictim({ task, target }));
 * using source = freshSource(attack, 7);
 * const batch = await firstToyBatch();
 * const [once, again, later] = await Promise.all([0, 0, 1].map(async (step) => {
 *   const { adversarial } = await source.next(batch, step);
 *   return [...adversarial.dataSync()];
 * }));
 * assert.deepEqual(again, once);
 * assert.notDeepEqual(later, once);
 * ```
 */
export function freshSource<L>(
  attack: Attack<L>,
  seed: number,
  stream = "attack",
): AdversarialSource<L> {
  return {
    async next({ images, labels }, step) {
      const random = ownDraws(createRandom(seed, stream, step));
      return { adversarial: await attack.perturb(images, labels, random) };
    },
    [Symbol.dispose]: () => attack[Symbol.dispose](),
  };
}

/**
 * Images of several sources, which take turns from step to step.
 *
 * @param sources The source owns them; none has a number of passes
 * @returns The source
 *
 * @example Usage
 * ```ts
 * import { type AdversarialSource, alternatingSource } from "@realign/core";
 * import { firstToyBatch } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const constant = (value: number): AdversarialSource<unknown> => ({
 *   next: () => Promise.resolve({ adversarial: tf.fill([1, 1, 1, 3], value) }),
 *   [Symbol.dispose]() {},
 * });
 * using source = alternatingSource([constant(0.25), constant(0.5)]);
 * const batch = await firstToyBatch();
 * const seen = [0, 1, 2].map(async (step) =>
 *   (await source.next(batch, step)).adversarial.dataSync()[0]
 * );
 * assert.deepEqual(await Promise.all(seen), [0.25, 0.5, 0.25]);
 * ```
 */
export function alternatingSource<L>(
  sources: readonly AdversarialSource<L>[],
): AdversarialSource<L> {
  return {
    next: (batch, step) => sources[step % sources.length].next(batch, step),
    [Symbol.dispose]: () => sources.forEach((source) => source[Symbol.dispose]()),
  };
}

/**
 * Clean images in place of adversarial ones, for a training that needs none.
 *
 * @returns The source
 *
 * @example Usage
 * ```ts
 * import { withoutAttack } from "./source.ts";
 * import { firstToyBatch } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const batch = await firstToyBatch();
 * const { adversarial } = await withoutAttack().next(batch, 0);
 * assert.deepEqual(adversarial.dataSync(), batch.images.dataSync());
 * ```
 */
export function withoutAttack<L>(): AdversarialSource<L> {
  return {
    next: ({ images }) => Promise.resolve({ adversarial: tf.clone(images) }),
    [Symbol.dispose]() {},
  };
}
