/**
 * Feature distillation, a JPEG made for networks, as a defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { above, oneOf, option, wholeFrom } from "../options.ts";
import * as tf from "../tf.ts";
import { fittedOrder } from "./coefficient_order.ts";
import { composeDefenses } from "./compose.ts";
import { BLOCK, roundCoefficients, softRound } from "./cosine_blocks.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";
import { jpegDefense, type JpegStandIn } from "./jpeg.ts";
import { rgbOf, ycbcrOf } from "./ycbcr.ts";

/** Which planes are quantised. */
export type DistilledColour = "rgb" | "ycbcr";

/** Which frequencies have the smaller step. */
export type FrequencyOrder = "corner" | "deviation";

/** Settings of {@linkcode featureDistillationDefense}. */
export interface FeatureDistillationSettings {
  /** 64 steps of levels, rows of rising vertical frequency. */
  readonly table: readonly number[];
  /** @default {"rgb"} */
  readonly colour?: DistilledColour;
  /** What stands in for it when a gradient is taken. @default {"soft"} */
  readonly gradient?: JpegStandIn;
}

/**
 * Rounds the cosine coefficients of 8x8 blocks to multiples of a table's steps (Liu et al. 2019): as JPEG does, but of
 * red, green and blue by themselves, in full resolution, of levels that are not shifted.
 *
 * The rounding has no slope. Attacks take that of a soft rounding in the same transform (BPDA, Athalye et al. 2018); or the
 * identity's, which is what a rounding of slope 1 comes to, as the transform is orthonormal.
 *
 * @param settings Table, colour, stand-in
 * @returns The defense; dispose it. Sides that are no multiple of 8 are continued by reflection
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { featureDistillationDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = featureDistillationDefense({ table: new Array(64).fill(25) });
 * const restored = await defense.restore(tf.fill([1, 8, 8, 3], 0.5), createRandom(1));
 * // 8 times 127.5 is 40.8 steps.
 * assert.ok(Math.abs(restored.dataSync()[0] - 41 * 25 / 8 / 255) < 1e-5);
 * ```
 */
export function featureDistillationDefense(
  { table, colour = "rgb", gradient = "soft" }: FeatureDistillationSettings,
): Defense & Disposable {
  const distil = (images: Images, round: typeof softRound) =>
    quantise(images, { table, colour }, round);
  const step = record(({ images }: { images: Images }) => distil(images, tf.round), {
    name: "distil features",
  });
  return {
    name: "feature-distillation",
    variables: [],
    gradient: {
      exact: false,
      apply: (images) => gradient === "soft" ? distil(images, softRound) : images,
    },
    restore: (images) =>
      Promise.try(() => {
        assertReflected(images.shape);
        return step({ images });
      }),
    [Symbol.dispose]: () => step[Symbol.dispose](),
  };
}

/** Images with the coefficients of their planes rounded. */
function quantise(
  images: Images,
  { table, colour }: Pick<Required<FeatureDistillationSettings>, "table" | "colour">,
  round: typeof softRound,
): Images {
  const [, height, width] = images.shape;
  const [below, right] = [height, width].map((side) => (BLOCK - side % BLOCK) % BLOCK);
  const levels = tf.mul(images, 255) as tf.Tensor4D;
  const whole = below + right === 0
    ? levels
    : tf.mirrorPad(levels, [[0, 0], [0, below], [0, right], [0, 0]], "reflect");
  const planes = colour === "rgb" ? whole : ycbcrOf(whole);
  const rounded = roundCoefficients(planes, table, round);
  const back = colour === "rgb" ? rounded : rgbOf(rounded);
  const own = tf.slice(back, [0, 0, 0, 0], [-1, height, width, -1]);
  return tf.clipByValue(tf.div(own, 255), 0, 1);
}

/** A side of at least 5 can be continued to 8 by reflection. */
function assertReflected([, height, width]: Images["shape"]): void {
  const least = BLOCK / 2 + 1;
  if (Math.min(height, width) >= least) return;
  throw new RangeError(
    `Cannot distil images of ${height}x${width} as sides must have at least ${least} pixels`,
  );
}

/** Rounds the cosine coefficients of 8x8 blocks by a table made for networks (Liu et al. 2019); attacked with the gradient of a soft rounding (BPDA). Two passes decompress a JPEG first. */
export const featureDistillation = defineDefense({
  title: "Feature distillation",
  role: "transformation",
  version: 1,
  options: {
    passes: option(
      1,
      wholeFrom(1, 2),
      "rounds once, or after a first pass as JPEG, as if the images had been sent so",
    ),
    fine: option(16, wholeFrom(0, 64), "number of frequencies, of 64, with the smaller step"),
    fineStep: option(25, above(0), "their step, in levels of 255"),
    coarseStep: option(30, above(0), "step of the other frequencies"),
    order: option(
      "corner",
      oneOf<FrequencyOrder>("corner", "deviation"),
      "which frequencies have the smaller step: the lowest, or those that vary most over training images",
    ),
    colour: option(
      "rgb",
      oneOf<DistilledColour>("rgb", "ycbcr"),
      "planes that are rounded: red, green and blue, or brightness and colour",
    ),
    quality: option(75, wholeFrom(1, 100), "compression quality of the first of two passes"),
    gradient: option(
      "soft",
      oneOf<JpegStandIn>("soft", "identity"),
      "what attacks differentiate: a soft rounding, or the identity",
    ),
  },
  async create({ passes, fine, fineStep, coarseStep, order, quality, ...rest }, kit) {
    const { jpegRoundTrip } = kit;
    if (passes === 2 && !jpegRoundTrip) {
      throw new RangeError('Cannot set up "feature-distillation" as there is no JPEG codec');
    }
    const ranked = await fittedOrder(order, kit.fitted);
    const table = new Array<number>(BLOCK * BLOCK).fill(coarseStep);
    for (const frequency of ranked.slice(0, fine)) table[frequency] = fineStep;
    const last = featureDistillationDefense({ table, ...rest });
    const version = order === "deviation" ? { version: `fine ${ranked.slice(0, fine)}` } : {};
    if (passes === 1) return { ...last, ...version };
    const first = jpegDefense(jpegRoundTrip!, quality, rest.gradient);
    return {
      ...composeDefenses([first, last]),
      name: last.name,
      ...version,
      [Symbol.dispose]: () => last[Symbol.dispose](),
    };
  },
});
