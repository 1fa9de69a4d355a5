/**
 * How features of classes lie to each other, in numbers that need no eye (the paper's Fig. 1 and 6).
 *
 * @module
 */

/** Feature vectors with their classes. */
export interface LabelledVectors {
  /** N vectors of one length. */
  readonly vectors: readonly ArrayLike<number>[];
  /** N classes. */
  readonly classes: readonly number[];
}

/**
 * The mean Euclidean distance between the centres of a class in two sets, over the classes that both have:
 * what L_Falign (Eq. 7) makes small.
 *
 * @param set Some vectors, e.g. of adversarial images
 * @param reference Others of the same length, e.g. of clean images
 * @returns At least 0, in the units of the features; undefined if the sets have no class in common
 *
 * @example Usage
 * ```ts
 * import { centreDistance } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const clean = { vectors: [[0, 0], [2, 0]], classes: [3, 3] };
 * const moved = { vectors: [[1, 5]], classes: [3] };
 * assert.equal(centreDistance(moved, clean), 5);
 * ```
 */
export function centreDistance(
  set: LabelledVectors,
  reference: LabelledVectors,
): number | undefined {
  const [own, other] = [centresOf(set), centresOf(reference)];
  const distances = [...own].flatMap(([index, centre]) =>
    other.has(index) ? [distance(centre, other.get(index)!)] : []
  );
  return mean(distances);
}

/**
 * The mean silhouette (Rousseeuw 1987): near 1 where classes are compact and apart, near 0 where they
 * mix, below 0 where vectors lie nearer to another class. A vector that is alone in its class counts 0.
 *
 * @param set The vectors
 * @returns In `[-1, 1]`; undefined with fewer than two classes
 *
 * @example Usage
 * ```ts
 * import { silhouette } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const vectors = [[0], [1], [10], [11]];
 * assert.ok(silhouette({ vectors, classes: [0, 0, 1, 1] })! > 0.8);
 * assert.ok(silhouette({ vectors, classes: [0, 1, 0, 1] })! < 0);
 * ```
 */
export function silhouette({ vectors, classes }: LabelledVectors): number | undefined {
  if (new Set(classes).size < 2) return undefined;
  const values = vectors.map((vector, at) => {
    const distances = new Map<number, number[]>();
    for (const [index, other] of vectors.entries()) {
      if (index === at) continue;
      const group = distances.get(classes[index]) ?? [];
      group.push(distance(vector, other));
      distances.set(classes[index], group);
    }
    const within = mean(distances.get(classes[at]) ?? []);
    if (within === undefined) return 0;
    distances.delete(classes[at]);
    const nearest = Math.min(...[...distances.values()].map((group) => mean(group)!));
    const larger = Math.max(within, nearest);
    return larger === 0 ? 0 : (nearest - within) / larger;
  });
  return mean(values);
}

/**
 * The share of a vector's k nearest neighbours that are of its class, as a mean over vectors.
 *
 * @param set The vectors
 * @param neighbours k, at least 1; of fewer vectors, all others count
 * @returns In `[0, 1]`; undefined with fewer than two vectors
 *
 * @example Usage
 * ```ts
 * import { neighbourAgreement } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const vectors = [[0], [1], [10], [11]];
 * assert.equal(neighbourAgreement({ vectors, classes: [0, 0, 1, 1] }, 1), 1);
 * assert.equal(neighbourAgreement({ vectors, classes: [0, 1, 0, 1] }, 1), 0);
 * ```
 */
export function neighbourAgreement(
  { vectors, classes }: LabelledVectors,
  neighbours = 10,
): number | undefined {
  if (vectors.length < 2) return undefined;
  const shares = vectors.map((vector, at) => {
    const others = vectors
      .map((other, index) => ({ index, far: distance(vector, other) }))
      .filter(({ index }) => index !== at)
      .sort((a, b) => a.far - b.far)
      .slice(0, neighbours);
    return mean(others.map(({ index }) => classes[index] === classes[at] ? 1 : 0))!;
  });
  return mean(shares);
}

/** The mean vector of each class. */
function centresOf({ vectors, classes }: LabelledVectors): Map<number, number[]> {
  const groups = Map.groupBy(vectors.keys(), (at) => classes[at]);
  const centres = new Map<number, number[]>();
  for (const [index, rows] of groups) {
    const centre = Array.from(
      vectors[rows[0]],
      (_, place) => mean(rows.map((row) => vectors[row][place]))!,
    );
    centres.set(index, centre);
  }
  return centres;
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < a.length; place++) sum += (a[place] - b[place]) ** 2;
  return Math.sqrt(sum);
}

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
