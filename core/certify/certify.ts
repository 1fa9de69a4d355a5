/**
 * Certifies images by randomised smoothing.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import { type Certificate, certificateOf, type SmoothingSettings } from "./certificate.ts";
import type { ClassCounter } from "./class_counts.ts";

/** One image with what its noise is named by. */
export interface CertifiedImage {
  /** `[1, H, W, 3]` in `[0, 1]`; not disposed. */
  readonly image: Images;
  /** The image's place in its dataset. */
  readonly index: number;
  readonly seed: number;
}

/**
 * Certifies one image for every system of a counter, by the two-stage test: N0 draws choose the class, N others
 * bound its probability. Noise comes from the streams (seed, "certify", index, "select" or "estimate"), so an image's
 * certificates are the same whichever images were certified before.
 *
 * @param counter Of the same sigma as the settings
 * @param image The image, its index and the seed
 * @param settings Draws and chance of failure
 * @param progress Called after each batch, with the number of draws done of both stages
 * @returns A certificate for each system
 *
 * @example Usage
 * ```ts
 * import { createRandom, undefended } from "@realign/core";
 * import { certifyImage, createClassCounter } from "@realign/core/certify";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const settings = { sigma: 0.1, selectionDraws: 8, draws: 32, alpha: 0.001 };
 * const parts = { task, systems: [undefended(target)], size: [8, 8] as const, batchSize: 8 };
 * using counter = createClassCounter({ ...parts, sigma: settings.sigma });
 * const image = tf.fill([1, 8, 8, 3], 0.5) as tf.Tensor4D;
 * const [certificate] = await certifyImage(counter, { image, index: 0, seed: 1 }, settings);
 * assert.ok(certificate.count <= 32);
 * ```
 */
export async function certifyImage(
  counter: Pick<ClassCounter, "count">,
  { image, index, seed }: CertifiedImage,
  settings: SmoothingSettings,
  progress: (done: number) => void = () => {},
): Promise<Certificate[]> {
  const { selectionDraws, draws } = settings;
  const random = createRandom(seed, "certify", index);
  const selection = await counter.count(image, selectionDraws, random.fork("select"), progress);
  const estimation = await counter.count(
    image,
    draws,
    random.fork("estimate"),
    (done) => progress(selectionDraws + done),
  );
  return selection.map((counts, system) => certificateOf(counts, estimation[system], settings));
}
