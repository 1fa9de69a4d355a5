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
import { type Crop, cropLabels, cropPicture } from "./crop.ts";
import type { SegmentationAnnotation } from "./labels.ts";

type Change = Augmentation<SegmentationAnnotation>;

/** Least and greatest random scale, as PSPNet and DeepLabv3 are trained. */
const SCALES = [0.5, 2] as const;

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
  const crop: Crop = { size: [height, width], scale, angle: 0, offset: [down, right] };
  return change(
    flipped,
    (picture) => cropPicture(picture, crop),
    (labels) => cropLabels(labels, crop),
  );
};

/** Augmentations by name; each keeps the size. */
export const segmentationAugmentations: Readonly<Record<string, Change>> = {
  none: (example) => example,
  flip,
  /** Scaled by 0.5 to 2, cropped or padded to the same size, mirrored every other time. */
  "scale-crop-flip": scaleCropFlip,
};
