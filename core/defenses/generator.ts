/**
 * G as a defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Defense } from "./defense.ts";
import { defineDefense, type RestoringGenerator } from "./definition.ts";

/**
 * Restores images by G: x̂ = G(x), with its exact gradient; by a rival that is no function of images alone, as it says.
 *
 * @param generator Borrowed; its weights may change between calls
 * @returns The defense; dispose it
 *
 * @example Usage
 * ```ts
 * import { createGenerator, createRandom } from "@realign/core";
 * import { generatorDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 4, blocks: 1, downsamplings: 1, norm: "instance", upsampling: "transposed", size: [8, 8] } as const;
 * using generator = createGenerator(settings, createRandom(1));
 * using defense = generatorDefense(generator);
 * const restored = await defense.restore(tf.zeros([1, 8, 8, 3]), createRandom(1));
 * assert.deepEqual(restored.shape, [1, 8, 8, 3]);
 * ```
 */
export function generatorDefense(generator: RestoringGenerator): Defense & Disposable {
  if (generator.createDefense) return generator.createDefense();
  const variables = generator.parameters.variables;
  const restore = record(({ images }: { images: Images }) => generator.restore(images), {
    name: "restore",
    variables,
  });
  return {
    name: "generator",
    variables,
    gradient: { exact: true, apply: (images) => generator.restore(images) },
    restore: (images) => Promise.try(() => restore({ images })),
    [Symbol.dispose]: () => restore[Symbol.dispose](),
  };
}

/** Restores images by the trained G: x̂ = G(x), with its exact gradient. */
export const generator = defineDefense({
  title: "Generator G",
  role: "trained",
  version: 1,
  options: {},
  async create(_values, kit) {
    if (!kit.generator) {
      throw new RangeError('Cannot set up "generator" as there is no trained generator');
    }
    return generatorDefense(await kit.generator());
  },
});
