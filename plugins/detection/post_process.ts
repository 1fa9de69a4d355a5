/**
 * From a detector's numbers to boxes: softmax, threshold, the best of each class, non-maximum
 * suppression a class at a time. Plain arithmetic on the host.
 *
 * @module
 */
import type { FoundBox } from "@realign/core";
import { VARIANCES } from "./boxes.ts";

/** A box with its class and score. */
export type Detection = Required<FoundBox>;

/** How detections are picked; the defaults are torchvision's. */
export interface PostProcessing {
  /** Scores up to this are dropped. @default {0.01} */
  readonly threshold?: number;
  /** Most boxes of a class that are looked at, the best ones. @default {400} */
  readonly candidates?: number;
  /** A box that overlaps a better one of its class by more is dropped. @default {0.45} */
  readonly overlap?: number;
  /** Most boxes of a picture. @default {200} */
  readonly detections?: number;
}

/** What a detector says of one picture. */
export interface RawDetections {
  /** `P * (K + 1)` logits, the background's first. */
  readonly logits: Float32Array;
  /** `P * 4`. */
  readonly offsets: Float32Array;
  /** `P * 4` in centre form. */
  readonly priors: Float32Array;
}

/** Most that the logarithm of a side may grow by, torchvision's bound. */
const LARGEST_GROWTH = Math.log(1000 / 16);

/** Candidates of a class: which priors, and how sure. */
interface Candidates {
  readonly priors: number[];
  readonly scores: number[];
}

/** Softmax and threshold: only priors whose background does not outweigh everything else are looked at closely. */
function gather(
  { logits }: RawDetections,
  count: number,
  classCount: number,
  threshold: number,
): Candidates[] {
  const found = Array.from({ length: classCount }, (): Candidates => ({ priors: [], scores: [] }));
  const columns = classCount + 1;
  // p_k <= 1 / (1 + exp(z_background - z_k)), so below this margin no class comes above the threshold.
  const margin = threshold > 0 ? Math.log(1 / threshold - 1) + 1e-3 : Infinity;
  for (let prior = 0; prior < count; prior++) {
    const start = prior * columns;
    let greatest = logits[start + 1];
    for (let column = 2; column < columns; column++) {
      if (logits[start + column] > greatest) greatest = logits[start + column];
    }
    if (logits[start] - greatest > margin) continue;
    const top = Math.max(greatest, logits[start]);
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += Math.exp(logits[start + column] - top);
    // Below this no softmax comes above the threshold: spares most exponentials a second time.
    const least = threshold > 0 ? Math.log(threshold * sum) + top - 1e-3 : -Infinity;
    for (let column = 1; column < columns; column++) {
      if (logits[start + column] < least) continue;
      const score = Math.exp(logits[start + column] - top) / sum;
      if (score > threshold) {
        found[column - 1].priors.push(prior);
        found[column - 1].scores.push(score);
      }
    }
  }
  return found;
}

/** Places of the `most` greatest scores, the greatest first; of equal ones the earlier first. */
function best(scores: readonly number[], most: number): number[] {
  let places = Array.from(scores.keys());
  if (scores.length > most) {
    const last = Float64Array.from(scores).sort()[scores.length - most];
    places = places.filter((place) => scores[place] >= last);
  }
  return places.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, most);
}

/** Decodes one box: corners within the picture. */
function decode({ offsets, priors }: RawDetections, prior: number, into: Float32Array, at: number) {
  const first = 4 * prior;
  const [width, height] = [priors[first + 2], priors[first + 3]];
  const x = priors[first] + offsets[first] * VARIANCES[0] * width;
  const y = priors[first + 1] + offsets[first + 1] * VARIANCES[0] * height;
  const grow = (offset: number) => Math.exp(Math.min(offset * VARIANCES[1], LARGEST_GROWTH)) / 2;
  const [right, down] = [width * grow(offsets[first + 2]), height * grow(offsets[first + 3])];
  const clip = (value: number) => value < 0 ? 0 : value > 1 ? 1 : value;
  into[at] = clip(x - right);
  into[at + 1] = clip(y - down);
  into[at + 2] = clip(x + right);
  into[at + 3] = clip(y + down);
}

