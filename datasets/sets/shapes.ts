/**
 * Synthetic scenes that need no files: a shape, or several, on a textured background, drawn from a
 * seed. Every scene has a class, a label map and boxes, so that each task can be tried on it.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import { assertIndex, digestOf, type OpenedDataset } from "../dataset.ts";
import { drawScene, type ShapesAnnotation } from "./shapes_scene.ts";
import { shapeKinds } from "./shapes_kinds.ts";

export type { ShapesAnnotation } from "./shapes_scene.ts";

/** Which scenes. */
export interface ShapesOptions {
  /** Height and width, at least 16. Default: 32 */
  readonly size?: number;
  /** How many scenes. Default: 8000 in "train", 2000 elsewhere */
  readonly count?: number;
  /** Default: 0 */
  readonly seed?: number;
  /** How many kinds of shape, from 2 to 8. Default: 8 */
  readonly classes?: number;
  /** The most shapes of a scene; from 2 on, a scene has between 1 and so many. Default: 1 */
  readonly objects?: number;
}

/** Changes with the way scenes are drawn, so that digests and caches do. */
const drawingVersion = 2;

/**
 * Opens the synthetic scenes. Splits are streams of their own: none shares a scene with another.
 *
 * @param split "train", "test", or any other word for more scenes of the same kind
 * @param options Size, number, seed, classes, shapes a scene
 * @returns The dataset; a scene is drawn when it is read, the same in every run
 * @throws {RangeError} If an option is out of range
 *
 * @example Usage
 * ```ts
 * import { openShapes } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const { picture, annotation } = await openShapes("train").read(3);
 * assert.equal(picture.pixels.length, 32 * 32 * 3);
 * assert.equal(annotation.boxes[0].class, annotation.class);
 * ```
 */
export function openShapes(
  split: string,
  options: ShapesOptions = {},
): OpenedDataset<ShapesAnnotation> {
  const { size = 32, count = split === "train" ? 8000 : 2000, seed = 0 } = options;
  const { classes = shapeKinds.length, objects = 1 } = options;
  assertWhole("size", size, 16, 4096);
  assertWhole("count", count, 1, 2 ** 31);
  assertWhole("classes", classes, 2, shapeKinds.length);
  assertWhole("objects", objects, 1, 16);
  const kinds = shapeKinds.slice(0, classes);
  const dataset: OpenedDataset<ShapesAnnotation> = {
    name: "shapes",
    split,
    length: count,
    size: [size, size],
    classNames: kinds.map((kind) => kind.name),
    digest: digestOf([
      JSON.stringify({ drawingVersion, split, size, count, seed, classes, objects }),
    ]),
    notes: [],
    read(index) {
      assertIndex(dataset, index);
      const random = createRandom(seed, "shapes", split, index);
      const { pixels, annotation } = drawScene(random, kinds, index % classes, size, objects);
      return Promise.resolve({
        id: `${split}/${index}`,
        picture: { height: size, width: size, pixels },
        annotation,
      });
    },
  };
  return dataset;
}

function assertWhole(name: string, value: number, low: number, high: number): void {
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(
      `Cannot draw shapes as ${name} must be an integer from ${low} to ${high}: current value is ${value}`,
    );
  }
}
