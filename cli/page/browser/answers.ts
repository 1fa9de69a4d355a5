/**
 * What a target says of an image, in words and shapes.
 *
 * @module
 */
import { findBoxes } from "@realign/detection/post-process";
import type { View } from "../content.ts";
import { greatestNumbers, likeliest, percentText } from "./classes.ts";
import { agreement, classMap, mapColours, sharesOf } from "./label_map.ts";
import type { Outputs } from "./network.ts";
import type { Size } from "./pixels.ts";

/** A class with its share, for a bar. */
export interface Bar {
  readonly name: string;
  /** In `[0, 1]`. */
  readonly share: number;
  readonly colour?: string;
}

/** A box to draw; corners in `[0, 1]`. */
export interface DrawnBox {
  readonly box: readonly [number, number, number, number];
  readonly text: string;
  readonly colour: string;
}

/** What is shown of an output. */
export interface Answer {
  /** One line. */
  readonly text: string;
  /** What of it is compared with the clean image's, e.g. the class. */
  readonly verdict: string;
  readonly bars: readonly Bar[];
  readonly map?: {
    readonly classes: Uint8Array;
    readonly data: Uint8ClampedArray<ArrayBuffer>;
    readonly size: Size;
  };
  readonly boxes?: readonly DrawnBox[];
}

/** Classes that are listed. */
const LISTED = 3;

/** Boxes with at least this score are shown. */
const SHOWN = 0.5;

/** Numbers of an output without a known kind that are listed. */
const NUMBERS = 4;

/** Reads outputs as the view says. */
export function answerOf(view: View, outputs: Outputs): Answer {
  const [first] = view.outputs.map((name) => outputs[name]);
  if (first.some(Number.isNaN)) return { text: "not a number", verdict: "", bars: [] };
  if (view.kind === "classes") return classAnswer(view, first);
  if (view.kind === "label-map") return mapAnswer(view, first);
  if (view.kind === "boxes") return boxAnswer(view, outputs);
  const text = `${view.outputs[0]}: ${greatestNumbers(first, NUMBERS)}`;
  return { text, verdict: text, bars: [] };
}

function classAnswer({ classNames }: View, scores: Float32Array): Answer {
  const bars = likeliest(scores, LISTED)
    .map(({ index, confidence }) => ({ name: classNames[index], share: confidence }));
  const [{ name, share }] = bars;
  return { text: `${name} ${percentText(share)}`, verdict: name, bars };
}

function mapAnswer({ classNames, colours, shape }: View, scores: Float32Array): Answer {
  const [, height, width, classCount] = shape;
  const classes = classMap(scores, classCount);
  const bars = sharesOf(classes).slice(0, LISTED).map(({ index, share }) => ({
    name: classNames[index],
    share,
    colour: colours[index],
  }));
  const text = bars.map(({ name, share }) => `${name} ${percentText(share)}`).join(", ");
  const data = mapColours(classes, colours);
  return { text, verdict: "", bars, map: { classes, data, size: [height, width] } };
}

function boxAnswer({ classNames, colours }: View, outputs: Outputs): Answer {
  const { logits, offsets, priors } = outputs;
  const found = findBoxes({ logits, offsets, priors }, classNames.length, { threshold: SHOWN });
  const boxes = found.map(({ box, class: index, score }) => ({
    box,
    text: `${classNames[index]} ${percentText(score)}`,
    colour: colours[index],
  }));
  const names = found.map(({ class: index }) => classNames[index]).sort();
  const text = boxes.length === 0 ? "nothing" : boxes.map(({ text }) => text).join(", ");
  return { text, verdict: names.join(), bars: [], boxes };
}

/**
 * How an answer differs from that on the clean image, in words; empty where it is the same.
 *
 * @param answer On another image
 * @param clean On the clean image
 */
export function changeOf(answer: Answer, clean: Answer): string {
  if (!answer.map || !clean.map) return answer.verdict === clean.verdict ? "" : "changed";
  const share = agreement(answer.map.classes, clean.map.classes);
  return share === 1 ? "" : `${percentText(1 - share)} of the pixels changed`;
}
