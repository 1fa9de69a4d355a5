/**
 * Label maps and boxes on or beside a picture.
 *
 * @module
 */
import type { FoundBox } from "@realign/core";
import type { LegendEntry } from "../runs/sample_files.ts";
import { html, Markup } from "./markup.ts";

/** Width of a picture in the units of what is drawn on it; its height follows from its proportions. */
const UNITS = 300;
/** Of a box's name. */
const FONT = 13;

/** A colour in the words of CSS. */
export function cssColour([red, green, blue]: LegendEntry["colour"]): string {
  return `rgb(${red} ${green} ${blue})`;
}

/**
 * Boxes with class and score, to lie on a picture.
 *
 * @param boxes What was found, or is there
 * @param legend The classes with their colours
 * @param ratio Width by height of the picture
 */
export function boxesOn(
  boxes: readonly FoundBox[],
  legend: readonly LegendEntry[],
  ratio: number,
): Markup {
  const height = UNITS / ratio;
  const shapes = boxes.map(({ box: [x1, y1, x2, y2], class: index, score }) => {
    const { name, colour } = legend[index] ?? { name: `class ${index}`, colour: [0, 0, 0] };
    const [left, top] = [x1 * UNITS, y1 * height];
    const said = score === undefined ? name : `${name} ${Math.round(100 * score)}`;
    const place = `x="${left.toFixed(1)}" y="${top.toFixed(1)}"`;
    const size = `width="${((x2 - x1) * UNITS).toFixed(1)}" height="${
      ((y2 - y1) * height).toFixed(1)
    }"`;
    const text = `x="${(left + 2).toFixed(1)}" y="${Math.max(FONT, top + FONT).toFixed(1)}"`;
    return html`
      <rect ${new Markup(`${place} ${size}`)} stroke="${cssColour(colour)}" />
      <text ${new Markup(text)} fill="${cssColour(colour)}">${said}</text>
    `;
  });
  return html`
    <svg class="boxes" aria-hidden="true" viewBox="0 0 ${UNITS} ${height.toFixed(1)}"
      preserveAspectRatio="none">${shapes}</svg>
  `;
}

/** A list of names with a patch of colour each. */
export function legendList(
  entries: readonly { readonly name: string; readonly colour: string }[],
  label: string,
): Markup {
  return html`<ul class="legend" aria-label="${label}">${
    entries.map(({ name, colour }) => html`<li><i style="background:${colour}"></i>${name}</li>`)
  }</ul>`;
}
