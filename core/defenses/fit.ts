/**
 * What a defense takes from training images before it can be used, where it is not trained.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import type { Random } from "../random.ts";
import type { HostTensor } from "../weights/parameters.ts";

/** Numbers taken from training images, by name. */
export type Fitted = ReadonlyMap<string, HostTensor>;

/** Training images; their annotations are not looked at. */
export type TrainingImages = Pick<Dataset<unknown>, "length" | "size" | "read">;

/** Takes numbers from training images. The same images and stream give the same numbers. */
export interface Fit {
  /** Tells it from all others that give other numbers, in words of a file's name, e.g. "patches-5-1000". */
  readonly name: string;
  /**
   * Takes the numbers.
   *
   * @param images Of the training split, clean
   * @param random Source of what is drawn
   */
  make(images: TrainingImages, random: Random): Promise<Fitted>;
}

/** Gives what a fit takes from training images, made now or kept from before. */
export type Fitting = (fit: Fit) => Promise<Fitted>;

/**
 * Fits defenses on a dataset.
 *
 * @param images Clean images of the training split; test images would let a defense know what it is tested on
 * @param random Source of what is drawn, in a stream for each fit
 * @returns What `createDefense` takes as `fitted`
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createDefense, fitOn } from "@realign/core/defenses";
 * import { createToyDataset } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const fitted = fitOn(createToyDataset(12), createRandom(1));
 * using defense = await createDefense([{ name: "quilting", patches: 60 }], { fitted });
 * const restored = await defense.restore(tf.fill([1, 8, 8, 3], 0.5), createRandom(1));
 * assert.deepEqual(restored.shape, [1, 8, 8, 3]);
 * ```
 */
export function fitOn(images: TrainingImages, random: Random): Fitting {
  return (fit) => fit.make(images, random.fork("fit", fit.name));
}

/**
 * The numbers that a kit gives for a fit.
 *
 * @param fit What is wanted
 * @param fitted The kit's
 * @param defense Named in the error
 * @returns The numbers
 * @throws {RangeError} If the kit cannot fit
 */
export function fittedBy(
  fit: Fit,
  fitted: Fitting | undefined,
  defense: string,
): Promise<Fitted> {
  if (fitted) return fitted(fit);
  throw new RangeError(
    `Cannot set up "${defense}" as it needs training images and there are none: give fitOn(dataset, random)`,
  );
}

/** Tells numbers from others: a few digits of their SHA-256. */
export async function digestFitted(fitted: Fitted): Promise<string> {
  const digests: string[] = [];
  for (const [name, { data }] of fitted) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
    digests.push(`${name} ${new Uint8Array(digest).toHex().slice(0, 12)}`);
  }
  return digests.join(", ");
}
