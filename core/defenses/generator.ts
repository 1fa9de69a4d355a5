/**
 * G as a defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Generator } from "../networks/generator.ts";
import type { Defense } from "./defense.ts";

/**
 * Restores images by G: x̂ = G(x), with its exact gradient.
 *
 * @param generator Borrowed; its weights may move
 * @returns The defense; dispose it
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createGenerator } from "@realign/core";
 * import { generatorDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 4, blocks: 1, downsamplings: 1, norm: "instance", upsampling: "transposed", size: [8, 8] } as const;
 * using generator = createGenerator(settings, createRandom(1));
 * using defense = generatorDefense(generator);
 * assert.deepEqual((await defense.restore(tf.zeros([1, 8, 8, 3]))).shape, [1, 8, 8, 3]);
 * ```
 */
export function generatorDefense(
  generator: Pick<Generator, "restore" | "parameters">,
): Defense & Disposable {
  const restore = record(({ images }: { images: Images }) => generator.restore(images), {
    name: "restore",
    variables: generator.parameters.variables,
  });
  return {
    name: "generator",
    variables: generator.parameters.variables,
    gradient: { exact: true, apply: (images) => generator.restore(images) },
    restore: (images) => Promise.try(() => restore({ images })),
    [Symbol.dispose]: () => restore[Symbol.dispose](),
  };
}
