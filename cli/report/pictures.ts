/**
 * Clean, adversarial and restored pictures side by side, with O's predictions: text, boxes or a label map.
 *
 * @module
 */
import {
  DRAWN_STATES,
  type KeptSample,
  type KeptSamples,
  type LegendEntry,
  SAMPLE_STATES,
} from "../runs/sample_files.ts";
import { boxesOn, cssColour, legendList } from "./overlays.ts";
import { columnLabel } from "./labels.ts";
import { html, Markup } from "./markup.ts";

const TITLES = {
  clean: "Clean",
  adversarial: "Adversarial",
  restored: "Restored",
  difference: "Difference",
} as const;

type Legend = readonly LegendEntry[];

/** A grid of pictures with O's predictions. */
export function pictureGrid(
  { attack, restoredBy, magnification, legend = [], samples }: KeptSamples,
): Markup {
  const [width, height] = sizeOf(samples[0].pictures.clean);
  const names = legendOf(legend);
  const hasMaps = samples.some(({ maps }) => maps);
  return html`
    <section>
      <h2>Example images</h2>
      <p>Adversarial images are made on O alone (${columnLabel({
        threatModel: "oblivious",
        attack,
      })})${restoredBy && ` and restored by ${restoredBy}`}; O's prediction is below each image. The
        difference is what the attack added, magnified ${magnification} times around middle grey.</p>
      ${names.length > 0 && legendList(
        hasMaps ? [...names, { name: "ignored", colour: "#fff" }] : names,
        "Class colours",
      )}
      <div class="scroll" tabindex="0" role="region" aria-label="Example images">
        <table class="samples${legend.length > 0 &&
          " drawn-on"}" style="--ratio:${width} / ${height}">
          <thead>
            <tr><th scope="col">Truth</th>${SAMPLE_STATES.map((state) =>
              html`<th scope="col">${TITLES[state]}</th>`
            )}</tr>
          </thead>
          <tbody>${samples.map((sample) =>
            html`
              <tr><th scope="row">${truthOf(sample, legend)}</th>${SAMPLE_STATES.map((state) =>
                pictureCell(sample, state, legend)
              )}</tr>
              ${mapRow(sample)}
            `
          )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

/** Classes and their colours, as a page has them. */
export function legendOf(legend: Legend): { name: string; colour: string }[] {
  return legend.map(({ name, colour }) => ({ name, colour: cssColour(colour) }));
}

/** The truth in words, and as boxes on the clean picture. */
function truthOf(sample: KeptSample, legend: Legend): Markup {
  const text = html`${sample.truth !== "" && html`${sample.truth}<br>`}${sample.id}`;
  if (!sample.boxes) return text;
  const alt = `${sample.boxes.truth.length} true boxes on ${sample.id}`;
  return html`${drawn(sample.pictures.clean, alt, sample.boxes.truth, legend)}<span>${text}</span>`;
}

/** A picture with boxes on it. */
function drawn(
  png: Uint8Array,
  alt: string,
  boxes: Parameters<typeof boxesOn>[0],
  legend: Legend,
): Markup {
  const [width, height] = sizeOf(png);
  return html`<div class="drawn"><img src="${dataUri(png)}" alt="${alt}">${
    boxesOn(boxes, legend, width / height)
  }</div>`;
}

function pictureCell(
  sample: KeptSample,
  state: typeof SAMPLE_STATES[number],
  legend: Legend,
): Markup {
  return html`<td data-label="${TITLES[state]}">${pictureOf(sample, state, legend)}</td>`;
}

/** An example in one of its states: the picture, with boxes if there are any, and below it what O says. */
export function pictureOf(
  sample: KeptSample,
  state: typeof SAMPLE_STATES[number],
  legend: Legend,
): Markup {
  const prediction = state === "difference" ? undefined : sample.predictions[state];
  const says = prediction === undefined ? "" : `, O says ${prediction}`;
  const wrong = prediction !== undefined && sample.truth !== "" &&
    !`${prediction} `.startsWith(`${sample.truth} `);
  const shown = [sample.truth, sample.id].filter((part) => part !== "").join(", ");
  const alt = `${TITLES[state]}: ${shown}${says}`;
  const boxes = state === "difference" ? undefined : sample.boxes?.[state];
  const image = boxes
    ? drawn(sample.pictures[state], alt, boxes, legend)
    : html`<img src="${dataUri(sample.pictures[state])}" alt="${alt}">`;
  if (prediction === undefined) return image;
  return html`${image}<span${wrong && new Markup(' class="wrong"')}>${prediction}${
    wrong && " ✗"
  }</span>`;
}

/** The label maps of an example, the truth first. */
function mapRow({ id, maps }: KeptSample): Markup | undefined {
  if (!maps) return undefined;
  const cells = DRAWN_STATES.map((state) => {
    const alt = state === "truth"
      ? `Label map of ${id}`
      : `O's label map for the ${state} image of ${id}`;
    const image = html`<img src="${dataUri(maps[state])}" alt="${alt}">`;
    return state === "truth"
      ? html`<th scope="row" data-label="Truth">${image}</th>`
      : html`<td data-label="${TITLES[state]}">${image}</td>`;
  });
  return html`<tr class="maps">${cells}<td></td></tr>`;
}

/** A PNG within a page. */
export function dataUri(png: Uint8Array): string {
  return `data:image/png;base64,${png.toBase64()}`;
}

/** Width and height, which a PNG tells in its first 24 bytes. */
export function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}
