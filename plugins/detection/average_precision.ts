/**
 * Mean average precision over a set of pictures, from boxes in host memory.
 *
 * @module
 */
import type { Box, FoundBox, MetricResult } from "@realign/core";
import { type Corners, matchAsCoco, matchAsVoc, type Outcome } from "./detection_matching.ts";
import {
  areaUnderCurve,
  precisionAt,
  type RankedHits,
  sampledPrecision,
} from "./precision_recall.ts";

/** Which average precision is the metric's value. */
export type Protocol =
  /** VOC 2007's: at 11 recalls, intersection over union above .5. */
  | "voc-11"
  /** VOC's since 2010: the area under the curve. */
  | "voc-area"
  /** COCO's: at 101 recalls, the mean over thresholds .5, .55, ..., .95. */
  | "coco";

/** How average precision is computed. */
export interface AveragePrecisionOptions {
  /** @default {"voc-11"} */
  readonly protocol?: Protocol;
  /** Most detections of a class in a picture that COCO's takes, the surest. @default {100} */
  readonly mostDetections?: number;
}

/** Gathers pictures, and says how well their boxes were found. */
export interface AveragePrecision {
  /** Takes a picture in: what was found in it, after non-maximum suppression, and what is there. */
  add(found: readonly Required<FoundBox>[], truth: readonly Box[]): void;
  /** The figures of all pictures so far. Throws RangeError where none holds a box to be found. */
  result(): MetricResult;
}

/** VOC's threshold. */
const HALF = 0.5;
/** COCO's thresholds. */
const thresholds = Array.from({ length: 10 }, (_, index) => 0.5 + 0.05 * index);
/** Detections with at least this score count for `atHalf`. */
const SURE = 0.5;
/** Recalls at which curves are kept. */
const curveRecalls = Array.from({ length: 51 }, (_, index) => index / 50);

/** Detections of one class in all pictures. */
interface ClassRecord {
  /** Boxes that count. */
  boxes: number;
  readonly voc: { readonly score: number; readonly outcome: Outcome }[];
  /** The surest of each picture, with an outcome for each threshold. */
  readonly coco: { readonly score: number; readonly outcomes: readonly Outcome[] }[];
}

/** The surest first; of equal ones that which came first. */
function rank<Entry extends { readonly score: number }>(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => b.score - a.score);
}

function hitsOf(outcomes: readonly Outcome[], boxes: number): RankedHits {
  const counted = outcomes.filter((outcome) => outcome !== "ignored");
  return { hits: counted.map((outcome) => outcome === "hit"), boxes };
}

