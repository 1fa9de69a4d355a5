/**
 * A generator of images from vectors as a defense.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { resizeImages } from "../images.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Defense, Manifold } from "./defense.ts";
import {
  createLatentSearch,
  type FoundLatents,
  type LatentModel,
  type LatentSearchSettings,
} from "./latent_search.ts";

/**
 * Replaces an image by the nearest one that a generator makes (Samangouei et al. 2018). First vectors are drawn for
 * each image from a stream that is named by the image itself, so that its result does not depend on the batch that it
 * is in; by its 8 bit form, as other numbers differ in their last bits from one batch to another.
 *
 * The search has no gradient: through all of its steps it would be next to 0, which is no robustness. Attacks take the
 * identity for it (BPDA) and the mean over several starts (EOT), or search the generator's images themselves
 * ({@linkcode Manifold}).
 *
 * @param model The generator; borrowed
 * @param settings Restarts, steps, their size
 * @returns The defense, random; dispose it
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { gradientKind, latentSearchDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const generate = (z: tf.Tensor2D) => tf.tile(tf.reshape(z, [-1, 1, 1, 1]), [1, 2, 2, 3]) as tf.Tensor4D;
 * using defense = latentSearchDefense(
 *   { latents: 1, size: [2, 2], variables: [], generate },
 *   { restarts: 2, steps: 50, stepSize: 0.1, momentum: 0.5, decay: 1 },
 * );
 * const restored = await defense.restore(tf.fill([1, 2, 2, 3], 0.75), createRandom(1));
 * assert.ok(Math.abs(restored.dataSync()[0] - 0.75) < 1e-4);
 * assert.equal(gradientKind(defense), "bpda-identity");
 * ```
 */
export function latentSearchDefense(
  model: LatentModel,
  settings: LatentSearchSettings,
): Defense & Disposable {
  const search = createLatentSearch(model, settings);
  const count = settings.restarts * model.latents;
  const find = async (images: Images, random: Random): Promise<FoundLatents> => {
    const names = await namesOf(images);
    const drawn = names.map((name) =>
      // Of the variance 1 / latents: shorter than the vectors of the training.
      random.fork("search", name).normals(count, Math.sqrt(1 / model.latents))
    );
    const start = tf.tidy(() =>
      tf.reshape(
        tf.stack(drawn.map((values) => tf.tensor1d(values))),
        [-1, model.latents],
      ) as tf.Tensor2D
    );
    try {
      return await search.search(images, start);
    } finally {
      start.dispose();
    }
  };
  const manifold: Manifold = {
    generate: (latents, size) => resizeImages(model.generate(latents), size),
    async nearest(images, random) {
      const { latents, images: restored } = await find(images, random);
      restored.dispose();
      return latents;
    },
  };
  return {
    name: "generator",
    variables: model.variables,
    random: true,
    async restore(images, random) {
      const { latents, images: restored } = await find(images, random);
      latents.dispose();
      return restored;
    },
    manifold,
    [Symbol.dispose]: () => search[Symbol.dispose](),
  };
}

/** A number for each image, of its pixels at 8 bit (FNV-1a). */
async function namesOf(images: Images): Promise<number[]> {
  const [batch] = images.shape;
  const pixels = await images.data<"float32">();
  const size = pixels.length / batch;
  return Array.from({ length: batch }, (_, image) => {
    let state = 0x811c9dc5;
    for (const pixel of pixels.subarray(image * size, (image + 1) * size)) {
      state = Math.imul(state ^ Math.round(255 * pixel), 0x01000193);
    }
    return state;
  });
}
