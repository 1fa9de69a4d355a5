/**
 * A class for each pixel.
 *
 * @module
 */

/** The likeliest class of each of N pixels, of scores `[N, K]`. */
export function classMap(scores: Float32Array, classCount: number): Uint8Array {
  const map = new Uint8Array(scores.length / classCount);
  for (let pixel = 0; pixel < map.length; pixel++) {
    const first = pixel * classCount;
    for (let index = 1; index < classCount; index++) {
      if (scores[first + index] > scores[first + map[pixel]]) map[pixel] = index;
    }
  }
  return map;
}

/** The classes of a map with the shares of its pixels, the largest first. */
export function sharesOf(map: Uint8Array): { readonly index: number; readonly share: number }[] {
  const counts = new Map<number, number>();
  for (const index of map) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts].map(([index, count]) => ({ index, share: count / map.length }))
    .sort((a, b) => b.share - a.share);
}

/** The share of pixels in which two maps agree. */
export function agreement(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((count, index, pixel) => count + Number(index === other[pixel]), 0) /
    one.length;
}

/**
 * A map as a picture.
 *
 * @param colours "rgb(r g b)" for each class
 * @returns RGBA
 */
export function mapColours(
  map: Uint8Array,
  colours: readonly string[],
): Uint8ClampedArray<ArrayBuffer> {
  const table = colours.map((colour) => (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number));
  const data = new Uint8ClampedArray(4 * map.length);
  map.forEach((index, pixel) => data.set([...table[index], 255], 4 * pixel));
  return data;
}
