/**
 * Random changes of training pictures, their label maps along with them.
 *
 * @module
 */
import {
  type Augmentation,
  type Example,
  flipPicture,
  type LabelMap,
  type Picture,
} from "@realign/core";
import type { SegmentationAnnotation } from "./labels.ts";
import { type PlaceOf, resampleLabels, resamplePicture } from "./resample.ts";

type Change = Augmentation<SegmentationAnnotation>;

/** Least and greatest random scale, as PSPNet and DeepLabv3 are trained. */
const SCALES = [0.5, 2] as const;
/** Along one axis, where each new place lies in the old picture; NaN outside of it. */
function places(size: number, scale: number, offset: number): Float64Array {
  const scaled = Math.round(size * scale);
  return Float64Array.from({ length: size }, (_, index) => {
    const at = index + offset;
    return at < 0 || at >= scaled ? NaN : (at + 0.5) * size / scaled - 0.5;
  });
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

/** Mirrors every other picture. */
export const flip: Change = (example, random) =>
  random.next() < 0.5 ? change(example, flipPicture, flipLabels) : example;

const scaleCropFlip: Change = (example, random, size) => {
  const flipped = flip(example, random, size);
  const { height, width } = flipped.picture;
  const [least, greatest] = SCALES;
  const scale = least + (greatest - least) * random.next();
  // A scaled picture that is larger is cropped anywhere; one that is smaller is put anywhere.
  const [down, right] = [height, width].map((side) => {
    const spare = Math.round(side * scale) - side;
    return Math.sign(spare) * random.integer(Math.abs(spare) + 1);
  });
  const rows = places(height, scale, down);
  const columns = places(width, scale, right);
  const placeOf: PlaceOf = (row, column) =>
    Number.isNaN(rows[row] + columns[column]) ? undefined : [rows[row], columns[column]];
  return change(
    flipped,
    (picture) => resamplePicture(picture, [height, width], placeOf),
    (labels) => resampleLabels(labels, [height, width], placeOf),
  );
};

/** The augmentations by name that keep a picture's size; semseg.ts has those that cut parts out. */
export const sizeKeepingAugmentations: Readonly<Record<string, Change>> = {
  none: (example) => example,
  flip,
  /** Scaled by 0.5 to 2, cropped or padded to the same size, mirrored every other time. */
  "scale-crop-flip": scaleCropFlip,
};
