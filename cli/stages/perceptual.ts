/**
 * The network of the perceptual loss, with its weights.
 *
 * @module
 */
import {
  createPerceptual,
  createRandom,
  loadWeights,
  type PerceptualNetwork,
  type Preset,
  withDetail,
} from "@realign/core";
import { resolveLosses } from "@realign/core/losses";
import { recipeOf } from "@realign/core/recipes";
import { readWhole } from "../system/safe_file.ts";
import type { Output } from "../terminal/output.ts";

/** Warning for a perceptual network without pretrained weights. */
export const RANDOM_PERCEPTUAL =
  "the perceptual network is a seeded random VGG, not one trained on ImageNet as in the paper: " +
  "set its weights with --perceptual.weights=FILE";

/** Files of the full network also contain its classifier. */
const CLASSIFIER = /^classifier\./;
const PUBLISHED_WIDTH = 64;

/**
 * Creates the perceptual network, with a warning if its weights are random.
 *
 * @param preset Its size, its weights' file, the seed
 * @param output For warnings
 * @returns The network; dispose it
 * @throws {Error} If its file cannot be read or belongs to another network
 */
export async function openPerceptual(
  { perceptual: settings, losses, train, seed, recipe }: Preset,
  output: Output,
): Promise<PerceptualNetwork> {
  const perceptual = createPerceptual(settings, createRandom(seed, "perceptual"));
  if (settings.weights === "") {
    const rival = recipeOf({ recipe });
    const isUsed = rival
      ? rival.recipe.needs.includes("perceptual")
      : [losses, train.start?.losses ?? losses].some((settings) =>
        resolveLosses(settings).weights.perceptual > 0
      );
    if (isUsed) output.warn(RANDOM_PERCEPTUAL);
    return perceptual;
  }
  try {
    const bytes = await readWhole(settings.weights, "the perceptual network's weights");
    const name = settings.architecture === "vgg19" ? "VGG-19" : "VGG-16";
    const model = { name, parameters: perceptual.parameters };
    loadWeights(model, bytes, settings.weights, { unread: CLASSIFIER });
    return perceptual;
  } catch (error) {
    perceptual[Symbol.dispose]();
    if (error instanceof TypeError && settings.width !== PUBLISHED_WIDTH) {
      throw withDetail(error, `; published weights need --perceptual.width=${PUBLISHED_WIDTH}`);
    }
    throw error;
  }
}