/** The mean of what is known; 0 of nothing. */
function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * Makes a mean average precision.
 *
 * VOC: a detection goes for the box of its class that it overlaps most and hits it at an intersection over
 * union above .5; a second hit is false; detections on difficult boxes count neither way. COCO: see
 * `matchAsCoco`; its difficult boxes are the crowds. Boxes are areas between edges, without VOC's extra
 * pixel. Classes without a box that counts are left out of the mean. Detections whose score or corners
 * are not numbers are dropped and counted.
 *
 * `details` holds `perClass` (`[K]` of the chosen protocol, null for a class left out), `protocol`, `voc11`,
 * `vocArea`, `coco` and `coco50` (the means of each way; COCO's at .5 alone), `boxes` (how many count),
 * `atHalf` (`recall` and `precision` over all classes of detections with a score from .5 on, at VOC's .5: the first
 * falls where objects vanish, the second where they are made up; precision is null where nothing is found),
 * `notANumber`, and `curves` of precision over recall at VOC's .5, a class each.
 *
 * @param classCount K
 * @param options Protocol, most detections
 * @returns It; its result's `count` is the number of images
 *
 * @example Usage
 * ```ts
 * import { createAveragePrecision } from "./average_precision.ts";
 * import assert from "node:assert/strict";
 *
 * const precision = createAveragePrecision(1);
 * const cat = { box: [0, 0, 0.5, 0.5], class: 0, difficult: false } as const;
 * const wrong = { box: [0.5, 0.5, 1, 1], class: 0, score: 0.9 } as const;
 * precision.add([{ ...cat, score: 0.8 }, wrong], [cat]);
 * assert.equal(precision.result().value, 0.5);
 * ```
 */
export function createAveragePrecision(
  classCount: number,
  { protocol = "voc-11", mostDetections = 100 }: AveragePrecisionOptions = {},
): AveragePrecision {
  const records = Array.from({ length: classCount }, (): ClassRecord => ({
    boxes: 0,
    voc: [],
    coco: [],
  }));
  let [count, notANumber] = [0, 0];
  return {
    add(found, truth) {
      const usable = found.filter(({ score, box }) =>
        Number.isFinite(score) && box.every(Number.isFinite)
      );
      notANumber += found.length - usable.length;
      count++;
      for (const [index, record] of records.entries()) {
        const own = rank(usable.filter((detection) => detection.class === index));
        const there = truth.filter((box) => box.class === index);
        record.boxes += there.filter(({ difficult }) => !difficult).length;
        const corners = own.map(({ box }): Corners => box);
        for (const [at, outcome] of matchAsVoc(corners, there, HALF).entries()) {
          record.voc.push({ score: own[at].score, outcome });
        }
        const surest = corners.slice(0, mostDetections);
        const matched = matchAsCoco(surest, there, thresholds);
        for (const at of surest.keys()) {
          record.coco.push({ score: own[at].score, outcomes: matched.map((row) => row[at]) });
        }
      }
    },
    result() {
      const figures = records.map(measure);
      if (figures.every((figure) => figure === null)) {
        throw new RangeError("Cannot compute the mAP as no box that counts was added");
      }
      const perProtocol = {
        "voc-11": figures.map((figure) => figure && figure.voc11),
        "voc-area": figures.map((figure) => figure && figure.vocArea),
        coco: figures.map((figure) => figure && mean(figure.coco)),
      };
      return {
        name: "mAP",
        value: mean(perProtocol[protocol]),
        count,
        details: {
          perClass: perProtocol[protocol],
          protocol,
          voc11: mean(perProtocol["voc-11"]),
          vocArea: mean(perProtocol["voc-area"]),
          coco: mean(perProtocol.coco),
          coco50: mean(figures.map((figure) => figure && figure.coco[0])),
          boxes: records.reduce((sum, { boxes }) => sum + boxes, 0),
          atHalf: measureSure(records),
          notANumber,
          curves: {
            axes: ["recall", "precision"],
            lines: figures.map((figure) => figure && figure.curve),
          },
        },
      };
    },
  };
}

/** Recall and precision of detections that are sure, over all classes. */
function measureSure(
  records: readonly ClassRecord[],
): { readonly recall: number; readonly precision: number | null } {
  const sure = records.flatMap(({ voc }) => voc.filter(({ score }) => score >= SURE));
  const count = (wanted: Outcome) => sure.filter(({ outcome }) => outcome === wanted).length;
  const [hits, made] = [count("hit"), count("false")];
  const boxes = records.reduce((sum, record) => sum + record.boxes, 0);
  return { recall: hits / boxes, precision: hits + made === 0 ? null : hits / (hits + made) };
}

/** The figures of one class. */
interface ClassFigures {
  readonly voc11: number;
  readonly vocArea: number;
  /** At each of COCO's thresholds. */
  readonly coco: readonly number[];
  readonly curve: readonly (readonly [number, number])[];
}

function measure({ boxes, voc, coco }: ClassRecord): ClassFigures | null {
  if (boxes === 0) return null;
  const ranked = hitsOf(rank(voc).map(({ outcome }) => outcome), boxes);
  const sorted = rank(coco);
  return {
    voc11: sampledPrecision(ranked, 10),
    vocArea: areaUnderCurve(ranked),
    coco: thresholds.map((_, index) =>
      sampledPrecision(hitsOf(sorted.map(({ outcomes }) => outcomes[index]), boxes), 100)
    ),
    curve: precisionAt(ranked, curveRecalls)
      .map((value, index) => [curveRecalls[index], Number(value.toFixed(4))]),
  };
}
