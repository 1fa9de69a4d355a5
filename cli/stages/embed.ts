/**
 * Vectors as points in the plane, by t-SNE (van der Maaten and Hinton 2008).
 *
 * @module
 */
import { TSNE } from "@saehrimnir/druidjs";

/** Steps of gradient descent. */
export const ITERATIONS = 500;
/** How many neighbours a vector has, about. */
const PERPLEXITY = 30;

/**
 * Embeds vectors.
 *
 * @param vectors N vectors of one length, finite; N at least 8
 * @param seed Where the points start
 * @param onStep Told how many of {@linkcode ITERATIONS} are done; may end the work by throwing
 * @returns N points in the unit square, with the greater extent from 0 to 1
 */
export async function embed(
  vectors: readonly ArrayLike<number>[],
  seed: number,
  onStep: (done: number) => Promise<void>,
): Promise<[number, number][]> {
  const perplexity = Math.min(PERPLEXITY, (vectors.length - 1) / 3);
  const rows = vectors.map((vector) => Array.from(vector));
  const steps = new TSNE(rows, { perplexity, d: 2, seed }).generator(ITERATIONS);
  let points: readonly ArrayLike<number>[] = [];
  let done = 0;
  for (const step of steps) {
    points = step;
    await onStep(++done);
  }
  return toUnitSquare(points);
}

/** Moves points into the unit square, in true proportions. */
function toUnitSquare(points: readonly ArrayLike<number>[]): [number, number][] {
  const ends = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const extent = Math.max(...ends.map(([low, high]) => high - low), 1e-9);
  const place = (point: ArrayLike<number>, axis: 0 | 1) =>
    Number(((point[axis] - ends[axis][0]) / extent).toFixed(4));
  return points.map((point) => [place(point, 0), place(point, 1)]);
}
