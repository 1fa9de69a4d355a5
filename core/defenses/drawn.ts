/**
 * Defenses that draw noise, and are an exact function of images and noise.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";

/** What such a defense is made of. `N` is its noise. */
export interface DrawnParts<N extends tf.TensorContainerObject> {
  readonly name: string;
  /** The noise for images of a shape; the caller disposes it. */
  draw(shape: Images["shape"], random: Random): N;
  /** What the images become, `[B, H, W, 3]`; pure. */
  apply(images: Images, noise: N): Images;
}

/**
 * Makes a defense that draws its noise anew for every batch, and is recorded.
 *
 * @param parts Name, noise, what it does
 * @returns The defense; dispose it. Its gradient is exact given the noise
 */
export function drawnDefense<N extends tf.TensorContainerObject>(
  { name, draw, apply }: DrawnParts<N>,
): Defense & Disposable {
  const step = record(
    ({ images, noise }: { images: Images; noise: N }) => apply(images, noise),
    { name },
  );
  return {
    name,
    variables: [],
    gradient: { exact: true, draw, apply: (images, noise) => apply(images, noise as N) },
    restore: (images, random) =>
      Promise.try(() => {
        const noise = draw(images.shape, random);
        try {
          return step({ images, noise });
        } finally {
          tf.dispose(noise);
        }
      }),
    [Symbol.dispose]: () => step[Symbol.dispose](),
  };
}
