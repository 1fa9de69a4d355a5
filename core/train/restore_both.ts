/**
 * What G makes of a batch, and at which size losses see it.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { ResolvedLosses } from "../losses/mod.ts";
import type { Discriminator } from "../networks/discriminator.ts";
import type { Generator } from "../networks/generator.ts";
import type { LabelImages } from "../task.ts";
import * as tf from "../tf.ts";

/** x^c and x^a `[B, H, W, 3]`. */
interface CleanAndAdversarial {
  readonly clean: Images;
  readonly adversarial: Images;
}

/**
 * A batch as L_r, L_p and D see it: at the dataset's size, or at G's.
 *
 * @param generator G
 * @param batch x^c and x^a
 * @param losses Where they are taken
 */
export function seenImages(
  generator: Pick<Generator, "resize">,
  { clean, adversarial }: CleanAndAdversarial,
  { at }: Pick<ResolvedLosses, "at">,
): CleanAndAdversarial {
  if (at === "dataset") return { clean, adversarial };
  return { clean: generator.resize(clean), adversarial: generator.resize(adversarial) };
}

/**
 * x̂^c = G(x^c) and x̂^a = G(x^a), in one pass.
 *
 * @param generator G
 * @param seen From {@linkcode seenImages}
 * @param size `[H, W]` of the dataset
 * @param losses Where losses are taken
 * @returns `restored` `[2B, H, W, 3]`, which O sees, and `seen`, the same as L_r, L_p and D see it
 */
export function restoreBoth(
  generator: Generator,
  { clean, adversarial }: CleanAndAdversarial,
  size: readonly [number, number],
  { at }: Pick<ResolvedLosses, "at">,
): { restored: Images; seen: Images } {
  const both = tf.concat([clean, adversarial]) as Images;
  if (at === "dataset") {
    const restored = generator.restore(both);
    return { restored, seen: restored };
  }
  const seen = generator.translate(both);
  return { restored: generator.resize(seen, size), seen };
}

/**
 * The images that z^c is computed from.
 *
 * @param generator G, whose size and resizing a round trip takes
 * @param clean x^c
 * @param losses Which
 */
export function referenceOf(
  generator: Pick<Generator, "resize">,
  clean: Images,
  { cleanFeatures }: Pick<ResolvedLosses, "cleanFeatures">,
): Images {
  if (cleanFeatures === "loaded") return clean;
  const [, height, width] = clean.shape;
  return generator.resize(generator.resize(clean), [height, width]);
}

/**
 * D as it sees a batch's labels beside images, which repeat example by example: `[x̂^c, x̂^a]` has each twice.
 *
 * @param discriminator D
 * @param condition Draws labels
 * @param labels Of the B examples
 */
export function conditioned<L extends tf.TensorContainer>(
  discriminator: Discriminator,
  condition: LabelImages<L>,
  labels: L,
): Pick<Discriminator, "features"> {
  return {
    features(images) {
      const [count, height, width] = images.shape;
      const drawn = condition.draw(labels, [height, width]);
      return discriminator.features(images, tf.tile(drawn, [count / drawn.shape[0], 1, 1, 1]));
    },
  };
}
