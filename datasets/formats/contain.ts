/**
 * Pictures and label maps that are fitted into a size whole, without stretching.
 *
 * @module
 */
import { IGNORED_CLASS, type LabelMap, type Picture } from "@realign/core";

/** What fills the rest of a picture: ImageNet's mean, which normalising turns into 0. */
const MEAN = [124, 116, 104];

/** The largest size of a picture's proportions within another. */
export function sizeWithin(
  [height, width]: readonly [number, number],
  [wantedHeight, wantedWidth]: readonly [number, number],
): [number, number] {
  const scale = Math.min(wantedHeight / height, wantedWidth / width);
  return [height, width].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
}

/** Puts a picture into the upper left corner of a larger one; as it is where the size is its own. */
export function padPicture(picture: Picture, size: readonly [number, number]): Picture {
  const { height, width, pixels } = picture;
  if (height === size[0] && width === size[1]) return picture;
  const padded = Uint8Array.from({ length: size[0] * size[1] * 3 }, (_, at) => MEAN[at % 3]);
  for (let row = 0; row < height; row++) {
    padded.set(pixels.subarray(3 * row * width, 3 * (row + 1) * width), 3 * row * size[1]);
  }
  return { height: size[0], width: size[1], pixels: padded };
}

/** Puts a label map into the upper left corner of a larger one, the rest of which is ignored. */
export function padLabels(map: LabelMap, size: readonly [number, number]): LabelMap {
  const { height, width, classes } = map;
  if (height === size[0] && width === size[1]) return map;
  const padded = new Uint8Array(size[0] * size[1]).fill(IGNORED_CLASS);
  for (let row = 0; row < height; row++) {
    padded.set(classes.subarray(row * width, (row + 1) * width), row * size[1]);
  }
  return { height: size[0], width: size[1], classes: padded };
}
