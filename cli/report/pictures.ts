/**
 * Clean, adversarial, restored pictures side by side.
 *
 * @module
 */
import { type KeptSample, type KeptSamples, SAMPLE_STATES } from "../files/samples.ts";
import { attackLabel } from "./labels.ts";
import { html, Markup } from "./markup.ts";

const TITLES = {
  clean: "Clean",
  adversarial: "Adversarial",
  restored: "Restored by G",
  difference: "Difference",
} as const;

/** A grid of pictures with what O says of each. */
export function pictureGrid({ attack, magnification, samples }: KeptSamples): Markup {
  return html`
    <section>
      <h2>Pictures</h2>
      <p>What O says of each picture stands below it. The difference is what ${attackLabel(
        attack,
      )} added to the clean picture, ${magnification} times as large, about middle grey.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Pictures">
        <table class="samples" style="--ratio:${ratioOf(samples[0])}">
          <thead>
            <tr><th scope="col">Truth</th>${SAMPLE_STATES.map((state) =>
              html`<th scope="col">${TITLES[state]}</th>`
            )}</tr>
          </thead>
          <tbody>${samples.map((sample) =>
            html`
              <tr><th scope="row">${sample.truth}<br>${sample.id}</th>${SAMPLE_STATES.map((state) =>
                pictureCell(sample, state)
              )}</tr>
            `
          )}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function pictureCell(sample: KeptSample, state: typeof SAMPLE_STATES[number]): Markup {
  const prediction = state === "difference" ? undefined : sample.predictions[state];
  const says = prediction === undefined ? "" : `, O says ${prediction}`;
  const wrong = prediction !== undefined && sample.truth !== "" &&
    !`${prediction} `.startsWith(`${sample.truth} `);
  const image = html`<img src="${dataUri(sample.pictures[state])}" alt="${
    TITLES[state]
  }: ${sample.truth}, ${sample.id}${says}">`;
  if (prediction === undefined) return html`<td>${image}</td>`;
  return html`<td>${image}<span${wrong && new Markup(' class="wrong"')}>${prediction}${
    wrong && " ✗"
  }</span></td>`;
}

function dataUri(png: Uint8Array): string {
  return `data:image/png;base64,${png.toBase64()}`;
}

/** Width by height, which a PNG tells in its first 24 bytes. */
function ratioOf({ pictures: { clean } }: KeptSample): string {
  const view = new DataView(clean.buffer, clean.byteOffset);
  return `${view.getUint32(16)} / ${view.getUint32(20)}`;
}
