/**
 * Windows through which a picture is seen: SSD's expansion and its crops, and what is seen through them.
 *
 * @module
 */
import type { Picture, Random } from "@realign/core";

/** A rectangle, in shares of the picture's width and height; it may reach beyond the picture. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Corners = readonly [number, number, number, number];

/** Beyond the picture there is the mean of ImageNet. */
const FILL = [123, 117, 104];
/** Longest side of an expanded picture, in sides of the picture. */
const LARGEST_EXPANSION = 4;
/** How much of a box and a crop must be common at least; 0 for any crop, undefined for none. */
const LEAST_OVERLAPS = [undefined, 0.1, 0.3, 0.5, 0.7, 0.9, 0];
/** Shortest side of a crop. */
const SMALLEST_CROP = 0.3;
/** Tries before another least overlap is drawn. */
const TRIES = 50;

/**
 * Draws the window of an expansion: the whole picture, or one of up to four times its side with the
 * picture anywhere in it.
 *
 * @param random Draws
 * @returns A window that holds the picture
 */
export function expandWindow(random: Random): Window {
  if (random.next() < 0.5) return { left: 0, top: 0, width: 1, height: 1 };
  const ratio = 1 + (LARGEST_EXPANSION - 1) * random.next();
  const place = () => (1 - ratio) * random.next();
  return { left: place(), top: place(), width: ratio, height: ratio };
}

/**
 * Draws a crop of a window: a part of at least .3 of each side, no more than twice as long as high or
 * high as long, that has the middle of a box and enough of one in it.
 *
 * @param window What is cropped
 * @param boxes Corners in shares of the picture; without any, nothing is cropped
 * @param random Draws
 * @returns A part of the window, or the window
 */
export function cropWindow(window: Window, boxes: readonly Corners[], random: Random): Window {
  if (boxes.length === 0) return window;
  for (;;) {
    const least = LEAST_OVERLAPS[random.integer(LEAST_OVERLAPS.length)];
    if (least === undefined) return window;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const [width, height] = [0, 1].map(() => SMALLEST_CROP + (1 - SMALLEST_CROP) * random.next());
      const [x, y] = [(1 - width) * random.next(), (1 - height) * random.next()];
      if (width / height < 0.5 || width / height > 2) continue;
      const crop = {
        left: window.left + x * window.width,
        top: window.top + y * window.height,
        width: width * window.width,
        height: height * window.height,
      };
      const enough = boxes.some((box) => overlapOf(crop, box) >= least);
      if (enough && boxes.some((box) => holdsMiddle(crop, box))) return crop;
    }
  }
}

function holdsMiddle({ left, top, width, height }: Window, [x1, y1, x2, y2]: Corners): boolean {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return x > left && x < left + width && y > top && y < top + height;
}

function overlapOf({ left, top, width, height }: Window, [x1, y1, x2, y2]: Corners): number {
  const common = Math.max(0, Math.min(x2, left + width) - Math.max(x1, left)) *
    Math.max(0, Math.min(y2, top + height) - Math.max(y1, top));
  return common / (width * height + (x2 - x1) * (y2 - y1) - common);
}

/** Where a row or column of the result comes from: two neighbours and the second's share; -1 for outside. */
function sampling(start: number, length: number, size: number) {
  return Array.from({ length: size }, (_, index) => {
    const share = start + length * (index + 0.5) / size;
    if (share < 0 || share >= 1) return { first: -1, second: -1, share: 0 };
    const place = Math.min(size - 1, Math.max(0, share * size - 0.5));
    const first = Math.floor(place);
    return { first, second: Math.min(size - 1, first + 1), share: place - first };
  });
}

/**
 * Shows what lies in a window at the picture's own size, by bilinear interpolation.
 *
 * @param picture Left as it is
 * @param window What is seen; beyond the picture there is a plain colour
 * @returns A picture of the same size
 */
export function resampleWindow(
  { height, width, pixels }: Picture,
  window: Window,
): Picture {
  const rows = sampling(window.top, window.height, height);
  const columns = sampling(window.left, window.width, width);
  const seen = new Uint8Array(pixels.length);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const outside = row.first < 0 || column.first < 0;
      const [a, b] = [row.first * width, row.second * width];
      for (let channel = 0; channel < 3; channel++) {
        if (outside) {
          seen[to++] = FILL[channel];
          continue;
        }
        const at = (place: number) => pixels[3 * place + channel];
        const upper = at(a + column.first) * (1 - column.share) +
          at(a + column.second) * column.share;
        const lower = at(b + column.first) * (1 - column.share) +
          at(b + column.second) * column.share;
        seen[to++] = Math.round(upper * (1 - row.share) + lower * row.share);
      }
    }
  }
  return { height, width, pixels: seen };
}
