/**
 * Random changes of training pictures, their label maps along with them.
 *
 * @module
 */
import {
  type Augmentation,
  type Example,
  flipPicture,
  IGNORED_CLASS,
  type LabelMap,
  type Picture,
} from "@realign/core";
import type { SegmentationAnnotation } from "./labels.ts";

type Change = Augmentation<SegmentationAnnotation>;

/** Least and greatest random scale, as PSPNet and DeepLabv3 are trained. */
const SCALES = [0.5, 2] as const;
/** What comes in from outside a picture: ImageNet's mean, which normalising turns into 0. */
export const PADDING = [124, 116, 104] as const;

/** Where the pixels of a new picture come from: place p of the new at (p + offset + 0.5) / scale - 0.5. */
interface Window {
  readonly scale: number;
  /** Rows and columns of the scaled picture before the new one begins; negative where it is padded. */
  readonly offset: readonly [number, number];
}

/** Along one axis, where each new place lies in the old picture; NaN outside of it. */
function places(size: number, scale: number, offset: number): Float64Array {
  const scaled = Math.round(size * scale);
  return Float64Array.from({ length: size }, (_, index) => {
    const at = index + offset;
    return at < 0 || at >= scaled ? NaN : (at + 0.5) * size / scaled - 0.5;
  });
}

/** The two pixels beside a place, and the share of the second. */
type Between = readonly [first: number, second: number, share: number];

/** The two pixels of an axis beside a place. */
export function between(place: number, last: number): Between {
  const bounded = Math.min(last, Math.max(0, place));
  const first = Math.floor(bounded);
  return [first, Math.min(last, first + 1), bounded - first];
}

/** A channel between four pixels. */
export function mixed(
  { width, pixels }: Picture,
  [top, bottom, down]: Between,
  [left, right, across]: Between,
  channel: number,
): number {
  const at = (y: number, x: number) => pixels[3 * (y * width + x) + channel];
  const upper = at(top, left) * (1 - across) + at(top, right) * across;
  const lower = at(bottom, left) * (1 - across) + at(bottom, right) * across;
  return Math.round(upper * (1 - down) + lower * down);
}

/** Resamples a picture bilinearly. */
function resamplePicture(picture: Picture, { scale, offset }: Window): Picture {
  const { height, width, pixels } = picture;
  const rows = places(height, scale, offset[0]);
  const columns = places(width, scale, offset[1]);
  const resampled = new Uint8Array(pixels.length);
  let to = 0;
  for (const row of rows) {
    const vertical = between(row, height - 1);
    for (const column of columns) {
      const horizontal = between(column, width - 1);
      const outside = Number.isNaN(row + column);
      for (let channel = 0; channel < 3; channel++, to++) {
        if (outside) {
          resampled[to] = PADDING[channel];
          continue;
        }
        resampled[to] = mixed(picture, vertical, horizontal, channel);
      }
    }
  }
  return { height, width, pixels: resampled };
}

/** Resamples a label map to the nearest neighbour; what comes in from outside is ignored. */
function resampleLabels({ height, width, classes }: LabelMap, { scale, offset }: Window): LabelMap {
  const rows = places(height, scale, offset[0]);
  const columns = places(width, scale, offset[1]);
  const resampled = new Uint8Array(classes.length).fill(IGNORED_CLASS);
  const within = (place: number, last: number) => Math.min(last, Math.max(0, Math.round(place)));
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      if (Number.isNaN(row + column)) return;
      resampled[y * width + x] =
        classes[within(row, height - 1) * width + within(column, width - 1)];
    });
  });
  return { height, width, classes: resampled };
}

/** Mirrors a label map, left to right. */
export function flipLabels({ height, width, classes }: LabelMap): LabelMap {
  const flipped = new Uint8Array(classes.length);
  for (let start = 0; start < classes.length; start += width) {
    flipped.set(classes.slice(start, start + width).reverse(), start);
  }
  return { height, width, classes: flipped };
}

/** The same change of a picture and of its label map. */
export function change(
  example: Example<SegmentationAnnotation>,
  ofPicture: (picture: Picture) => Picture,
  ofLabels: (labels: LabelMap) => LabelMap,
): Example<SegmentationAnnotation> {
  const { picture, annotation } = example;
  return {
    ...example,
    picture: ofPicture(picture),
    annotation: { ...annotation, labelMap: ofLabels(annotation.labelMap) },
  };
}

/** Mirrors every other example. */
export const flip: Change = (example, random) =>
  random.next() < 0.5 ? change(example, flipPicture, flipLabels) : example;

const scaleCropFlip: Change = (example, random) => {
  const flipped = flip(example, random);
  const { height, width } = flipped.picture;
  const [least, greatest] = SCALES;
  const scale = least + (greatest - least) * random.next();
  // A scaled picture that is larger is cropped anywhere; one that is smaller is put anywhere.
  const [down, right] = [height, width].map((side) => {
    const spare = Math.round(side * scale) - side;
    return Math.sign(spare) * random.integer(Math.abs(spare) + 1);
  });
  const window: Window = { scale, offset: [down, right] };
  return change(
    flipped,
    (picture) => resamplePicture(picture, window),
    (labels) => resampleLabels(labels, window),
  );
};

/** Augmentations by name; each keeps the size. */
export const segmentationAugmentations: Readonly<Record<string, Change>> = {
  none: (example) => example,
  flip,
  /** Scaled by 0.5 to 2, cropped or padded to the same size, mirrored every other time. */
  "scale-crop-flip": scaleCropFlip,
};
