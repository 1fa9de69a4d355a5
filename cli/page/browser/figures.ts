/**
 * The pictures of the page, each with what is said of it.
 *
 * @module
 */
import type { Answer, DrawnBox } from "./answers.ts";
import { percentText } from "./classes.ts";
import { showData, showPixels, type Size } from "./pixels.ts";

/** A picture's name in the page. */
export type FigureName =
  | "clean"
  | "adversarial"
  | "restored"
  | "restored-clean"
  | "added"
  | "left";

/** What a figure shows. */
export interface FigureContent {
  readonly pixels: Float32Array;
  readonly answer?: Answer;
  /** How the answer differs from the clean image's; empty where it does not. */
  readonly change?: string;
  /** In place of an answer. */
  readonly note?: string;
}

const SVG = "http://www.w3.org/2000/svg";

/** Width of what is drawn on a picture. */
const UNITS = 300;

/** Most that a letter of a box's name takes of it. */
const LETTER = 9;

/** Shows a picture, or empties its place. */
export function showFigure(
  name: FigureName,
  size: Size,
  content: FigureContent | undefined,
): void {
  const figure = document.querySelector<HTMLElement>(`[data-figure="${name}"]`)!;
  const canvas = figure.querySelector("canvas")!;
  const title = figure.querySelector("h3")!.textContent;
  figure.classList.toggle("empty", content === undefined);
  figure.querySelectorAll("svg, canvas.map").forEach((one) => one.remove());
  const says = figure.querySelector(".says")!;
  says.replaceChildren();
  if (!content) {
    [canvas.width, canvas.height] = [size[1], size[0]];
    canvas.setAttribute("aria-label", `${title}: not there yet`);
    return;
  }
  const { pixels, answer, change = "", note = "" } = content;
  showPixels(canvas, pixels, size);
  const words = answer ? [answer.text, change].filter(Boolean).join(", ") : note;
  canvas.setAttribute("aria-label", `${title}: ${words}`);
  const frame = canvas.parentElement!;
  if (answer?.boxes) frame.append(boxesOn(answer.boxes, size));
  if (answer?.map) frame.append(mapCanvas(answer.map, `${title}: label map, ${words}`));
  says.append(...(answer ? saidParts(answer, change) : [paragraph(note)]));
}

function saidParts(answer: Answer, change: string): HTMLElement[] {
  const parts = answer.bars.length > 0 ? [barList(answer)] : [paragraph(answer.text)];
  if (change !== "") parts.push(paragraph(`✗ ${change}`, "wrong"));
  return parts;
}

function paragraph(text: string, className = ""): HTMLElement {
  const element = document.createElement("p");
  element.textContent = text;
  element.className = className;
  return element;
}

/** Classes with bars as long as their shares. */
function barList({ bars }: Answer): HTMLElement {
  const list = document.createElement("ol");
  list.className = "bars";
  for (const { name, share, colour } of bars) {
    const item = document.createElement("li");
    const [label, value] = [document.createElement("span"), document.createElement("span")];
    label.textContent = name;
    value.textContent = percentText(share);
    item.style.setProperty("--share", String(share));
    if (colour) item.style.setProperty("--colour", colour);
    item.append(label, value);
    list.append(item);
  }
  return list;
}

function mapCanvas(map: NonNullable<Answer["map"]>, label: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = "map";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  showData(canvas, map.data, map.size);
  return canvas;
}

/** Boxes with their names, to lie on a picture. */
function boxesOn(boxes: readonly DrawnBox[], [height, width]: Size): SVGElement {
  const tall = UNITS * height / width;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${UNITS} ${tall}`);
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("boxes");
  const add = (name: string, attributes: Record<string, string | number>, text = "") => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    svg.append(element);
  };
  for (const { box: [x1, y1, x2, y2], text, colour } of boxes) {
    const [x, y] = [x1 * UNITS, y1 * tall];
    const sides = { width: (x2 - x1) * UNITS, height: (y2 - y1) * tall };
    add("rect", { x, y, ...sides, class: "halo" });
    add("rect", { x, y, ...sides, stroke: colour });
    // Inside the picture, wherever the box is.
    const left = Math.max(3, Math.min(x + 3, UNITS - LETTER * text.length));
    const base = Math.min(tall - 4, Math.max(13, y + 13));
    add("text", { x: left, y: base, fill: colour }, text);
  }
  return svg;
}
