/**
 * Padding and resizing of images.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";
import { pick } from "./closed_forms.ts";

const geometries = [
  { name: "legacy", alignCorners: false, halfPixelCenters: false },
  { name: "half pixel centres", alignCorners: false, halfPixelCenters: true },
  { name: "aligned corners", alignCorners: true, halfPixelCenters: false },
];

const resizes: ConformanceCase[] = geometries.flatMap(({ name, alignCorners, halfPixelCenters }) =>
  [[6, 6, 12, 12], [5, 6, 10, 13], [12, 10, 5, 6]].flatMap((
    [height, width, newHeight, newWidth],
  ) => [
    item(
      `resizeBilinear ${height}x${width} to ${newHeight}x${newWidth}, ${name}`,
      [[2, height, width, 3]],
      (x) => tf.image.resizeBilinear(x, [newHeight, newWidth], alignCorners, halfPixelCenters),
    ),
    item(
      `resizeNearestNeighbor ${height}x${width} to ${newHeight}x${newWidth}, ${name}`,
      [[2, height, width, 3]],
      (x) =>
        tf.image.resizeNearestNeighbor(x, [newHeight, newWidth], alignCorners, halfPixelCenters),
    ),
  ])
);

/** Where a mirrored pixel comes from. */
function mirror(position: number, before: number, size: number, edge: number): number {
  const index = position - before;
  if (index < 0) return -index - 1 + edge;
  return index < size ? index : 2 * size - 1 - edge - index;
}

/** All padding and resizing of the table. */
export const imageCases: readonly ConformanceCase[] = [
  item(
    "mirrorPad reflect",
    [[2, 6, 7, 3]],
    (x) => tf.mirrorPad(x, [[0, 0], [2, 2], [3, 3], [0, 0]], "reflect"),
    {
      expected: (x) =>
        pick(
          x,
          [2, 6, 7, 3],
          [10, 13],
          (at, axis) => axis === "rows" ? mirror(at, 2, 6, 1) : mirror(at, 3, 7, 1),
        ),
    },
  ),
  item(
    "mirrorPad reflect by 1",
    [[2, 6, 7, 3]],
    (x) => tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"),
  ),
  item(
    "mirrorPad reflect, uneven",
    [[2, 6, 7, 3]],
    (x) => tf.mirrorPad(x, [[0, 0], [0, 2], [3, 1], [0, 0]], "reflect"),
  ),
  item(
    "mirrorPad reflect, as far as it goes",
    [[1, 4, 4, 2]],
    (x) => tf.mirrorPad(x, [[0, 0], [3, 3], [3, 3], [0, 0]], "reflect"),
  ),
  item(
    "mirrorPad symmetric",
    [[2, 6, 7, 3]],
    (x) => tf.mirrorPad(x, [[0, 0], [2, 2], [3, 0], [0, 0]], "symmetric"),
    {
      expected: (x) =>
        pick(
          x,
          [2, 6, 7, 3],
          [10, 10],
          (at, axis) => axis === "rows" ? mirror(at, 2, 6, 0) : mirror(at, 3, 7, 0),
        ),
    },
  ),
  item("pad", [[2, 6, 7, 3]], (x) => tf.pad(x, [[0, 0], [2, 1], [3, 0], [0, 0]])),
  item("pad with a value", [[2, 6, 3]], (x) => tf.pad(x, [[0, 1], [2, 1], [0, 0]], 0.5)),
  ...resizes,
  item(
    "resizeBilinear x2, half pixel centres, by definition",
    [[1, 2, 1, 1]],
    (x) => tf.image.resizeBilinear(x, [4, 1], false, true),
    {
      expected: (
        [top, bottom],
      ) => [top, 0.75 * top + 0.25 * bottom, 0.25 * top + 0.75 * bottom, bottom],
    },
  ),
  item(
    "resizeNearestNeighbor x2, by definition",
    [[1, 3, 4, 2]],
    (x) => tf.image.resizeNearestNeighbor(x, [6, 8]),
    {
      expected: (x) => pick(x, [1, 3, 4, 2], [6, 8], (at) => Math.floor(at / 2)),
    },
  ),
];
