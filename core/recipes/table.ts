/**
 * The table of recipes, and which one a preset has.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import { resolveOptions, type ValuesOf } from "../options.ts";
import type { GeneratorTraining, Preset, SystemSettings } from "../preset.ts";
import type { RecipeSettings } from "../recipe_settings.ts";
import { apeGan } from "./ape_gan.ts";
import { defenseGan } from "./defense_gan.ts";
import { fpd } from "./fpd.ts";
import { hgd } from "./hgd.ts";
import { nrp } from "./nrp.ts";
import type { Recipe } from "./recipe.ts";
import { sr } from "./sr.ts";

/** The name of the paper's own method, which Algorithm 1 trains: no recipe of the table. */
export const REALIGN = "realign";

/** All rivals by name. */
export const recipes: Readonly<Record<string, Recipe>> = {
  "ape-gan": apeGan,
  hgd,
  nrp,
  fpd,
  "defense-gan": defenseGan,
  sr,
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
  const { name, recipe } = chosen;
  const evaluation = withSystems(rest.evaluation, recipe.systems?.(chosen.values) ?? {});
  if (protocol === "paper") {
    return { ...rest, evaluation, recipe: { name, protocol, ...chosen.values } };
  }
  const { train, attack, options } = recipe.original(preset);
  const { values } = recipeOf({ recipe: { ...options, ...settings } })!;
  return {
    ...rest,
    evaluation,
    ...(attack && { attack }),
    train: { ...withoutExtras(preset.train), ...train },
    recipe: { name, protocol, ...values },
  };
}

/** An evaluation with more rows, which are attacked wherever the trained network is. */
function withSystems(
  evaluation: Preset["evaluation"],
  more: Readonly<Record<string, SystemSettings>>,
): Preset["evaluation"] {
  const threatModels = Object.entries(evaluation.threatModels).map(([name, model]) => {
    const isAttacked = model.systems?.includes("generator");
    const systems = isAttacked
      ? [...new Set([...model.systems!, ...Object.keys(more)])]
      : model.systems;
    return [name, { ...model, ...(systems && { systems }) }] as const;
  });
  return {
    ...evaluation,
    systems: { ...evaluation.systems, ...more },
    threatModels: Object.fromEntries(threatModels),
  };
}

/** A training against O alone, without what published trainings have not. */
function withoutExtras(
  { adversary: _a, ramp: _r, start: _s, guard: _g, accumulate: _p, recompute: _c, ...own }:
    GeneratorTraining,
): GeneratorTraining {
  return { ...own, averaging: 0 };
}

/**
 * What a preset's training attack is made on.
 *
 * @param preset Its recipe
 * @returns "target", O, unless its recipe says otherwise
 *
 * @example Usage
 * ```ts
 * import { attackedBy } from "@realign/core/recipes";
 * import assert from "node:assert/strict";
 *
 * assert.equal(attackedBy({}), "target");
 * assert.equal(attackedBy({ recipe: { name: "nrp", attacked: "perceptual" } }), "perceptual");
 * ```
 */
export function attackedBy(preset: Pick<Preset, "recipe">): "target" | "perceptual" {
  const chosen = recipeOf(preset);
  return chosen?.recipe.attacked?.(chosen.values) ?? "target";
}
