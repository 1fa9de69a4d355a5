/**
 * An exported page as HTML.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { alarmList } from "../report/alarms.ts";
import { legendList } from "../report/overlays.ts";
import { html, Markup } from "../report/markup.ts";
import { writePage } from "../report/page.ts";
import { warningList } from "../report/warning_list.ts";
import type { ExportFacts } from "../stages/export_facts.ts";
import type { PageContent, ViewKind } from "./content.ts";
import { figuresSection } from "./figures_section.ts";
import { inElement } from "./link.ts";
import { pageStyle } from "./page_style.ts";

/** Everything that a page is made of. */
export interface PageSource {
  readonly facts: ExportFacts;
  /** For its alarms. */
  readonly evaluation: Pick<Evaluation, "alarms"> | undefined;
  readonly content: PageContent;
  /** What was compared when the page was written, in a sentence without its end. */
  readonly checked: string;
  /** JavaScript of the page and of its worker. */
  readonly scripts: { readonly page: string; readonly worker: string };
  /** Gzip in base64, by name. */
  readonly packed: Readonly<Record<string, string>>;
}

/** What a page may do: run what is in it, and reach nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:",
  "worker-src blob:",
  "connect-src blob:",
  "img-src data: blob:",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The pictures in order: name, title. */
const FIGURES = [
  ["clean", "Clean"],
  ["adversarial", "Adversarial"],
  ["restored", "Restored"],
  ["restored-clean", "Clean, restored"],
  ["added", "Adversarial − clean"],
  ["left", "Restored − clean"],
] as const;

const SAID: Readonly<Record<ViewKind, string>> = {
  classes: "the likeliest classes with their confidences",
  "label-map": "its label map, and the classes that cover most of it",
  boxes: "the boxes that it finds with a confidence of at least 50 %",
  numbers: "the greatest numbers of its output",
};

