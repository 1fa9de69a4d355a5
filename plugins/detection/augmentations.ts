/**
 * Random changes of training pictures, by name.
 *
 * @module
 */
import { type Augmentation, type Example, flipPicture, type Random } from "@realign/core";
import { distortColours } from "./augment_colours.ts";
import { cropWindow, expandWindow, resampleWindow, type Window } from "./augment_window.ts";
import type { BoxAnnotation } from "./labels.ts";

type DetectionExample = Example<BoxAnnotation>;

/** A box of which less is left in a crop, as a share of the crop's side, is dropped. */
const SMALLEST_SIDE = 1e-3;

function flip(example: DetectionExample, random: Random): DetectionExample {
  if (random.next() >= 0.5) return example;
  const boxes = example.annotation.boxes.map(({ box: [x1, y1, x2, y2], ...rest }) => ({
    ...rest,
    box: [1 - x2, y1, 1 - x1, y2] as const,
  }));
  return {
    ...example,
    picture: flipPicture(example.picture),
    annotation: { ...example.annotation, boxes },
  };
}

/** Shows what lies in a window, at the picture's size; boxes keep what lies inside if their middle does. */
function look(example: DetectionExample, window: Window): DetectionExample {
  const { left, top, width, height } = window;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const boxes = example.annotation.boxes.flatMap(({ box: [x1, y1, x2, y2], ...rest }) => {
    const xs = [x1, x2].map((x) => (x - left) / width);
    const ys = [y1, y2].map((y) => (y - top) / height);
    const inside = [xs, ys].every(([low, high]) => low + high > 0 && low + high < 2);
    const box = [clip(xs[0]), clip(ys[0]), clip(xs[1]), clip(ys[1])] as const;
    const large = box[2] - box[0] > SMALLEST_SIDE && box[3] - box[1] > SMALLEST_SIDE;
    return inside && large ? [{ ...rest, box }] : [];
  });
  return {
    ...example,
    picture: resampleWindow(example.picture, window),
    annotation: { ...example.annotation, boxes },
  };
}

/** Expands, crops and flips, as SSD does; one resampling does both. */
function zoom(example: DetectionExample, random: Random): DetectionExample {
  const corners = example.annotation.boxes.map(({ box }) => box);
  const window = cropWindow(expandWindow(random), corners, random);
  const isWhole = window.left === 0 && window.top === 0 && window.width === 1 &&
    window.height === 1;
  return flip(isWhole ? example : look(example, window), random);
}

/**
 * - "none".
 * - "flip": left to right, every other image.
 * - "zoom": SSD's geometric changes: expand to up to four times the side, crop to a part that overlaps a
 *   box enough, flip. The picture's size stays.
 * - "ssd": before that its photometric ones: brightness, contrast, saturation, hue, order of channels.
 */
export const augmentations: Readonly<Record<string, Augmentation<BoxAnnotation>>> = {
  none: (example) => example,
  flip,
  zoom,
  ssd: (example, random) =>
    zoom({ ...example, picture: distortColours(example.picture, random) }, random),
};
