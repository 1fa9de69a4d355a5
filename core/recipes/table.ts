/**
 * The table of recipes, and which one a preset has.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import { resolveOptions, type ValuesOf } from "../options.ts";
import type { Preset } from "../preset.ts";
import type { RecipeSettings } from "../recipe_settings.ts";
import { apeGan } from "./ape_gan.ts";
import { defenseGan } from "./defense_gan.ts";
import type { Recipe } from "./recipe.ts";

/** The name of the paper's own method, which Algorithm 1 trains: no recipe of the table. */
export const REALIGN = "realign";

/** All rivals by name. */
export const recipes: Readonly<Record<string, Recipe>> = {
  "ape-gan": apeGan,
  "defense-gan": defenseGan,
};

/** A preset's recipe and a value for each of its options. */
export interface ChosenRecipe {
  readonly name: string;
  readonly recipe: Recipe;
  // deno-lint-ignore no-explicit-any -- each recipe has its own options
  readonly values: ValuesOf<any>;
}

/**
 * The recipe that a preset names.
 *
 * @param preset Its `recipe`
 * @returns The recipe; undefined for the paper's own method
 * @throws {RangeError} If the name or an option is unknown, or a value out of range
 *
 * @example Usage
 * ```ts
 * import { recipeOf } from "@realign/core/recipes";
 * import assert from "node:assert/strict";
 *
 * assert.equal(recipeOf({}), undefined);
 * assert.equal(recipeOf({ recipe: { name: "ape-gan" } })?.recipe.title, "APE-GAN");
 * assert.throws(() => recipeOf({ recipe: { name: "apegan" } }), /did you mean "ape-gan"/);
 * ```
 */
export function recipeOf({ recipe: settings }: Pick<Preset, "recipe">): ChosenRecipe | undefined {
  if (!settings) return undefined;
  const { name, protocol: _, ...given } = settings;
  const all: Readonly<Record<string, Recipe | undefined>> = { [REALIGN]: undefined, ...recipes };
  const recipe = lookUp(all, name, "restore images", "the recipe");
  if (!recipe) {
    resolveOptions({}, given, `"${name}"`);
    return undefined;
  }
  return { name, recipe, values: resolveOptions(recipe.options, given, `"${name}"`) };
}

/**
 * What a preset's trained network is called in tables and reports.
 *
 * @param preset Its `recipe`
 * @returns The rival's title; undefined for the paper's own G
 *
 * @example Usage
 * ```ts
 * import { rivalTitle } from "@realign/core/recipes";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rivalTitle({ recipe: { name: "ape-gan" } }), "APE-GAN");
 * ```
 */
export function rivalTitle(preset: Pick<Preset, "recipe">): string | undefined {
  return recipeOf(preset)?.recipe.title;
}

/**
 * A preset that trains another method.
 *
 * @param preset The preset
 * @param settings The method and its options. With the protocol "original", epochs, batch size, optimizers,
 * schedules and the training attack become the published ones
 * @returns The preset with a value for every option: it says what runs
 * @throws {RangeError} If the name or an option is unknown, or a value out of range
 *
 * @example Usage
 * ```ts
 * import { withRecipe } from "@realign/core/recipes";
 * import { toyPreset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const paper = withRecipe(toyPreset, { name: "ape-gan" });
 * assert.deepEqual(paper.train, toyPreset.train);
 * const original = withRecipe(toyPreset, { name: "ape-gan", protocol: "original" });
 * assert.deepEqual([original.train.batchSize, original.attack.name], [64, "fgsm"]);
 * assert.equal(withRecipe(original, { name: "realign" }).recipe, undefined);
 * ```
 */
export function withRecipe(preset: Preset, settings: RecipeSettings): Preset {
  const { protocol = "paper" } = settings;
  const { recipe: _, ...rest } = preset;
  const chosen = recipeOf({ recipe: settings });
  if (!chosen) return rest;
  const { name, recipe, values } = chosen;
  const trained = protocol === "original" ? published(rest, recipe) : rest;
  return { ...trained, recipe: { name, protocol, ...values } };
}

/** A preset trained as published: on attacks on O alone, without an average of weights. */
function published(preset: Preset, recipe: Recipe): Preset {
  const { adversary: _a, ramp: _r, start: _s, guard: _g, accumulate: _p, ...own } = preset.train;
  const { train, attack = preset.attack } = recipe.original(preset);
  return { ...preset, attack, train: { ...own, averaging: 0, ...train } };
}
