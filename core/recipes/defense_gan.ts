/**
 * Defense-GAN.
 *
 * @module
 */
import { latentSearchDefense } from "../defenses/latent_search_defense.ts";
import { resizeImages } from "../images.ts";
import {
  createLatentGenerator,
  createWassersteinCritic,
  LATENTS,
} from "../networks/defense_gan.ts";
import { above, atLeast, between, flag, option, type Range, wholeFrom } from "../options.ts";
import { adam } from "../paper_settings.ts";
import * as tf from "../tf.ts";
import { gradientPenalty } from "./losses.ts";
import { adamAt, defineRecipe } from "./recipe.ts";

/** Moves of the critic for one of the generator. */
const CRITIC_MOVES = 5;

const sides: Range<number> = {
  text: "4 times a power of 2, from 8 to 256",
  accepts: (value): value is number => [8, 16, 32, 64, 128, 256].includes(value as number),
};

/**
 * Defense-GAN (Samangouei et al. 2018): a generator learns from clean images alone to make such images of random
 * vectors z (WGAN-GP, Gulrajani et al. 2017); an image is restored by searching for the z whose image is nearest, by
 * gradient descent from several starts. O, labels and attacks are no part of it. The critic moves five times a step,
 * on the same clean images with new z; the published training takes new images each time.
 *
 * The penalty is (|∇D| - 1)^2 of the whole image's gradient, at pixels in [-1, 1]; the published code takes the norm of
 * each column. Its learning rate of the search is to fall to a tenth at 80 % of the steps, and never does, as nothing
 * moves its counter: `decay` is 1 here, .1 is what was meant. Ten restarts are those for MNIST, two those for CelebA.
 */
export const defenseGan = defineRecipe({
  title: "Defense-GAN",
  source: "Samangouei et al. 2018",
  needs: [],
  moves: { critic: CRITIC_MOVES, restorer: 1 },
  options: {
    width: option(64, wholeFrom(1, 1024), "Channels beside the images, of both networks"),
    inner: option(32, sides, "Side of the generator's images; others are resized"),
    batchNorm: option(true, flag, "Whether the generator has batch norm"),
    penaltyWeight: option(10, atLeast(0), "Weight of the gradient penalty"),
    restarts: option(10, wholeFrom(1), "Starts of the search, of which the best counts"),
    steps: option(200, wholeFrom(1), "Steps of the search"),
    stepSize: option(10, above(0), "Learning rate of the search"),
    momentum: option(0.7, between(0, 1), "Momentum of the search"),
    decay: option(1, between(0, 1), "Factor of its learning rate in the last fifth of the steps"),
  },
  // 200,000 steps on 50,000 images.
  original: () => ({
    train: { batchSize: 50, epochs: 200, ...adamAt(1e-4, { ...adam, beta1: 0.5, beta2: 0.9 }) },
  }),
  size: ({ inner }) => [inner, inner],
  createRestorer({ width, inner, batchNorm, ...search }, size, random) {
    const { parameters, generate, [Symbol.dispose]: dispose } = createLatentGenerator(
      { width, side: inner, batchNorm },
      random,
    );
    const { variables } = parameters;
    return {
      parameters,
      restore: (latents, mode) => generate(tf.reshape(latents, [-1, LATENTS]), mode),
      createDefense: () =>
        latentSearchDefense({ latents: LATENTS, size, variables, generate }, search),
      [Symbol.dispose]: dispose,
    };
  },
  createCritic: ({ width, inner }, _size, random) =>
    createWassersteinCritic({ width, side: inner }, random),
  draw([batch], random) {
    const moves = CRITIC_MOVES + 1;
    const mixing = random.uniforms(CRITIC_MOVES * batch, 0, 1);
    return {
      latents: tf.tensor(random.normals(moves * batch * LATENTS, 1), [moves, batch, 1, LATENTS]),
      mixing: tf.tensor(mixing, [CRITIC_MOVES, batch, 1, 1]),
    };
  },
  inputs: ({ noise, move }) => ofMove(noise.latents, move),
  terms: ({ restored, score }) => ({
    adversarial: { weight: 1, compute: () => tf.neg(tf.mean(score(restored))) as tf.Scalar },
  }),
  criticLoss({ clean, restored, score, noise, move }, { inner, penaltyWeight }) {
    const real = resizeImages(clean, [inner, inner]);
    const distance: tf.Scalar = tf.sub(tf.mean(score(restored)), tf.mean(score(real)));
    if (penaltyWeight === 0) return distance;
    // Pixels in [-1, 1].
    const centred = (images: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.mul(images, 2), 1);
    const penalty = gradientPenalty(
      (pixels) => score(tf.mul(tf.add(pixels, 1), 0.5)),
      centred(real),
      centred(restored),
      ofMove(noise.mixing, move),
    );
    return tf.add(distance, tf.mul(penalty, penaltyWeight));
  },
});

/** What was drawn for one move: `[B, 1, 1, N]`. */
function ofMove(drawn: tf.Tensor, move = 0): tf.Tensor4D {
  const [, batch, , count] = drawn.shape;
  const own = tf.slice(drawn, [move, 0, 0, 0], [1, batch, 1, count]);
  return tf.reshape(own, [batch, 1, 1, count]);
}
