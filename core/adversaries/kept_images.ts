/**
 * Images of an attack on O alone, which are the same for every defense in front of O: generated once, stored
 * exactly.
 *
 * @module
 */
import type { CacheStorage } from "./attack_cache.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/**
 * Reads a batch of images, or generates and stores it.
 *
 * @param storage Storage for the images of one attack, O and dataset
 * @param name Of the batch
 * @param shape `[B, H, W, 3]`; stored images of another size are regenerated
 * @param make Generates the images
 * @returns `[B, H, W, 3]`, bit for bit as generated; the caller disposes them
 *
 * @example Usage
 * ```ts
 * import { keptImages } from "./kept_images.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const kept = new Map<string, Uint8Array>();
 * const storage = {
 *   read: (name: string) => Promise.resolve(kept.get(name)),
 *   write: (name: string, bytes: Uint8Array) => Promise.resolve(void kept.set(name, bytes)),
 * };
 * const make = () => Promise.resolve(tf.tensor4d([0.5, 0.25, 1], [1, 1, 1, 3]));
 * await keptImages(storage, "0", [1, 1, 1, 3], make);
 * const again = await keptImages(storage, "0", [1, 1, 1, 3], () => assert.fail("made twice"));
 * assert.deepEqual([...again.dataSync()], [0.5, 0.25, 1]);
 * ```
 */
export async function keptImages(
  storage: CacheStorage,
  name: string,
  shape: Images["shape"],
  make: () => Promise<Images>,
): Promise<Images> {
  const bytes = await storage.read(name);
  const size = shape.reduce((product, side) => product * side, 1);
  if (bytes?.length === size * Float32Array.BYTES_PER_ELEMENT) {
    const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return tf.tensor4d(new Float32Array(buffer, byteOffset, size), shape);
  }
  const images = await make();
  try {
    const { buffer, byteOffset, byteLength } = await images.data<"float32">();
    await storage.write(name, new Uint8Array(buffer, byteOffset, byteLength));
    return images;
  } catch (error) {
    images.dispose();
    throw error;
  }
}
