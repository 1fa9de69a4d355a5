/**
 * Crops of scaled and rotated pictures, and of their label maps.
 *
 * @module
 */
import { IGNORED_CLASS, type LabelMap, type Picture } from "@realign/core";

/** What comes in from outside a picture: ImageNet's mean, which normalising turns into 0. */
const PADDING = [124, 116, 104] as const;

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

/** The two pixels beside a place, and the share of the second. */
type Between = readonly [first: number, second: number, share: number];

/** The two pixels of an axis beside a place. */
function between(place: number, last: number): Between {
  const bounded = Math.min(last, Math.max(0, place));
  const first = Math.floor(bounded);
  return [first, Math.min(last, first + 1), bounded - first];
}

/**
 * Crops a picture bilinearly, in one resampling; outside it is ImageNet's mean.
 *
 * @param picture Of any size
 * @param crop Scale, angle, offset
 */
export function cropPicture(picture: Picture, crop: Crop): Picture {
  const { height, width, pixels } = picture;
  const [rows, columns] = crop.size;
  const places = placesOf(picture, crop);
  const cropped = new Uint8Array(rows * columns * 3);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to += 3) {
      const place = places(row, column);
      if (!place) {
        cropped.set(PADDING, to);
        continue;
      }
      const [top, bottom, down] = between(place[0], height - 1);
      const [left, right, across] = between(place[1], width - 1);
      for (let channel = 0; channel < 3; channel++) {
        const at = (y: number, x: number) => pixels[3 * (y * width + x) + channel];
        const upper = at(top, left) * (1 - across) + at(top, right) * across;
        const lower = at(bottom, left) * (1 - across) + at(bottom, right) * across;
        cropped[to + channel] = Math.round(upper * (1 - down) + lower * down);
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
