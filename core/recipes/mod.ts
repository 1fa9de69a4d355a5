/**
 * Learned rivals of the paper's method: a recipe each, on the same training and evaluation.
 *
 * @module
 */
export { perceptualVictim } from "../adversaries/perceptual_victim.ts";
export { createApeCritic, createApeGenerator } from "../networks/ape_gan.ts";
export { createDunet } from "../networks/dunet.ts";
export { createRrdb, type RrdbSettings } from "../networks/rrdb.ts";
export { createVggCritic } from "../networks/vgg_critic.ts";
export {
  createEdsr,
  createSuperResolver,
  type EdsrSettings,
  type Upscaler,
} from "../networks/edsr.ts";
export { createFpd, type FpdSettings, gramTerm } from "../networks/fpd.ts";
export type { EncoderName, EncoderSettings } from "../networks/resnet_encoder.ts";
export {
  createLatentGenerator,
  createWassersteinCritic,
  type DefenseGanSettings,
  type LatentGenerator,
} from "../networks/defense_gan.ts";
export type { RecipeSettings } from "../recipe_settings.ts";
export { createRecipeMethod, type RecipeMethod } from "../train/recipe.ts";
export { createCritic, createRestorer } from "./create.ts";
export {
  euclideanDistance,
  gradientPenalty,
  relativisticLoss,
  rootMeanSquare,
  scoreLoss,
} from "./losses.ts";
export {
  defineRecipe,
  type Need,
  type Recipe,
  type RecipeBatch,
  type RecipeContext,
  type Term,
} from "./recipe.ts";
export type { Critic, Mode, Restorer } from "./restorer.ts";
export {
  attackedBy,
  type ChosenRecipe,
  REALIGN,
  recipeOf,
  recipes,
  rivalTitle,
  withRecipe,
} from "./table.ts";
