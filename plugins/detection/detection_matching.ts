/**
 * Which detections of one class in one picture are hits: as PASCAL VOC counts, and as COCO does.
 *
 * @module
 */
import type { Box } from "@realign/core";

/** What a detection is worth: "ignored" if it found something that does not count. */
export type Outcome = "hit" | "false" | "ignored";

/** Left, top, right, bottom. */
export type Corners = readonly [number, number, number, number];

function area([x1, y1, x2, y2]: Corners): number {
  return (x2 - x1) * (y2 - y1);
}

/**
 * How much a detection and a box of the truth overlap: intersection over union; over the detection's own
 * area where the box holds a crowd.
 */
export function overlap(found: Corners, truth: Corners, crowd = false): number {
  const width = Math.min(found[2], truth[2]) - Math.max(found[0], truth[0]);
  const height = Math.min(found[3], truth[3]) - Math.max(found[1], truth[1]);
  if (!(width > 0 && height > 0)) return 0;
  const shared = width * height;
  return shared / (crowd ? area(found) : area(found) + area(truth) - shared);
}

/**
 * VOC's way: a detection goes for the box that it overlaps most, and hits it where that is by more than
 * the threshold, unless a surer one has. On a difficult box it is ignored.
 *
 * @param found Detections of one class, the surest first
 * @param truth Boxes of that class
 * @param threshold Intersection over union that must be exceeded
 * @returns An outcome for each detection
 */
export function matchAsVoc(
  found: readonly Corners[],
  truth: readonly Box[],
  threshold: number,
): Outcome[] {
  const taken = new Set<number>();
  return found.map((box): Outcome => {
    let [best, most] = [-1, threshold];
    for (const [index, other] of truth.entries()) {
      const share = overlap(box, other.box);
      if (share > most) [best, most] = [index, share];
    }
    if (best < 0) return "false";
    if (truth[best].difficult) return "ignored";
    if (taken.has(best)) return "false";
    taken.add(best);
    return "hit";
  });
}

/**
 * COCO's way: a detection hits that box, of those that are left, which it overlaps most, where that is by
 * the threshold or more. Difficult boxes are gone for only where there is no other, and are ignored; a
 * crowd may be hit by many.
 *
 * @param found Detections of one class, the surest first
 * @param truth Boxes of that class
 * @param thresholds Least intersections over union
 * @returns For each threshold an outcome for each detection
 */
export function matchAsCoco(
  found: readonly Corners[],
  truth: readonly Box[],
  thresholds: readonly number[],
): Outcome[][] {
  const boxes = truth.toSorted((a, b) => Number(a.difficult) - Number(b.difficult));
  const shares = found.map((box) => boxes.map((other) => overlap(box, other.box, other.crowd)));
  return thresholds.map((threshold) => {
    const taken = new Set<number>();
    return shares.map((row): Outcome => {
      let [best, most] = [-1, Math.min(threshold, 1 - 1e-10)];
      for (const [index, { difficult, crowd }] of boxes.entries()) {
        if (taken.has(index) && !crowd) continue;
        if (difficult && best >= 0 && !boxes[best].difficult) break;
        if (row[index] >= most) [best, most] = [index, row[index]];
      }
      if (best < 0) return "false";
      taken.add(best);
      return boxes[best].difficult ? "ignored" : "hit";
    });
  });
}
