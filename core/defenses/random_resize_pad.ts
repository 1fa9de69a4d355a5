/**
 * Random resizing and padding as a defense.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { between, flag, oneOf, option } from "../options.ts";
import { canvasOf, drawPlacement, place, type Placement } from "../shrink_and_pad.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";
import { drawnDefense } from "./drawn.ts";

/** Settings of {@linkcode randomResizePadDefense}. */
export interface RandomResizePadSettings {
  /** Smallest size after resizing, as a fraction of the image's. */
  readonly smallest: number;
  /** Whether size and position are drawn per image or per batch. */
  readonly perImage: boolean;
  /**
   * Whether images shrink and keep their size, or are enlarged as the authors do. @default {"inside"}
   */
  readonly mode?: ResizeMode;
}

/** Where resized images lie: inside their own size, or on a larger canvas. */
export type ResizeMode = "inside" | "enlarge";

/**
 * Resizes images to a random size by nearest neighbour and pads them with grey at a random position (Xie et al. 2018).
 *
 * Inside their own size images shrink, so that any O takes them. The authors enlarge them: 299 pixels to 310 to 330, on a
 * canvas of 331, and other sizes here in proportion (32 pixels to 33 to 35, on 36). That needs an O that takes images of
 * any size (`unresized`).
 *
 * @param settings Range of sizes; one draw per image or per batch; inside or enlarged
 * @returns The defense; dispose it. Its gradient is exact given the noise
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { randomResizePadDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = randomResizePadDefense({ smallest: 0.5, perImage: true });
 * const white = tf.ones<tf.Rank.R4>([1, 8, 8, 3]);
 * const values = (await defense.restore(white, createRandom(2))).dataSync();
 * assert.deepEqual(new Set(values), new Set([0.5, 1]));
 * ```
 */
export function randomResizePadDefense(settings: RandomResizePadSettings): Defense & Disposable {
  const { smallest, perImage, mode = "inside" } = settings;
  const enlarged = mode === "enlarge";
  const placed = { smallest, perImage, enlarged };
  const defense = drawnDefense<Placement>({
    name: "random-resize-pad",
    draw: (shape, random) => drawPlacement(shape, placed, random),
    apply: (images, noise) => place(images, noise, canvasOf(images.shape, placed)),
  });
  if (!enlarged) return defense;
  const shapeOf = (shape: Images["shape"]): Images["shape"] => [
    shape[0],
    ...canvasOf(shape, placed),
    shape[3],
  ];
  return { ...defense, changesSize: true, gradient: { ...defense.gradient!, shapeOf } };
}

/** Resizes images to a random size, smaller or larger, and pads them with grey at a random place (Xie et al. 2018). */
export const randomResizePad = defineDefense({
  title: "Random resizing and padding",
  role: "transformation",
  version: 1,
  options: {
    smallest: option(
      0.9,
      between(0.1, 0.99),
      "smallest size after resizing, as a fraction of the image's",
    ),
    perImage: option(true, flag, "draw size and position per image instead of per batch"),
    mode: option(
      "inside",
      oneOf<ResizeMode>("inside", "enlarge"),
      "shrink inside the image's own size, or enlarge by 310 to 330 of 299 on a canvas of 331 as the authors do, for a classifier that takes any size; smallest then has no meaning",
    ),
  },
  create: (settings) => Promise.resolve(randomResizePadDefense(settings)),
});