/**
 * Non-maximum suppression: goes through boxes from the best on, and drops what overlaps a kept one.
 *
 * @param corners `N * 4`, the best box first
 * @param limit Intersection over union from which on a box is dropped, itself excluded
 * @returns Places of the kept boxes, in order
 *
 * @example Usage
 * ```ts
 * import { suppressNonMaxima } from "@realign/detection";
 * import assert from "node:assert/strict";
 *
 * const corners = Float32Array.of(0, 0, 1, 1, 0, 0, 1, 0.9, 0.5, 0.5, 1, 1);
 * assert.deepEqual(suppressNonMaxima(corners, 0.45), [0, 2]);
 * ```
 */
export function suppressNonMaxima(corners: Float32Array, limit: number): number[] {
  const kept: number[] = [];
  for (let place = 0; place < corners.length / 4; place++) {
    const [x1, y1, x2, y2] = corners.subarray(4 * place, 4 * place + 4);
    const area = (x2 - x1) * (y2 - y1);
    let free = true;
    for (let index = 0; free && index < kept.length; index++) {
      const other = 4 * kept[index];
      const width = Math.min(x2, corners[other + 2]) - Math.max(x1, corners[other]);
      if (width <= 0) continue;
      const height = Math.min(y2, corners[other + 3]) - Math.max(y1, corners[other + 1]);
      if (height <= 0) continue;
      const shared = width * height;
      const otherArea = (corners[other + 2] - corners[other]) *
        (corners[other + 3] - corners[other + 1]);
      free = shared <= limit * (area + otherArea - shared);
    }
    if (free) kept.push(place);
  }
  return kept;
}

/**
 * Turns what a detector says of a picture into boxes, as torchvision's SSD does. A prior with a number
 * that is not one gives no box.
 *
 * @param raw Logits, offsets and priors of the picture
 * @param classCount K
 * @param settings Threshold, counts, overlap
 * @returns Boxes with class and score, the surest first
 *
 * @example Usage
 * ```ts
 * import { findBoxes } from "@realign/detection";
 * import assert from "node:assert/strict";
 *
 * const raw = {
 *   logits: Float32Array.of(0, Math.log(3), 9, 0),
 *   offsets: new Float32Array(8),
 *   priors: Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.2, 0.2, 0.1, 0.1),
 * };
 * const [only, ...others] = findBoxes(raw, 1);
 * assert.deepEqual(only.box, [0.25, 0.25, 0.75, 0.75]);
 * assert.equal(only.score.toFixed(2), "0.75");
 * assert.equal(others.length, 0);
 * ```
 */
export function findBoxes(
  raw: RawDetections,
  classCount: number,
  settings: PostProcessing = {},
): Detection[] {
  const { threshold = 0.01, candidates = 400, overlap = 0.45, detections = 200 } = settings;
  const count = raw.priors.length / 4;
  const found: Detection[] = [];
  for (const [index, { priors, scores }] of gather(raw, count, classCount, threshold).entries()) {
    const places = best(scores, candidates);
    const corners = new Float32Array(4 * places.length);
    places.forEach((place, at) => decode(raw, priors[place], corners, 4 * at));
    for (const at of suppressNonMaxima(corners, overlap)) {
      const [x1, y1, x2, y2] = corners.subarray(4 * at, 4 * at + 4);
      if ([x1, y1, x2, y2].some(Number.isNaN)) continue;
      found.push({ box: [x1, y1, x2, y2], class: index, score: scores[places[at]] });
    }
  }
  return found.sort((a, b) => b.score - a.score).slice(0, detections);
}
