/**
 * Areas under curves of precision over recall.
 *
 * @module
 */

/** Detections of one class in the whole set, the surest first, without those that are ignored. */
export interface RankedHits {
  /** Whether each is a hit. */
  readonly hits: readonly boolean[];
  /** Boxes that there are to be found; at least 1. */
  readonly boxes: number;
}

/** A curve: after each detection, how many hits there were, and the precision from there on. */
interface Curve {
  readonly found: Int32Array;
  /** The greatest precision at this recall or a higher one. */
  readonly precision: Float64Array;
}

function curveOf({ hits }: RankedHits): Curve {
  const found = new Int32Array(hits.length);
  const precision = new Float64Array(hits.length);
  let count = 0;
  for (const [index, hit] of hits.entries()) {
    count += Number(hit);
    found[index] = count;
    precision[index] = count / (index + 1);
  }
  for (let index = hits.length - 2; index >= 0; index--) {
    precision[index] = Math.max(precision[index], precision[index + 1]);
  }
  return { found, precision };
}

/**
 * The precision at which so much is found: the greatest at each recall or a higher one, 0 where that
 * recall is never reached.
 *
 * @param ranked The detections
 * @param recalls Ascending, in `[0, 1]`
 * @returns A precision for each recall
 */
export function precisionAt(ranked: RankedHits, recalls: readonly number[]): number[] {
  const { found, precision } = curveOf(ranked);
  let index = 0;
  return recalls.map((recall) => {
    while (index < found.length && found[index] / ranked.boxes < recall) index++;
    return index < found.length ? precision[index] : 0;
  });
}

/**
 * The mean of the precisions at recalls 0, 1 / n, ..., 1: VOC 2007's average precision for n = 10, COCO's
 * for n = 100. Recalls are multiples of the rounded 1 / n, as in the references: 3 of 10 boxes do not reach 3 * .1.
 *
 * @param ranked The detections
 * @param parts n
 * @returns The average precision in `[0, 1]`
 */
export function sampledPrecision(ranked: RankedHits, parts: number): number {
  const recalls = Array.from({ length: parts + 1 }, (_, index) => index * (1 / parts));
  const values = precisionAt(ranked, recalls);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The area under the curve, precisions being the greatest at each recall or a higher one: VOC's average
 * precision since 2010.
 *
 * @param ranked The detections
 * @returns The average precision in `[0, 1]`
 */
export function areaUnderCurve(ranked: RankedHits): number {
  const { precision } = curveOf(ranked);
  let area = 0;
  for (const [index, hit] of ranked.hits.entries()) if (hit) area += precision[index];
  return area / ranked.boxes;
}
