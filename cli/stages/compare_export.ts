/**
 * An exported model beside the function that it was made of, on the run's own images.
 *
 * @module
 */
import { HeldTensors, type Images, imagesOf, resizeImages } from "@realign/core";
import * as tf from "@realign/core/tf";
import type { FrozenFunction, OpenedModel } from "@realign/interop";
import type { AnyDataset } from "./open_split.ts";
import type { AskedModel } from "./torch_module.ts";

/** What was compared. */
export interface Comparison {
  /** Batch sizes. */
  readonly batches: readonly number[];
  /** The greatest difference of a number of each output, by the output's name. */
  readonly differences: Readonly<Record<string, number>>;
}

/** Greatest difference, as a share of an output's greatest number where that is above 1. */
const TOLERANCE = 1e-4;

/**
 * Runs both on the first images of a dataset.
 *
 * @param model What was read back
 * @param frozen The function, and how it was written
 * @param dataset Where the images are from
 * @param size `[H, W]` of the images
 * @returns The differences
 * @throws {Error} If one is larger than rounding explains
 */
export async function compareExport(
  model: OpenedModel | AskedModel,
  { graph, batch, compute, layout }: FrozenFunction,
  dataset: AnyDataset,
  size: readonly [number, number],
): Promise<Comparison> {
  const names = graph.outputs.map(({ name }) => name);
  const differences: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const batches = batch === undefined ? [2, 3] : [batch];
  for (const [index, count] of batches.entries()) {
    using held = new HeldTensors();
    const read = held.keep(await readImages(dataset, index * batches[0], count, size));
    const images = layout === "nhwc"
      ? read
      : held.keep(tf.transpose(read, [0, 3, 1, 2]) as tf.Tensor4D);
    // Clones, as both may return what they are given.
    const expected = held.keep(
      tf.tidy(() => Object.values(compute(images)).map((result) => tf.clone(result))),
    );
    const results = held.keep(await resultsOf(model, images, names));
    for (const [k, result] of results.entries()) {
      const [value, greatest] = await differenceOf(result, expected[k]);
      if (!(value <= TOLERANCE * Math.max(1, greatest))) {
        throw new Error(
          `Cannot export the model as it computes something else when it is read back: ${
            names[k]
          } differs by ${value.toPrecision(2)} on ${count} images`,
        );
      }
      differences[names[k]] = Math.max(differences[names[k]], value);
    }
  }
  return { batches, differences };
}

/** A model's outputs, the caller's. */
async function resultsOf(
  model: OpenedModel | AskedModel,
  images: tf.Tensor4D,
  names: readonly string[],
): Promise<tf.Tensor[]> {
  if ("ask" in model) {
    const found = await model.ask(images);
    return names.map((name) => found.get(name)!);
  }
  return tf.tidy(() => {
    const found = model.run(images);
    return names.map((name) => tf.clone(found.get(name)!));
  });
}

/** The greatest difference, and the greatest number. NaN if a number is none. */
async function differenceOf(actual: tf.Tensor, expected: tf.Tensor): Promise<[number, number]> {
  if (String(actual.shape) !== String(expected.shape)) return [NaN, 0];
  const [a, b] = await Promise.all([actual.data(), expected.data()]);
  let [difference, greatest] = [0, 0];
  for (let at = 0; at < a.length; at++) {
    // Math.max keeps NaN.
    difference = Math.max(difference, Math.abs(a[at] - b[at]));
    greatest = Math.max(greatest, Math.abs(b[at]));
  }
  return [difference, greatest];
}

/** Some images of a dataset, from the first one again after the last. */
async function readImages(
  dataset: AnyDataset,
  from: number,
  count: number,
  size: readonly [number, number],
): Promise<Images> {
  const indices = Array.from({ length: count }, (_, k) => (from + k) % dataset.length);
  const examples = await Promise.all(indices.map((index) => dataset.read(index)));
  return tf.tidy(() =>
    // A clone, as images of the right size are returned as they are.
    tf.clone(resizeImages(imagesOf(examples.map(({ picture }) => picture)), size))
  );
}
