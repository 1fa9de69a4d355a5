/**
 * From files of class numbers to label maps of the wanted size.
 *
 * @module
 */
import { IGNORED_CLASS, type LabelMap } from "@realign/core";
import type { Region } from "./decode.ts";
import type { Indices } from "./png_indices.ts";

/**
 * How pictures of other proportions than the wanted ones are fitted: stretched, cut around the centre, or left at
 * their own size, for an augmentation or windows that make them the wanted one.
 */
export type Fit = "stretch" | "cover" | "native";

/** The part of a picture that is shown. */
export function regionOf(
  [height, width]: readonly [number, number],
  [wantedHeight, wantedWidth]: readonly [number, number],
  fit: Fit,
): Region {
  if (fit !== "cover") return { left: 0, top: 0, height, width };
  const scale = Math.max(wantedHeight / height, wantedWidth / width);
  const shownHeight = Math.max(1, Math.min(height, Math.round(wantedHeight / scale)));
  const shownWidth = Math.max(1, Math.min(width, Math.round(wantedWidth / scale)));
  return {
    left: Math.floor((width - shownWidth) / 2),
    top: Math.floor((height - shownHeight) / 2),
    height: shownHeight,
    width: shownWidth,
  };
}

/** What a number in a file means: a class, or nothing that counts. Absent: it must not be there. */
export type ClassTable = ReadonlyMap<number, number>;

/** Numbers 0 to K - 1 are the classes, `ignored` ones do not count. */
export function plainClasses(count: number, ignored: readonly number[]): ClassTable {
  const table = new Map(ignored.map((value) => [value, IGNORED_CLASS]));
  for (let value = 0; value < count; value++) table.set(value, value);
  return table;
}

/** Marks a number that must not be there. */
const UNKNOWN = 254;

/**
 * Takes the wanted part of a file's numbers at the wanted size, by nearest neighbour, as classes.
 *
 * @param indices The file's numbers
 * @param table What they mean
 * @param region The part that is taken
 * @param size `[height, width]` of the label map
 * @param name What errors call the file
 * @throws {Error} If any number of the file, taken or not, means nothing; one line that names it
 */
export function toLabelMap(
  { height, width, values }: Indices,
  table: ClassTable,
  region: Region,
  [wantedHeight, wantedWidth]: readonly [number, number],
  name: string,
): LabelMap {
  const meaning = Uint8Array.from({ length: 256 }, (_, value) => table.get(value) ?? UNKNOWN);
  const wrong = values.findIndex((value) => meaning[value] === UNKNOWN);
  if (wrong >= 0) {
    throw new Error(
      `Cannot use ${name} as its labels must be ${
        rangesOf([...table.keys()])
      }: current value at row ${Math.floor(wrong / width)}, column ${
        wrong % width
      } of ${height}x${width} is ${values[wrong]}`,
    );
  }
  const classes = new Uint8Array(wantedHeight * wantedWidth);
  const columns = Uint32Array.from(
    { length: wantedWidth },
    (_, x) => region.left + Math.floor((x + 0.5) * region.width / wantedWidth),
  );
  for (let y = 0; y < wantedHeight; y++) {
    const row = (region.top + Math.floor((y + 0.5) * region.height / wantedHeight)) * width;
    for (let x = 0; x < wantedWidth; x++) {
      classes[y * wantedWidth + x] = meaning[values[row + columns[x]]];
    }
  }
  return { height: wantedHeight, width: wantedWidth, classes };
}

/** Numbers in words: "0 to 11 or 255". */
function rangesOf(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const value of sorted) {
    const last = ranges.at(-1);
    if (last && last[1] === value - 1) last[1] = value;
    else ranges.push([value, value]);
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first} to ${last}`)
    .join(" or ");
}
