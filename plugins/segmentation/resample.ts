/**
 * Pictures and label maps taken from other places of themselves.
 *
 * @module
 */
import { IGNORED_CLASS, type LabelMap, type Picture } from "@realign/core";

/** What comes in from outside a picture: ImageNet's mean, which normalising turns into 0. */
const PADDING = [124, 116, 104];

/** Where a pixel comes from: a row and a column of the old picture, between pixels too. */
export type Place = readonly [row: number, column: number];

/** The place of each pixel of a new picture; undefined outside of the old one. */
export type PlaceOf = (row: number, column: number) => Place | undefined;

/** The two pixels beside a place, and the share of the second. */
function between(place: number, last: number): readonly [number, number, number] {
  const bounded = Math.min(last, Math.max(0, place));
  const first = Math.floor(bounded);
  return [first, Math.min(last, first + 1), bounded - first];
}

/** Resamples a picture bilinearly. */
export function resamplePicture(
  { height, width, pixels }: Picture,
  [rows, columns]: readonly [number, number],
  placeOf: PlaceOf,
): Picture {
  const resampled = new Uint8Array(rows * columns * 3);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = placeOf(row, column);
      if (!place) {
        resampled.set(PADDING, to);
        to += 3;
        continue;
      }
      const [top, bottom, down] = between(place[0], height - 1);
      const [left, right, across] = between(place[1], width - 1);
      for (let channel = 0; channel < 3; channel++, to++) {
        const at = (y: number, x: number) => pixels[3 * (y * width + x) + channel];
        const upper = at(top, left) * (1 - across) + at(top, right) * across;
        const lower = at(bottom, left) * (1 - across) + at(bottom, right) * across;
        resampled[to] = Math.round(upper * (1 - down) + lower * down);
      }
    }
  }
  return { height: rows, width: columns, pixels: resampled };
}

/** Resamples a label map to the nearest neighbour; what comes in from outside is ignored. */
export function resampleLabels(
  { height, width, classes }: LabelMap,
  [rows, columns]: readonly [number, number],
  placeOf: PlaceOf,
): LabelMap {
  const resampled = new Uint8Array(rows * columns).fill(IGNORED_CLASS);
  const within = (place: number, last: number) => Math.min(last, Math.max(0, Math.round(place)));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = placeOf(row, column);
      if (!place) continue;
      resampled[row * columns + column] =
        classes[within(place[0], height - 1) * width + within(place[1], width - 1)];
    }
  }
  return { height: rows, width: columns, classes: resampled };
}
