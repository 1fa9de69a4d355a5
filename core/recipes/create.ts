/**
 * The network of a preset that restores images: the paper's G, or a rival's.
 *
 * @module
 */
import { resizeImages } from "../images.ts";
import { createGenerator } from "../networks/generator.ts";
import type { Preset } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertShapes } from "../shapes.ts";
import type { Critic, Restorer } from "./restorer.ts";
import { type ChosenRecipe, recipeOf } from "./table.ts";

/**
 * Builds what restores a preset's images, with first weights drawn by its seed. As G does, rivals see images at
 * `generator.size`, or at the size that their recipe says; others are resized before and back after.
 *
 * @param preset Its recipe; the paper's G without one
 * @returns The network; dispose it when done
 * @throws {RangeError} If the recipe, an option or the size is impossible
 *
 * @example Usage
 * ```ts
 * import { createRestorer } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import { toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using restorer = createRestorer({ ...toyPreset, recipe: { name: "ape-gan", width: 2 } });
 * assert.deepEqual(restorer.restore(tf.zeros([1, 9, 7, 3])).shape, [1, 9, 7, 3]);
 * ```
 */
export function createRestorer(
  { seed, generator, recipe }: Pick<Preset, "seed" | "generator" | "recipe">,
): Restorer {
  const random = createRandom(seed, "generator");
  const chosen = recipeOf({ recipe });
  if (!chosen) return createGenerator(generator, random);
  const { resize } = generator;
  const size = sizeOf(chosen, generator);
  const network = chosen.recipe.createRestorer(chosen.values, size, random);
  if (network.createDefense) return network;
  return {
    parameters: network.parameters,
    restore(images, mode = "inference") {
      const { H, W } = assertShapes("restore images", { images }, { images: ["B", "H", "W", 3] });
      const restored = network.restore(resizeImages(images, size, resize), mode);
      return resizeImages(restored, [H, W], resize);
    },
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}

/**
 * Builds the critic of a preset's rival, with first weights drawn by the preset's seed. It sees images at the size
 * that the restorer sees them at.
 *
 * @param preset Its recipe
 * @returns The network, to be disposed; undefined without a critic, and for the paper's own method
 * @throws {RangeError} If the recipe or an option is impossible
 *
 * @example Usage
 * ```ts
 * import { createCritic } from "@realign/core/recipes";
 * import { useTestBackend } from "@realign/core/testing";
 * import * as tf from "@realign/core/tf";
 * import { toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using critic = createCritic({ ...toyPreset, recipe: { name: "ape-gan", width: 2 } });
 * assert.deepEqual(critic?.score(tf.zeros([3, 9, 7, 3])).shape, [3, 1]);
 * assert.equal(createCritic(toyPreset), undefined);
 * ```
 */
export function createCritic(
  { seed, generator, recipe }: Pick<Preset, "seed" | "generator" | "recipe">,
): Critic | undefined {
  const chosen = recipeOf({ recipe });
  if (!chosen) return undefined;
  const random = createRandom(seed, "discriminator");
  const size = sizeOf(chosen, generator);
  const critic = chosen.recipe.createCritic?.(chosen.values, size, random);
  return critic && {
    ...critic,
    score: (images) => critic.score(resizeImages(images, size, generator.resize)),
  };
}

/** `[H, W]` that a rival's networks see. */
function sizeOf({ recipe, values }: ChosenRecipe, { size }: Preset["generator"]) {
  return recipe.size?.(values) ?? size;
}
