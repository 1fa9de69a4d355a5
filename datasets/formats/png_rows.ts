/**
 * The rows that a PNG's pixels are packed in.
 *
 * @module
 */

/** Pixels that a PNG stores together: every so many rows and columns from a first one on. */
export interface Pass {
  readonly top: number;
  readonly left: number;
  readonly down: number;
  readonly right: number;
  /** Rows of the pass. */
  readonly height: number;
  /** Pixels a row. */
  readonly width: number;
}

/** Adam7: first row, first column, and their distances, of each pass. */
const adam7 = [
  [0, 0, 8, 8],
  [0, 4, 8, 8],
  [4, 0, 8, 4],
  [0, 2, 4, 4],
  [2, 0, 4, 2],
  [0, 1, 2, 2],
  [1, 0, 2, 1],
] as const;

/** The passes of a picture: one, or Adam7's that are not empty. */
export function passesOf(height: number, width: number, interlaced: boolean): Pass[] {
  if (!interlaced) return [{ top: 0, left: 0, down: 1, right: 1, height, width }];
  return adam7.map(([top, left, down, right]) => ({
    top,
    left,
    down,
    right,
    height: Math.ceil((height - top) / down),
    width: Math.ceil((width - left) / right),
  })).filter((pass) => pass.height > 0 && pass.width > 0);
}

/** Bytes that so many pixels of so many bits take. */
export function rowBytes(width: number, depth: number): number {
  return Math.ceil(width * depth / 8);
}

/** Undoes the filter that each row begins with; a pixel is one byte or less. False for an unknown filter. */
export function unfilter(rows: Uint8Array, length: number): boolean {
  let above: Uint8Array = new Uint8Array(length);
  for (let start = 0; start < rows.length; start += length + 1) {
    const row = rows.subarray(start + 1, start + 1 + length);
    const filter = rows[start];
    if (filter > 4) return false;
    let left = 0;
    let corner = 0;
    for (let x = 0; filter > 0 && x < length; x++) {
      const up = above[x];
      row[x] += filter === 1
        ? left
        : filter === 2
        ? up
        : filter === 3
        ? (left + up) >> 1
        : nearest(left, up, corner);
      left = row[x];
      corner = up;
    }
    above = row;
  }
  return true;
}

/** Paeth's predictor: whichever neighbour is nearest to left + above - corner. */
function nearest(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Takes pixels out of their bytes and puts each in its place. */
export function spread(
  rows: Uint8Array,
  { top, left, down, right, height, width }: Pass,
  depth: number,
  factor: number,
  values: Uint8Array,
  fullWidth: number,
): void {
  const length = rowBytes(width, depth) + 1;
  const perByte = 8 / depth;
  const mask = 2 ** depth - 1;
  for (let y = 0; y < height; y++) {
    let to = (top + y * down) * fullWidth + left;
    const from = y * length + 1;
    for (let x = 0; x < width; x++, to += right) {
      const byte = rows[from + Math.floor(x / perByte)];
      values[to] = depth === 8 ? byte : (byte >> 8 - depth * (x % perByte + 1) & mask) * factor;
    }
  }
}
