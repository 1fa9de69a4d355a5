/**
 * NRP, the neural representation purifier.
 *
 * @module
 */
import { meanAbsoluteDifference, stopGradient } from "../losses/mod.ts";
import { createRrdb } from "../networks/rrdb.ts";
import { createVggCritic } from "../networks/vgg_critic.ts";
import { atLeast, flag, oneOf, option, wholeFrom } from "../options.ts";
import { adam } from "../paper_settings.ts";
import type { Images } from "../dataset.ts";
import type { SystemSettings } from "../preset.ts";
import { euclideanDistance, relativisticLoss } from "./losses.ts";
import { adamAt, defineRecipe } from "./recipe.ts";

/** Φ's map ReLU3_3, counted from 0. */
const TAP = 2;

/**
 * NRP (Naseer et al. 2020): a purifier without labels. ESRGAN's network restores x^a so that Φ's third map is that of
 * x^c, with a small weight on pixels and on a relativistic critic. O is in none of its losses. The published
 * network of 23 blocks computes 17 billion products for an image of 32 x 32 pixels: lower `blocks` and `width`.
 *
 * Its own attack is SSP, which moves Φ's third map by 100 steps of .01 from an image of noise, knowing neither labels
 * nor O: `attacked` "perceptual" with the objective "perceptual". As published its radius is 16/255, here the preset's.
 * How many epochs it was trained for is not said. Weights of terms are those that ESRGAN's code has for its own.
 */
export const nrp = defineRecipe({
  title: "NRP",
  source: "Naseer et al. 2020",
  needs: ["attack", "perceptual"],
  options: {
    width: option(64, wholeFrom(1, 1024), "Channels of the purifier"),
    blocks: option(23, wholeFrom(1, 100), "Blocks of the purifier, of three dense blocks each"),
    growth: option(32, wholeFrom(1, 1024), "Channels that a convolution of a dense block adds"),
    criticWidth: option(64, wholeFrom(1, 1024), "Channels of the critic's first layer"),
    attacked: option(
      "target",
      oneOf("target", "perceptual"),
      'What the training attack is made on: O, or Φ, whose objective is "perceptual"',
    ),
    dynamic: option(
      false,
      flag,
      "Whether an evaluation has a row more, with noise before the purifier",
    ),
    featureWeight: option(1, atLeast(0), "Weight of the distance of Φ's third map"),
    pixelWeight: option(0.01, atLeast(0), "Weight of the Euclidean distance of images"),
    adversarialWeight: option(0.005, atLeast(0), "Weight of the critic's judgement"),
  },
  attacked: ({ attacked }) => attacked,
  systems: ({ dynamic }): Record<string, SystemSettings> =>
    dynamic
      ? {
        "generator-dynamic": {
          defenses: [{ name: "bounded-noise" }, { name: "generator" }],
          title: "NRP (dynamic)",
        },
      }
      : {},
  original: ({ attack: { epsilon } }) => ({
    train: { batchSize: 16, ...adamAt(1e-4, { ...adam, beta1: 0.9 }) },
    attack: {
      name: "pgd",
      epsilon,
      objective: "perceptual",
      randomStart: "gaussian-image",
      stepSize: 0.01,
      steps: 100,
    },
    options: { attacked: "perceptual" },
  }),
  createRestorer: (settings, _size, random) => createRrdb(settings, random),
  createCritic: ({ criticWidth }, size, random) => createVggCritic(criticWidth, size, random),
  terms({ clean, restored, perceptual, score }, values) {
    const map = (images: Images) => perceptual.features(images)[TAP];
    return {
      feature: {
        weight: values.featureWeight,
        compute: () => meanAbsoluteDifference(map(restored), stopGradient(map(clean))),
      },
      pixel: {
        weight: values.pixelWeight,
        compute: () => euclideanDistance(restored, clean),
      },
      adversarial: {
        weight: values.adversarialWeight,
        compute: () => relativisticLoss(score(restored), score(clean)),
      },
    };
  },
  criticLoss: ({ clean, restored, score }) => relativisticLoss(score(clean), score(restored)),
});
