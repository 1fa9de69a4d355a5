/**
 * Random crops of scaled, rotated and blurred pictures, as hszhao/semseg trains PSPNet and the paper's authors train G.
 *
 * @module
 */
import {
  type Augmentation,
  type Example,
  IGNORED_CLASS,
  type LabelMap,
  type Picture,
  type Random,
} from "@realign/core";
import { between, change, flip, mixed, PADDING } from "./augment.ts";
import type { SegmentationAnnotation } from "./labels.ts";

/** Rotated and blurred every other time. */
const PROBABILITY = 0.5;
/** Greatest angle to either side, in degrees. */
const ANGLE = 10;
/** A Gaussian over 5 pixels of the deviation that OpenCV takes for so many, 1.1. */
const BLUR = gaussian(5, 1.1);

/** A crop of a scaled and rotated picture. */
export interface Crop {
  /** `[height, width]` of the crop. */
  readonly size: readonly [number, number];
  /** Of the whole picture; both sides are rounded to pixels. */
  readonly scale: number;
  /** By which the scaled picture turns around its centre, in degrees, against the clock. */
  readonly angle: number;
  /** Rows and columns of the scaled picture before the crop begins; negative where it is padded. */
  readonly offset: readonly [number, number];
}

/** From a pixel of the crop to a place in the picture, in pixels; undefined outside. */
type Places = (row: number, column: number) => readonly [row: number, column: number] | undefined;

function placesOf(
  { height, width }: Pick<Picture, "height" | "width">,
  { scale, angle, offset: [down, right] }: Crop,
): Places {
  const [scaledHeight, scaledWidth] = [height, width].map((side) => Math.round(side * scale));
  const radians = angle * Math.PI / 180;
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const isInside = (y: number, x: number) =>
    y >= 0 && x >= 0 && y < scaledHeight && x < scaledWidth;
  return (row, column) => {
    const [y, x] = [row + down + 0.5, column + right + 0.5];
    if (!isInside(y, x)) return undefined;
    const [fromMiddle, across] = [y - scaledHeight / 2, x - scaledWidth / 2];
    const turnedY = scaledHeight / 2 + cosine * fromMiddle + sine * across;
    const turnedX = scaledWidth / 2 - sine * fromMiddle + cosine * across;
    if (!isInside(turnedY, turnedX)) return undefined;
    return [turnedY * height / scaledHeight - 0.5, turnedX * width / scaledWidth - 0.5];
  };
}

/**
 * Crops a picture bilinearly, in one resampling; outside it is ImageNet's mean.
 *
 * @param picture Of any size
 * @param crop Scale, angle, offset
 */
export function cropPicture(picture: Picture, crop: Crop): Picture {
  const { height, width } = picture;
  const [rows, columns] = crop.size;
  const places = placesOf(picture, crop);
  const cropped = new Uint8Array(rows * columns * 3);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = places(row, column);
      const vertical = between(place?.[0] ?? 0, height - 1);
      const horizontal = between(place?.[1] ?? 0, width - 1);
      for (let channel = 0; channel < 3; channel++, to++) {
        cropped[to] = place ? mixed(picture, vertical, horizontal, channel) : PADDING[channel];
      }
    }
  }
  return { height: rows, width: columns, pixels: cropped };
}

/**
 * Crops a label map to the nearest neighbour; outside it is ignored.
 *
 * @param labels Of any size
 * @param crop Scale, angle, offset
 */
export function cropLabels(labels: LabelMap, crop: Crop): LabelMap {
  const { height, width, classes } = labels;
  const [rows, columns] = crop.size;
  const places = placesOf(labels, crop);
  const cropped = new Uint8Array(rows * columns).fill(IGNORED_CLASS);
  const within = (place: number, last: number) => Math.min(last, Math.max(0, Math.round(place)));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = places(row, column);
      if (!place) continue;
      const at = within(place[0], height - 1) * width + within(place[1], width - 1);
      cropped[row * columns + column] = classes[at];
    }
  }
  return { height: rows, width: columns, classes: cropped };
}

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
