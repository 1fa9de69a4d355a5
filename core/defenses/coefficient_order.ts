/**
 * Which of the 64 frequencies of a block matter most.
 *
 * @module
 */
import { HeldTensors } from "../held_tensors.ts";
import { imagesOf } from "../images.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { BLOCK, coefficientsOf } from "./cosine_blocks.ts";
import type { Fit, Fitting, TrainingImages } from "./fit.ts";
import { fittedBy } from "./fit.ts";

/** Images that deviations are taken of, at most. */
const MOST_IMAGES = 1000;

/**
 * The frequencies in order: from the lowest, by the larger of row and column, so that the first k^2 are the corner of k
 * rows and columns; or by the standard deviation of their coefficients over training images, the largest first.
 *
 * @param order By place or by deviation
 * @param fitted Gives the deviations
 * @returns Places in a table of 64
 * @throws {RangeError} If deviations are wanted and there are no training images
 */
export async function fittedOrder(
  order: "corner" | "deviation",
  fitted: Fitting | undefined,
): Promise<number[]> {
  const ranks = order === "corner"
    ? corners
    : (await fittedBy(deviationFit, fitted, "feature-distillation")).get("deviations")!.data
      .map((deviation) => -deviation);
  const rank = (place: number) => ranks[place];
  return [...Array(BLOCK * BLOCK).keys()].sort((a, b) => rank(a) - rank(b) || a - b);
}

/** The larger of row and column first, then their sum. */
const corners = Float32Array.from({ length: BLOCK * BLOCK }, (_, place) => {
  const [row, column] = [Math.floor(place / BLOCK), place % BLOCK];
  return 2 * BLOCK * Math.max(row, column) + row + column;
});

/** The standard deviation of each frequency over blocks of training images, red, green and blue alike. */
export const deviationFit: Fit = {
  name: "coefficient-deviations",
  make: async (images, random) =>
    new Map([["deviations", { shape: [64], data: await deviationsOf(images, random) }]]),
};

async function deviationsOf(images: TrainingImages, random: Random): Promise<Float32Array> {
  const order = random.permutation(images.length).subarray(0, MOST_IMAGES);
  const [sums, squares] = [new Float64Array(64), new Float64Array(64)];
  let blocks = 0;
  for (const index of order) {
    using held = new HeldTensors();
    const { picture } = await images.read(index);
    const coefficients = held.keep(tf.tidy(() => coefficientsOf(wholeBlocks(picture))));
    const values = await coefficients.data();
    for (let at = 0; at < values.length; at++) {
      sums[at % 64] += values[at];
      squares[at % 64] += values[at] ** 2;
    }
    blocks += values.length / 64;
  }
  return Float32Array.from(squares, (square, place) => {
    const mean = sums[place] / blocks;
    return Math.sqrt(Math.max(square / blocks - mean * mean, 0));
  });
}

/** A picture's levels as far as blocks cover it. `[1, H, W, 3]`. */
function wholeBlocks(picture: Parameters<typeof imagesOf>[0][number]): tf.Tensor4D {
  const [height, width] = [picture.height, picture.width].map((side) => side - side % BLOCK);
  const images = tf.slice(imagesOf([picture]), [0, 0, 0, 0], [-1, height, width, -1]);
  return tf.mul(images, 255);
}
