/**
 * HGD, the high-level representation guided denoiser.
 *
 * @module
 */
import { featureReconstructionLoss, meanAbsoluteDifference, stopGradient } from "../losses/mod.ts";
import type { Images } from "../dataset.ts";
import { createDunet } from "../networks/dunet.ts";
import { between, oneOf, option, wholeFrom } from "../options.ts";
import { adam } from "../paper_settings.ts";
import * as tf from "../tf.ts";
import { adamAt, defineRecipe, objectiveIn, type RecipeContext } from "./recipe.ts";

/** What restored images are compared by. */
type Guide = "auto" | "pixel" | "feature" | "logit" | "class";

/**
 * HGD (Liao et al. 2018), the paper's "Denoise": a U-net predicts what to add to x^a, so that O sees in it what it
 * sees in x^c. The loss is one mean absolute difference: of pixels (PGD), of O's features (FGD; its last map where
 * the task has one, else z, the input of O's last layer, where the published code takes the last map before pooling), of
 * its logits (LGD), or the task's loss with the label (CGD). Nothing moves O.
 *
 * The published denoiser is trained on clean images as one of eight sets; here on every one, at an eighth of the
 * weight. Its attacks are noise, FGSM and iterative attacks of 2 and 4 steps on an ensemble, of radii drawn from 1 to 15
 * of 255; the protocol "original" has those attacks on O alone, and the preset's radius.
 */
export const hgd = defineRecipe({
  title: "Denoise (HGD)",
  source: "Liao et al. 2018",
  needs: ["attack"],
  options: {
    width: option(64, wholeFrom(1, 1024), "Channels of the first level"),
    guide: option(
      "auto",
      oneOf("auto", "pixel", "feature", "logit", "class"),
      'What is compared: pixels, O\'s features, its logits, or its output with the label; "auto" takes logits where the task has them, else features',
    ),
    cleanWeight: option(
      1 / 8,
      between(0, 1000),
      "Weight of restored clean images in the loss; that of adversarial ones is 1",
    ),
  },
  original: ({ attack, attack: { epsilon } }) => ({
    train: {
      batchSize: 32,
      epochs: 100,
      ...adamAt(0.01, { ...adam, beta1: 0.9 }, {
        name: "multi-step",
        warmup: 0,
        drops: [0.6, 0.9],
      }),
    },
    attack: {
      name: "mixture",
      epsilon,
      members: [
        { name: "noise", draws: 1 },
        { name: "fgsm" },
        { name: "bim", steps: 2, stepSize: epsilon / 2 },
        { name: "bim", steps: 4, stepSize: epsilon / 4 },
      ].map((member) => ({ ...member, ...objectiveIn(attack) })),
    },
  }),
  createRestorer: ({ width }, _size, random) => createDunet(width, random),
  inputs: ({ clean, adversarial }, { cleanWeight }) =>
    cleanWeight > 0 ? tf.concat([adversarial, clean]) : adversarial,
  terms(context, { guide, cleanWeight }) {
    const { clean, restored } = context;
    const compare = comparison(context, guide);
    const count = clean.shape[0];
    const part = (from: number) => tf.slice(restored, from, count) as Images;
    return {
      guide: { weight: 1, compute: () => compare(part(0)) },
      cleanGuide: { weight: cleanWeight, compute: () => compare(part(count)) },
    };
  },
});

/** How restored images are compared with the clean ones, or with their labels. */
function comparison(
  { clean, labels, task, target }: RecipeContext,
  guide: Guide,
): (restored: Images) => tf.Scalar {
  const { logits } = task;
  const chosen = guide === "auto" ? logits ? "logit" : "feature" : guide;
  const between = (read: (images: Images) => tf.Tensor) => {
    const wanted = stopGradient(read(clean));
    return (restored: Images) => meanAbsoluteDifference(read(restored), wanted);
  };
  switch (chosen) {
    case "pixel":
      return between((images) => images);
    case "feature": {
      if (task.featureMap) return between((images) => task.featureMap!(target.forward(images)));
      const featuresOf = (images: Images) => task.extractFeatures(target.forward(images), labels);
      const wanted = stopGradient(featuresOf(clean).vectors);
      return (restored) => featureReconstructionLoss(wanted, featuresOf(restored));
    }
    case "class":
      return (restored) => task.taskLoss(target.forward(restored), labels);
    case "logit":
      if (!logits) {
        throw new RangeError(
          `Cannot compare logits as ${task.name} has none: set recipe.guide to "feature"`,
        );
      }
      return between((images) => logits.call(task, target.forward(images)));
  }
}
