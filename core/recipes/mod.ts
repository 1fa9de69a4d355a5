/**
 * Learned rivals of the paper's method: a recipe each, on the same training and evaluation.
 *
 * @module
 */
export { createApeCritic, createApeGenerator } from "../networks/ape_gan.ts";
export {
  createLatentGenerator,
  createWassersteinCritic,
  type DefenseGanSettings,
  type LatentGenerator,
} from "../networks/defense_gan.ts";
export type { RecipeSettings } from "../recipe_settings.ts";
export { createRecipeMethod, type RecipeMethod } from "../train/recipe.ts";
export { createCritic, createRestorer } from "./create.ts";
export { gradientPenalty, rootMeanSquare, scoreLoss } from "./losses.ts";
export {
  defineRecipe,
  type Need,
  type Recipe,
  type RecipeBatch,
  type RecipeContext,
  type Term,
} from "./recipe.ts";
export type { Critic, Mode, Restorer } from "./restorer.ts";
export { type ChosenRecipe, REALIGN, recipeOf, recipes, rivalTitle, withRecipe } from "./table.ts";
