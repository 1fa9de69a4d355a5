/**
 * Patches of clean training images: what image quilting builds images from.
 *
 * @module
 */
import type { Picture } from "../dataset.ts";
import type { Random } from "../random.ts";
import type { HostTensor } from "../weights/parameters.ts";
import type { Fit, TrainingImages } from "./fit.ts";

/** Patches come from so many images at most, as the authors take them. */
const MOST_IMAGES = 20_000;

/** Which patches are collected. */
export interface PatchSettings {
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Number of patches at most: there may be fewer in the images. */
  readonly patches: number;
}

/**
 * Collects patches at random places of random images, the same number from each of up to 20,000 images, no place twice.
 *
 * @param images Clean images of the training split
 * @param settings Side and number of patches
 * @param random Source of images and places
 * @returns `[N, side * side * 3]`, levels from 0 to 255: rows from the top, red, green and blue of each pixel
 * @throws {RangeError} If an image is smaller than a patch
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { collectPatches } from "@realign/core/defenses";
 * import { createToyDataset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const settings = { patch: 5, patches: 100 };
 * const patches = await collectPatches(createToyDataset(20), settings, createRandom(1));
 * assert.deepEqual(patches.shape, [100, 75]);
 * ```
 */
export async function collectPatches(
  images: TrainingImages,
  { patch, patches }: PatchSettings,
  random: Random,
): Promise<HostTensor> {
  const [height, width] = images.size;
  if (Math.min(height, width) < patch) {
    throw new RangeError(
      `Cannot collect patches of ${patch}x${patch} pixels as the images are smaller: they have ${height}x${width}`,
    );
  }
  const [down, across] = [height - patch + 1, width - patch + 1];
  const count = Math.min(images.length, MOST_IMAGES, patches);
  const each = Math.min(Math.ceil(patches / count), down * across);
  const order = random.fork("images").permutation(images.length);
  const size = patch * patch * 3;
  const total = Math.min(patches, count * each);
  const data = new Float32Array(total * size);
  let at = 0;
  for (let image = 0; at < total; image++) {
    const { picture } = await images.read(order[image]);
    const places = random.fork("places", order[image]).permutation(down * across);
    for (const place of places.subarray(0, Math.min(each, total - at))) {
      const corner = [Math.floor(place / across), place % across] as const;
      data.set(patchAt(picture, corner, patch), size * at++);
    }
  }
  return { shape: [total, size], data };
}

/** The levels of a patch of a picture. */
function patchAt(
  { width, pixels }: Picture,
  [top, left]: readonly [number, number],
  patch: number,
): Uint8Array {
  const row = 3 * patch;
  const levels = new Uint8Array(row * patch);
  for (let y = 0; y < patch; y++) {
    const from = 3 * ((top + y) * width + left);
    levels.set(pixels.subarray(from, from + row), row * y);
  }
  return levels;
}

/** Collecting patches as a fit, whose numbers are named "patches". */
export function patchFit(settings: PatchSettings): Fit {
  return {
    name: `patches-${settings.patch}-${settings.patches}`,
    make: async (images, random) =>
      new Map([["patches", await collectPatches(images, settings, random)]]),
  };
}
