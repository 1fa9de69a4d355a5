/**
 * APE-GAN.
 *
 * @module
 */
import { createApeCritic, createApeGenerator } from "../networks/ape_gan.ts";
import { atLeast, option, wholeFrom } from "../options.ts";
import * as tf from "../tf.ts";
import { rootMeanSquare, scoreLoss } from "./losses.ts";
import { adamAt, defineRecipe, objectiveIn } from "./recipe.ts";

/**
 * APE-GAN (Shen et al. 2017): an auto-encoder maps x^a to x^c, against a critic that tells x̂^a from x^c. Clean images
 * are never its input. Each step moves the critic once and the auto-encoder twice. The loss is the root of the mean
 * squared error, of pixels in [-1, 1], and the binary cross-entropy of the critic's score, weighted as in the
 * author's code (.9 and .02; an older version has .7 and .3).
 */
export const apeGan = defineRecipe({
  title: "APE-GAN",
  source: "Shen et al. 2017",
  needs: ["attack"],
  moves: { critic: 1, restorer: 2 },
  options: {
    width: option(64, wholeFrom(1, 1024), "Channels of the first layer of both networks"),
    pixelWeight: option(0.9, atLeast(0), "Weight of the root mean squared error"),
    adversarialWeight: option(0.02, atLeast(0), "Weight of the critic's judgement"),
  },
  original: ({ attack }) => ({
    train: { batchSize: 64, epochs: 5, ...adamAt(2e-4) },
    attack: { name: "fgsm", epsilon: attack.epsilon, ...objectiveIn(attack) },
  }),
  createRestorer: ({ width }, _size, random) => createApeGenerator(width, random),
  createCritic: ({ width }, size, random) => createApeCritic(width, size, random),
  terms: ({ clean, restored, score }, { pixelWeight, adversarialWeight }) => ({
    pixel: {
      weight: pixelWeight,
      // Pixels in [-1, 1] differ by twice as much.
      compute: () => tf.mul(rootMeanSquare(restored, clean), 2),
    },
    adversarial: { weight: adversarialWeight, compute: () => scoreLoss(score(restored), true) },
  }),
  criticLoss: ({ clean, restored, score }) =>
    tf.add(scoreLoss(score(clean), true), scoreLoss(score(restored), false)),
});