/** Writes the page: one HTML file that needs nothing beside it. */
export function pageMarkup(source: PageSource): string {
  const { facts, content, evaluation } = source;
  const head = html`<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  const [height, width] = content.size;
  const rules = `${pageStyle}:root { --ratio: ${width} / ${height}; }
.frame canvas { aspect-ratio: var(--ratio); }\n`;
  const body = [
    pageHeader(source),
    html`
      <main>
        <noscript><p>This page computes by JavaScript, which is off.</p></noscript>
        ${imageSection(content)} ${attackForm(content)} ${resultSection(content)}
        ${figuresSection(facts, evaluation && alarmList(evaluation))}
      </main>
      ${pageFooter(source)} ${embedded(source)}
    `,
  ];
  return writePage(`Attack ${facts.preset}`, body, rules, { kind: "page", head });
}

function pageHeader({ facts, evaluation }: PageSource): Markup {
  const { preset, task, target, dataset, run } = facts;
  const alarms = evaluation?.alarms?.length ?? 0;
  return html`
    <header>
      <h1>Attack ${preset}</h1>
      <p class="lead">${[task, `target ${target}`, `data ${dataset}`, `run ${run}`].join(" · ")}</p>
      <p>A target network, and before it a defense that restores images. Attack the target alone, as whoever does not
        know the defense, or both, as whoever does. Everything is computed in this browser; nothing leaves it.</p>
      ${warningList(facts.warnings)} ${alarms > 0 &&
        html`<p><a href="#figures-title">${
          alarms === 1 ? "An alarm was" : `${alarms} alarms were`
        } raised</a> by what was measured.</p>`}
    </header>
  `;
}

function imageSection({ samples, size: [height, width] }: PageContent): Markup {
  return html`
    <section aria-labelledby="image-title">
      <h2 id="image-title">Image</h2>
      <div class="samples-list">
        ${samples.map(({ id, truth, image }) =>
          html`
            <button type="button" class="sample"
              aria-pressed="false"><img src="${image}" alt="Sample ${id}${truth !== "" &&
                `: ${truth}`}"></button>
          `
        )}
        <label class="drop"><span>Drop a picture here, or choose a file</span><input type="file" id="file" accept="image/*"></label>
      </div>
      <p
        class="caption">Test images, drawn by the run's seed. A picture of yours is stretched to ${width} x ${height} pixels.</p>
    </section>
  `;
}

function attackForm({ epsilon, seed }: PageContent): Markup {
  return html`
    <form id="form" aria-labelledby="attack-title">
      <h2 id="attack-title">Attack</h2>
      <div class="settings">
        <fieldset>
          <legend>What the attacker knows</legend>
          <label
            class="choice"><input type="radio" name="attacked" id="attack-target" checked><span>The target alone
            <small>oblivious: the gradient is the target's</small></span></label>
          <label
            class="choice"><input type="radio" name="attacked" id="attack-system"><span>The defense too
            <small>whitebox: the gradient goes through both</small></span></label>
        </fieldset>
        <div class="field">
          <label for="epsilon">Epsilon <output id="epsilon-value" for="epsilon"></output></label>
          <input type="range" id="epsilon" min="0" max="32" step="1" value="${epsilon}">
          <small>No number of the image changes by more. A step is a quarter of it.</small>
        </div>
        <div class="field">
          <label for="steps">Steps of PGD</label>
          <input type="number" id="steps" min="1" max="200" step="1" value="20" required>
          <label
            class="choice"><input type="checkbox" id="random-start" checked><span>Begin at a random point (seed ${seed})</span></label>
        </div>
        <div class="field">
          <label for="engine">Engine</label>
          <select id="engine">
            <option value="">choose for me</option>
            ${["webgpu", "webgl", "wasm", "cpu"].map((name) =>
              html`<option value="${name}">${name}</option>`
            )}
          </select>
          <small id="engine-used" role="status"></small>
        </div>
      </div>
      <div class="actions">
        <button class="main" id="attack" disabled>Attack</button>
        <button type="button" id="stop" disabled>Stop</button>
        <progress id="progress" max="1" value="0" aria-label="Steps of the attack"></progress>
        <span id="gain"></span>
      </div>
      <p id="status" role="status">Loading …</p>
      <p id="problem" role="alert" hidden></p>
    </form>
  `;
}

function resultSection({ view: { kind, classNames, colours } }: PageContent): Markup {
  const legend = classNames.map((name, index) => ({ name, colour: colours[index] }));
  return html`
    <section id="results" aria-labelledby="results-title">
      <h2 id="results-title">What the target says</h2>
      <p class="caption">Below each picture: ${SAID[
        kind
      ]}. A restored picture is what the target sees behind the
        defense. ✗ marks what differs from the clean image's.</p>
      ${kind === "label-map" && legendList(legend, "Class colours")}
      <div class="${kind === "boxes" ? "figures boxed" : "figures"}">${FIGURES.map((
        [name, title],
      ) =>
        html`
          <figure data-figure="${name}" class="empty">
            <h3>${title}</h3>
            <div class="frame">
              <canvas role="img" aria-label="${title}: not there yet"></canvas>
            </div>
            <figcaption class="says"></figcaption>
          </figure>
        `
      )}</div>
    </section>
  `;
}

function pageFooter({ facts, checked }: PageSource): Markup {
  return html`
    <footer>
      Made by ${facts.producer} from run ${facts
        .run}; ${checked}. The file holds the weights of the target and the defense, and
      the samples above: mind the licence of the data before you pass it on.
    </footer>
  `;
}

/** What the scripts read, and the page's own. */
function embedded({ content, packed, scripts }: PageSource): Markup {
  const json = JSON.stringify(content).replaceAll("<", "\\u003c");
  const part = (name: string, type: string, text: string) =>
    new Markup(`<script type="${type}" id="embedded-${name}">${text}</script>\n`);
  return html`
    ${part("content", "application/json", json)}
    ${Object.entries(packed).map(([name, text]) => part(name, "application/gzip", text))}
    ${part("worker", "text/plain", inElement(scripts.worker))}
    ${new Markup(`<script type="module">\n${inElement(scripts.page)}</script>`)}
  `;
}
