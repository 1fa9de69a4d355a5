/**
 * From a detector's numbers to boxes: softmax, threshold, the best of each class, non-maximum
 * suppression a class at a time. Plain arithmetic on the host, and nothing else is needed: exported pages have this file.
 *
 * @module
 */
import type { FoundBox } from "@realign/core";

/** SSD's variances: of a centre's offset, in units of the prior's size, and of the logarithm of a size. */
export const VARIANCES: readonly [number, number] = [0.1, 0.2];

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
  /** `P * K`, in place of the logits' softmax. */
  readonly scores?: Float32Array;
}

/** Most that the logarithm of a side may grow by, torchvision's bound. */
const LARGEST_GROWTH = Math.log(1000 / 16);

/** Scores are counted in so many steps from 0 to 1. */
const BINS = 4096;

/** Candidates of a class: which priors, and how sure. */
interface Candidates {
  readonly priors: number[];
  readonly scores: number[];
}

/** All scores above the threshold. */
function gather(
  raw: RawDetections,
  count: number,
  classCount: number,
  threshold: number,
): Candidates[] {
  const found = Array.from({ length: classCount }, (): Candidates => ({ priors: [], scores: [] }));
  const add = (prior: number, index: number, score: number) => {
    if (!(score > threshold)) return;
    found[index].priors.push(prior);
    found[index].scores.push(score);
  };
  if (raw.scores) {
    raw.scores.forEach((score, at) => add(Math.floor(at / classCount), at % classCount, score));
  } else eachSoftmax(raw, count, classCount, threshold, add);
  return found;
}

/** Softmax: only priors whose background does not outweigh everything else are looked at closely. */
function eachSoftmax(
  { logits }: RawDetections,
  count: number,
  classCount: number,
  threshold: number,
  add: (prior: number, index: number, score: number) => void,
): void {
  const columns = classCount + 1;
  const exponentials = new Float64Array(columns);
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
    for (let column = 0; column < columns; column++) {
      sum += exponentials[column] = Math.exp(logits[start + column] - top);
    }
    for (let column = 1; column < columns; column++) {
      add(prior, column - 1, exponentials[column] / sum);
    }
  }
}

/** Places of the `most` greatest scores, the greatest first; of equal ones the earlier first. */
function best(scores: readonly number[], most: number): number[] {
  const descending = (a: number, b: number) => scores[b] - scores[a] || a - b;
  const least = scores.length > most ? boundOf(scores, most) : 0;
  const places: number[] = [];
  for (let place = 0; place < scores.length; place++) {
    if (scores[place] >= least) places.push(place);
  }
  return places.sort(descending).slice(0, most);
}

/** A score that at least `most` scores reach, and few more: counted in bins, so that only these are sorted. */
function boundOf(scores: readonly number[], most: number): number {
  const counts = new Int32Array(BINS + 1);
  for (let place = 0; place < scores.length; place++) counts[Math.floor(scores[place] * BINS)]++;
  let bin = BINS;
  for (let count = counts[bin]; count < most; count += counts[bin]) bin--;
  return bin / BINS;
}

/** Decodes one box: corners within the picture. */
function decode({ offsets, priors }: RawDetections, prior: number, into: Float32Array): void {
  const first = 4 * prior;
  const [width, height] = [priors[first + 2], priors[first + 3]];
  const x = priors[first] + offsets[first] * VARIANCES[0] * width;
  const y = priors[first + 1] + offsets[first + 1] * VARIANCES[0] * height;
  const grow = (offset: number) => Math.exp(Math.min(offset * VARIANCES[1], LARGEST_GROWTH)) / 2;
  const [right, down] = [width * grow(offsets[first + 2]), height * grow(offsets[first + 3])];
  const clip = (value: number) => value < 0 ? 0 : value > 1 ? 1 : value;
  into[0] = clip(x - right);
  into[1] = clip(y - down);
  into[2] = clip(x + right);
  into[3] = clip(y + down);
}

/** Takes boxes of one class, the best first, and says of each whether it is kept. */
type Suppressor = (corners: Float32Array) => boolean;

function createSuppressor(limit: number, most: number): Suppressor {
  // Corners and areas of the kept boxes, side by side.
  const others = new Float64Array(5 * most);
  let end = 0;
  return ([x1, y1, x2, y2]) => {
    const area = (x2 - x1) * (y2 - y1);
    for (let at = 0; at < end; at += 5) {
      const width = Math.min(x2, others[at + 2]) - Math.max(x1, others[at]);
      if (width <= 0) continue;
      const height = Math.min(y2, others[at + 3]) - Math.max(y1, others[at + 1]);
      if (height <= 0) continue;
      const shared = width * height;
      if (shared > limit * (area + others[at + 4] - shared)) return false;
    }
    others.set([x1, y1, x2, y2, area], end);
    end += 5;
    return true;
  };
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
  const classes = gather(raw, count, classCount, threshold).map(({ priors, scores }) => ({
    priors,
    scores,
    places: best(scores, candidates),
    next: 0,
    keeps: createSuppressor(overlap, Math.min(candidates, scores.length)),
  }));
  const found: Detection[] = [];
  const corners = new Float32Array(4);
  // The best of all classes first: what comes after the last one kept need not be looked at.
  while (found.length < detections) {
    let [first, score] = [-1, 0];
    for (const [index, { scores, places, next }] of classes.entries()) {
      if (next < places.length && scores[places[next]] > score) {
        [first, score] = [index, scores[places[next]]];
      }
    }
    if (first < 0) break;
    const own = classes[first];
    decode(raw, own.priors[own.places[own.next++]], corners);
    const [x1, y1, x2, y2] = corners;
    if (corners.some(Number.isNaN) || !own.keeps(corners)) continue;
    found.push({ box: [x1, y1, x2, y2], class: first, score });
  }
  return found;
}
