/**
 * Images of an attack on O alone, which are the same for every defense in front of O: generated once, stored
 * exactly.
 *
 * @module
 */
import type { CacheStorage } from "./cache_storage.ts";
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** A batch of adversarial images, and what else is known of it. */
export interface KeptBatch<F extends object> {
  /** `[B, H, W, 3]` */
  readonly images: Images;
  /** What is kept with the images: plain JSON. */
  readonly facts: F;
}

/**
 * Reads a batch of images, or generates and stores it.
 *
 * @param storage Storage for the images of one attack, O and dataset
 * @param name Of the batch
 * @param shape `[B, H, W, 3]`; stored images of another size are regenerated
 * @param make Generates the images, and tells what is to be known of them later
 * @returns Images bit for bit as generated, which the caller disposes; facts as told, none where images were kept
 * without
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
 * const make = () =>
 *   Promise.resolve({ images: tf.tensor4d([0.5, 0.25, 1], [1, 1, 1, 3]), facts: { draws: 20 } });
 * await keptImages(storage, "0", [1, 1, 1, 3], make);
 * const again = await keptImages(storage, "0", [1, 1, 1, 3], () => assert.fail("made twice"));
 * assert.deepEqual([...again.images.dataSync()], [0.5, 0.25, 1]);
 * assert.deepEqual(again.facts, { draws: 20 });
 * ```
 */
export async function keptImages<F extends object>(
  storage: CacheStorage,
  name: string,
  shape: Images["shape"],
  make: () => Promise<KeptBatch<F>>,
): Promise<KeptBatch<Partial<F>>> {
  const bytes = await storage.read(name);
  const size = shape.reduce((product, side) => product * side, 1);
  const imageBytes = size * Float32Array.BYTES_PER_ELEMENT;
  const facts = bytes && factsIn<F>(bytes.subarray(imageBytes));
  if (bytes && bytes.length >= imageBytes && facts) {
    const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return { images: tf.tensor4d(new Float32Array(buffer, byteOffset, size), shape), facts };
  }
  const made = await make();
  try {
    const { buffer, byteOffset, byteLength } = await made.images.data<"float32">();
    await storage.write(name, joined(new Uint8Array(buffer, byteOffset, byteLength), made.facts));
    return made;
  } catch (error) {
    made.images.dispose();
    throw error;
  }
}

/** Images with their facts after them; without facts the images alone. */
function joined(images: Uint8Array, facts: object): Uint8Array {
  if (Object.keys(facts).length === 0) return images;
  const text = new TextEncoder().encode(JSON.stringify(facts));
  const bytes = new Uint8Array(images.length + text.length);
  bytes.set(images);
  bytes.set(text, images.length);
  return bytes;
}

/** The facts in what comes after images; undefined if that is something else: then the images are of another size. */
function factsIn<F extends object>(bytes: Uint8Array): Partial<F> | undefined {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
