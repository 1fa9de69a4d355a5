/**
 * Priors of detectors that were made elsewhere: a known layout's, or as settings describe them.
 *
 * @module
 */
import { listPriors, type PriorLayout, priorsPerCell, ssdLiteLayout } from "../priors.ts";
import { priorsOf } from "./mod.ts";

/** Describes anchors. Numbers are separated by commas, feature maps by a slash, the finest first; one list is for all. */
export interface AnchorSettings {
  /**
   * A detector whose anchors these are: one of the built-in architectures, such as "ssd300-vgg16", or torchvision's
   * "ssdlite320-mobilenet-v3-large" or "retinanet-resnet50-fpn". What else is set replaces settings of the latter
   */
  readonly anchors?: string;
  /** Sides in pixels, e.g. "32,40,50/64,80,101", or widths and heights, e.g. "10x13,16x30/30x61". Default: 4 strides */
  readonly anchorSizes?: string;
  /** Heights over widths, each of all sizes in turn. @default {"1"} */
  readonly anchorRatios?: string;
  /** Pixels from cell to cell, a number a map, e.g. "8,16,32". Default: by the sizes of the maps, where boxes are maps */
  readonly anchorStrides?: string;
  /** Where in a cell its anchors' centre lies, as a share of a stride: 0 in torchvision. @default {0.5} */
  readonly anchorOffset?: number;
  /** Whether half sides are rounded to whole pixels, as torchvision does. @default {false} */
  readonly anchorRounding?: boolean;
}

/** `[rows, columns]` of a feature map. */
export type Cells = readonly [number, number];

/** Anchors of images of one size. */
export interface AnchorList {
  /** `[P, 4]` in centre form, as shares of the image: map by map, row by row, cell by cell. */
  readonly priors: Float32Array;
  /** `[P, 4]`: the stride of each across and down, twice, as shares of the image. */
  readonly strides: Float32Array;
}

/** A detector's anchors. */
export interface Anchors {
  /** Whether they are those of images of one size alone. */
  readonly isFixed: boolean;
  /** Anchors in a cell of a map. */
  perCell(map: number): number;
  /**
   * Lists them.
   *
   * @param size `[height, width]` of the images
   * @param maps Rows and columns of each map, where they are known
   */
  list(size: Cells, maps: readonly (Cells | undefined)[]): AnchorList;
}

/** Torchvision's: three sizes a map, a third of an octave apart, in whole pixels. */
const RETINANET: AnchorSettings = {
  anchorSizes: [32, 64, 128, 256, 512]
    .map((size) => [0, 1, 2].map((third) => Math.floor(size * 2 ** (third / 3))).join(","))
    .join("/"),
  anchorRatios: "0.5,1,2",
  anchorStrides: "8,16,32,64,128",
  anchorOffset: 0,
  anchorRounding: true,
};

/** Side of an anchor, in strides, where none is told. */
const SIDE = 4;

/**
 * Makes anchors of settings.
 *
 * @param settings The settings
 * @param mapCount How many maps there are
 * @param fail Throws an error with a reason
 * @returns The anchors; undefined if the settings say nothing
 */
export function createAnchors(
  settings: AnchorSettings,
  mapCount: number,
  fail: (reason: string) => never,
): Anchors | undefined {
  const { anchors, anchorSizes, anchorRatios, anchorStrides, anchorOffset, anchorRounding } =
    settings;
  const own = defined({ anchorSizes, anchorRatios, anchorStrides, anchorOffset, anchorRounding });
  if (anchors === "retinanet-resnet50-fpn") {
    return describedAnchors({ ...RETINANET, ...own }, mapCount, fail);
  }
  if (anchors !== undefined) {
    const layout = anchors === "ssdlite320-mobilenet-v3-large"
      ? ssdLiteLayout()
      : priorsOf(anchors);
    return layout ? layoutAnchors(layout) : fail(`no detector has anchors named "${anchors}"`);
  }
  return Object.keys(own).length > 0 ? describedAnchors(own, mapCount, fail) : undefined;
}

function defined<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

function layoutAnchors(layout: PriorLayout): Anchors {
  const priors = listPriors(layout);
  const strides = layout.maps.flatMap((map) =>
    Array<number>(4 * map.cells ** 2 * priorsPerCell(map)).fill(map.step)
  );
  const list = { priors, strides: Float32Array.from(strides) };
  return {
    isFixed: true,
    perCell: (map) => priorsPerCell(layout.maps[map]),
    list: () => list,
  };
}

function describedAnchors(
  settings: Omit<AnchorSettings, "anchors">,
  mapCount: number,
  fail: (reason: string) => never,
): Anchors {
  const { anchorSizes, anchorRatios = "1", anchorStrides, anchorOffset = 0.5, anchorRounding } =
    settings;
  const sizes = anchorSizes?.split("/").map((list) => list.split(",").map(sidesOf));
  const ratios = anchorRatios.split(",").map(Number);
  const strides = anchorStrides?.split(",").map(Number);
  const count = strides?.length ?? mapCount;
  const numbers = [...(sizes ?? []).flat(2), ...ratios, ...(strides ?? [])];
  if (!numbers.every((number) => number > 0) || !(anchorOffset >= 0)) {
    fail(`anchorSizes, anchorRatios and anchorStrides must be lists of numbers above 0`);
  }
  if (sizes && sizes.length !== 1 && sizes.length !== count) {
    fail(`anchorSizes has ${sizes.length} lists for ${count} feature maps`);
  }
  /** Width and height of each anchor of a map. */
  const anchorsOf = (map: number, stride: number): (readonly [number, number])[] =>
    ratios.flatMap((ratio) =>
      (sizes?.[map] ?? sizes?.[0] ?? [[SIDE * stride, SIDE * stride]]).map(([width, height]) =>
        [width / Math.sqrt(ratio), height * Math.sqrt(ratio)].map((side) =>
          anchorRounding ? 2 * roundHalfEven(side / 2) : side
        ) as [number, number]
      )
    );
  return {
    isFixed: false,
    perCell: (map) => anchorsOf(map, 1).length,
    list([height, width], maps) {
      const priors: number[] = [];
      const steps: number[] = [];
      for (let map = 0; map < count; map++) {
        const [rows, columns] = maps[map] ??
          (strides
            ? [height, width].map((side) => Math.ceil(side / strides[map]))
            : fail("the sizes of its feature maps are not known: set anchorStrides"));
        // Where a map does not divide an image evenly, whole pixels as in torchvision.
        const [down, across] = [Math.floor(height / rows), Math.floor(width / columns)];
        const anchors = anchorsOf(map, strides?.[map] ?? down);
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const centre = [
              (column + anchorOffset) * across / width,
              (row + anchorOffset) * down / height,
            ];
            for (const [w, h] of anchors) {
              priors.push(...centre, w / width, h / height);
              steps.push(across / width, down / height, across / width, down / height);
            }
          }
        }
      }
      return { priors: Float32Array.from(priors), strides: Float32Array.from(steps) };
    },
  };
}

/** "32" is a square, "10x13" a width and a height. */
function sidesOf(text: string): readonly [number, number] {
  const [width, height = width] = text.split("x").map(Number);
  return [width, height];
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
