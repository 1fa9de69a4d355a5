/**
 * Random crops of scaled, rotated and blurred pictures, as hszhao/semseg trains PSPNet and the paper's authors train G.
 *
 * @module
 */
import type { Augmentation, Example, Picture, Random } from "@realign/core";
import { change, flip } from "./augment.ts";
import { type Crop, cropLabels, cropPicture } from "./crop.ts";
import type { SegmentationAnnotation } from "./labels.ts";

/** Rotated and blurred every other time. */
const PROBABILITY = 0.5;
/** Greatest angle to either side, in degrees. */
const ANGLE = 10;
/** A Gaussian over 5 pixels of the deviation that OpenCV takes for so many, 1.1. */
const BLUR = gaussian(5, 1.1);

/** A normalised Gaussian. */
function gaussian(length: number, deviation: number): readonly number[] {
  const half = (length - 1) / 2;
  const weights = Array.from(
    { length },
    (_, index) => Math.exp(-((index - half) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Blurs a picture by 5 x 5 pixels, mirrored at its border.
 *
 * @param picture Left as it is
 */
export function blurPicture(picture: Picture): Picture {
  const { height, width, pixels } = picture;
  const across = blurAlong(pixels, width, 3, height, 3 * width);
  const blurred = blurAlong(across, height, 3 * width, width, 3);
  return { height, width, pixels: Uint8Array.from(blurred, Math.round) };
}

/** Blurs along one axis: `length` pixels `step` numbers apart, on each of `lines` `stride` apart. */
function blurAlong(
  values: ArrayLike<number>,
  length: number,
  step: number,
  lines: number,
  stride: number,
): Float64Array {
  const blurred = new Float64Array(values.length);
  const half = (BLUR.length - 1) / 2;
  const last = length - 1;
  for (let line = 0; line < lines; line++) {
    for (let index = 0; index < length; index++) {
      for (let tap = 0; tap < BLUR.length; tap++) {
        const beyond = Math.abs(index + tap - half);
        const from = Math.max(0, beyond > last ? 2 * last - beyond : beyond);
        for (let channel = 0; channel < 3; channel++) {
          const at = line * stride + channel;
          blurred[at + index * step] += BLUR[tap] * values[at + from * step];
        }
      }
    }
  }
  return blurred;
}

/** Draws where a crop begins along one axis: anywhere in a larger side, a smaller one lies in the middle. */
function drawOffset(side: number, wanted: number, random: Random): number {
  const spare = side - wanted;
  return spare < 0 ? Math.trunc(spare / 2) : random.integer(spare + 1);
}

/**
 * An augmentation of pictures of any size to crops of one size: scaled at random, turned by up to 10 degrees every
 * other time, cropped or padded, blurred and mirrored every other time.
 *
 * @param size `[height, width]` of the crops
 * @param scales Least and greatest scale
 */
export function semsegAugmentation(
  size: readonly [number, number],
  [least, greatest]: readonly [number, number],
): Augmentation<SegmentationAnnotation> {
  return (example, random) => {
    const { height, width } = example.picture;
    const scale = least + (greatest - least) * random.next();
    const angle = random.next() < PROBABILITY ? ANGLE * (2 * random.next() - 1) : 0;
    const isBlurred = random.next() < PROBABILITY;
    const [down, right] = [height, width].map((side, axis) =>
      drawOffset(Math.round(side * scale), size[axis], random)
    );
    const crop: Crop = { size, scale, angle, offset: [down, right] };
    const cropped: Example<SegmentationAnnotation> = change(
      example,
      (picture) => {
        const own = cropPicture(picture, crop);
        return isBlurred ? blurPicture(own) : own;
      },
      (labels) => cropLabels(labels, crop),
    );
    return flip(cropped, random);
  };
}
