/**
 * Priors (default boxes, anchors): the boxes that a detector's outputs are relative to.
 *
 * @module
 */

/** Priors of one feature map. */
export interface PriorMap {
  /** Rows and columns of the map. */
  readonly cells: number;
  /** Distance between the centres of cells, as a share of the picture. */
  readonly step: number;
  /** Sides of the square priors as shares of the picture, the map's scale first. */
  readonly sides: readonly number[];
  /** Each gives a prior of the map's scale that is so much wider than high, and one that is as much higher. */
  readonly ratios: readonly number[];
}

/** Priors of a detector. */
export interface PriorLayout {
  readonly maps: readonly PriorMap[];
  /** Whether centres too are kept within the picture, as amdegroot does; torchvision keeps sizes at most 1. */
  readonly clipCentres: boolean;
}

/** Sides of SSD300's feature maps, and the distance between their cells in pixels of 300. */
const CELLS = [38, 19, 10, 5, 3, 1];
const STEPS = [8, 16, 32, 64, 100, 300];

/** Side of the smallest square prior of small pictures, in cells of the finest map. */
const FIRST_SIDE = 2;
/** Side of the last map's square prior of small pictures, as a share of the picture. */
const LARGEST_SCALE = 0.9;

/** Torchvision's: neither the first map nor the last two have a ratio of 3. */
function ratiosOf(index: number, last: number): readonly number[] {
  return index === 0 || index > last - 2 ? [2] : [2, 3];
}

/** Priors in a cell of a map. */
export function priorsPerCell({ sides, ratios }: Pick<PriorMap, "sides" | "ratios">): number {
  return sides.length + 2 * ratios.length;
}

/** SSD's squares: of a map's scale, and between it and the next map's. */
function squaresOf(scale: number, nextScale: number): readonly number[] {
  return [scale, Math.sqrt(scale * nextScale)];
}

/**
 * The layout of torchvision's `ssd300_vgg16`: scales .07, .15, .33, ..., 1.05; 8,732 priors.
 *
 * @returns The layout; the first and the last two maps have no ratio of 3
 */
export function torchvisionLayout(): PriorLayout {
  const last = CELLS.length - 1;
  const scaleOf = (index: number) => index === 0 ? 0.07 : 0.15 + 0.9 * (index - 1) / last;
  const maps = CELLS.map((cells, index): PriorMap => ({
    cells,
    step: STEPS[index] / 300,
    sides: squaresOf(scaleOf(index), scaleOf(index + 1)),
    ratios: ratiosOf(index, last),
  }));
  return { maps, clipCentres: false };
}

/** Sides of the feature maps of images of 320. */
const LITE_CELLS = [20, 10, 5, 3, 2, 1];

/**
 * The layout of torchvision's `ssdlite320_mobilenet_v3_large`: scales from .2 to .95, then 1; 3,234 priors.
 *
 * @returns The layout; all maps have ratios of 2 and 3
 */
export function ssdLiteLayout(): PriorLayout {
  const last = LITE_CELLS.length - 1;
  const scaleOf = (index: number) => index > last ? 1 : 0.2 + 0.75 * index / last;
  const maps = LITE_CELLS.map((cells, index): PriorMap => ({
    cells,
    step: 1 / cells,
    sides: squaresOf(scaleOf(index), scaleOf(index + 1)),
    ratios: [2, 3],
  }));
  return { maps, clipCentres: false };
}

/**
 * A layout for pictures smaller than 300. Cells of their maps are larger shares of the picture: SSD300's
 * priors would be shorter than the way from one to the next, and most boxes would overlap none by half. So
 * priors follow the cells: two of them long on the first map, and from map to map longer by the same factor,
 * up to .9 of the picture. Each map has the next one's square, too: coarse cells cannot tell apart what lies
 * side by side.
 *
 * @param cells Sides of the feature maps, the finest first; two or more
 * @returns The layout; ratios as torchvision has them
 */
export function smallLayout(cells: readonly number[]): PriorLayout {
  const last = cells.length - 1;
  const first = FIRST_SIDE / cells[0];
  const scaleOf = (index: number) => first * (LARGEST_SCALE / first) ** (index / last);
  const maps = cells.map((side, index): PriorMap => ({
    cells: side,
    step: 1 / side,
    sides: [...squaresOf(scaleOf(index), scaleOf(index + 1)), scaleOf(index + 1)],
    ratios: ratiosOf(index, last),
  }));
  return { maps, clipCentres: false };
}

/**
 * The layouts for VOC of amdegroot's SSD300 (8,732 priors, as in the Caffe original) and of RFBNet300
 * (11,620: the first map has ratios of 3, too).
 *
 * @param ratios Of each map
 */
export function vocLayout(ratios: readonly (readonly number[])[]): PriorLayout {
  const sides = [30, 60, 111, 162, 213, 264, 315];
  const maps = CELLS.map((cells, index): PriorMap => ({
    cells,
    step: STEPS[index] / 300,
    sides: squaresOf(sides[index] / 300, sides[index + 1] / 300),
    ratios: ratios[index],
  }));
  return { maps, clipCentres: true };
}

/**
 * Lists the priors of a layout: map by map, row by row, cell by cell; within a cell the squares, the
 * map's own first, then for each ratio the wide and the high one.
 *
 * @param layout The maps
 * @returns `[P, 4]` in centre form, as fractions of the image
 */
export function listPriors({ maps, clipCentres }: PriorLayout): Float32Array {
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const centre = clipCentres ? clip : (value: number) => value;
  const values: number[] = [];
  for (const { cells, step, sides, ratios } of maps) {
    const sizes = sides.map((side) => [side, side]);
    for (const ratio of ratios) {
      const [long, short] = [sides[0] * Math.sqrt(ratio), sides[0] / Math.sqrt(ratio)];
      sizes.push([long, short], [short, long]);
    }
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        const at = [column, row].map((index) => centre((index + 0.5) * step));
        for (const [width, height] of sizes) values.push(...at, clip(width), clip(height));
      }
    }
  }
  return Float32Array.from(values);
}
