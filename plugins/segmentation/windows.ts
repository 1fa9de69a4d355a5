/**
 * Whole pictures cut into overlapping windows, as hszhao/semseg tests.
 *
 * @module
 */
import { type Dataset, flipPicture, type WindowSettings, windowStarts } from "@realign/core";
import { change, flipLabels } from "./augment.ts";
import { cropLabels, cropPicture } from "./crop.ts";
import type { SegmentationAnnotation } from "./labels.ts";

/** A window of a picture. */
export interface Window {
  /** Row and column of its first pixel. */
  readonly top: number;
  readonly left: number;
  readonly isMirrored: boolean;
}

/** The windows of a picture, all of one size. */
export interface WindowGrid {
  /** `[height, width]` of whole pictures. */
  readonly picture: readonly [number, number];
  /** `[height, width]` of a window. */
  readonly size: readonly [number, number];
  /** In the order of examples. */
  readonly windows: readonly Window[];
}

/**
 * Lays windows over a picture.
 *
 * @param size `[height, width]` of a window
 * @param settings Size of the picture, stride, whether each is mirrored too
 * @returns The windows, row by row, a mirrored one after its own; a picture smaller than a window is padded
 *
 * @example Usage
 * ```ts
 * import { windowGrid } from "@realign/segmentation";
 * import assert from "node:assert/strict";
 *
 * const settings = { picture: [512, 1024], stride: [284, 284], mirror: false } as const;
 * const { windows } = windowGrid([425, 425], settings);
 * assert.deepEqual(windows.slice(0, 4).map(({ left }) => left), [0, 284, 568, 599]);
 * assert.equal(windows.length, 8);
 * ```
 */
export function windowGrid(
  size: readonly [number, number],
  { picture, stride, mirror }: WindowSettings,
): WindowGrid {
  const [tops, lefts] = [0, 1].map((axis) => windowStarts(picture[axis], size[axis], stride[axis]));
  const windows = tops.flatMap((top) =>
    lefts.flatMap((left) =>
      (mirror ? [false, true] : [false])
        .map((isMirrored): Window => ({ top, left, isMirrored }))
    )
  );
  const [height, width] = [0, 1].map((axis) => Math.max(picture[axis], size[axis]));
  return { picture: [height, width], size, windows };
}

/**
 * The windows of a dataset's pictures, picture by picture. Each picture is scaled to fit, its proportions kept; what
 * it does not cover is ImageNet's mean and ignored.
 *
 * @param dataset Pictures of any size, read again for each window
 * @param grid The windows
 * @param fitted `[height, width]` that pictures are fitted into
 */
export function cutWindows(
  dataset: Dataset<SegmentationAnnotation>,
  { size, windows }: WindowGrid,
  fitted: readonly [number, number],
): Dataset<SegmentationAnnotation> {
  return {
    name: dataset.name,
    split: dataset.split,
    classNames: dataset.classNames,
    classColours: dataset.classColours,
    length: dataset.length * windows.length,
    size,
    digest: `${dataset.digest}-${JSON.stringify({ size, fitted, windows })}`,
    async read(index) {
      const place = index % windows.length;
      const { top, left, isMirrored } = windows[place];
      const example = await dataset.read(Math.floor(index / windows.length));
      const { height, width } = example.picture;
      const scale = Math.min(fitted[0] / height, fitted[1] / width);
      const crop = { size, scale, angle: 0, offset: [top, left] } as const;
      const window = change(
        example,
        (picture) => cropPicture(picture, crop),
        (labels) => cropLabels(labels, crop),
      );
      const own = { ...window, id: `${example.id}#${place}` };
      return isMirrored ? change(own, flipPicture, flipLabels) : own;
    },
  };
}
