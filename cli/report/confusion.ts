/**
 * Confusion matrices as heat maps, with the most confused classes in words.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { comparedRows } from "./compared_rows.ts";
import { figure, NO_BREAK } from "./labels.ts";
import { html, Markup } from "./markup.ts";

/** Of more classes no map is drawn, only the most confused are named. */
const DRAWN = 20;
/** Of more classes no figures stand in the cells. */
const WITH_FIGURES = 10;
/** Confused classes that are named, below a map and without one. */
const NAMED = { below: 3, alone: 10 } as const;
/** Letters of a class's name that an axis has room for. */
const LETTERS = 12;
/** Height of letters. */
const FONT = 11;
/** Of a map without its axes, unless its classes need more. */
const WIDTH = 250;

/** True class by predicted class. */
type Counts = readonly (readonly number[])[];

/** Two classes, the true one and what it is taken for. */
interface Confused {
  readonly truth: number;
  readonly said: number;
  /** Of all that is of the true class. */
  readonly share: number;
}

/**
 * The confusions of an evaluation: clean and attacked, O alone and behind the subjects.
 *
 * @returns A section; undefined where the metric counts no confusions, or the evaluation has no names
 */
export function confusionMaps(evaluation: Evaluation): Markup | undefined {
  const names = evaluation.dataset.classNames;
  const controls = new Set(
    evaluation.systems.filter(({ role }) => role === "control").map(({ name }) => name),
  );
  const maps = comparedRows(evaluation).flatMap(({ label, row }) => {
    const counts = row.metric.details?.confusion;
    const isSquare = counts?.length === names?.length &&
      counts?.every((row) => row.length === counts.length);
    return counts && isSquare && !controls.has(row.system) ? [{ label, row, counts }] : [];
  });
  if (!names || maps.length === 0) return undefined;
  const isDrawn = names.length <= DRAWN;
  const named = isDrawn ? NAMED.below : NAMED.alone;
  return html`
    <section>
      <h2>Confusions</h2>
      <p class="caption">${isDrawn
        ? "Rows: the true class; columns: what O says. The stronger a colour, the more of the row; blue is right, red is wrong. Below, the classes that are confused most"
        : `The classes that are confused most, of ${names.length}`}, with the share of the true class in percent.</p>
      <div class="charts confusions">${maps.map(({ label, row, counts }) =>
        html`
          <figure>
            <figcaption>${label}, ${figure(row)}${NO_BREAK}%</figcaption>
            ${isDrawn && heatMap(counts, names, label)} ${confusedList(counts, names, named)}
          </figure>
        `
      )}
      </div>
    </section>
  `;
}

/** How much of its row a cell is; 0 in a row of nothing. */
function shareOf(counts: Counts, truth: number, said: number): number {
  const total = counts[truth].reduce((sum, count) => sum + count, 0);
  return total === 0 ? 0 : counts[truth][said] / total;
}

/** The classes that are confused most, the worst first. */
export function mostConfused(counts: Counts, most: number): Confused[] {
  return counts.flatMap((row, truth) =>
    row.flatMap((count, said) =>
      said !== truth && count > 0 ? [{ truth, said, share: shareOf(counts, truth, said) }] : []
    )
  ).sort((a, b) => b.share - a.share).slice(0, most);
}

/** A share in whole percent. */
function percentage(share: number): string {
  return `${Math.round(100 * share)}`;
}

function confusedList(counts: Counts, names: readonly string[], most: number): Markup {
  const confused = mostConfused(counts, most);
  if (confused.length === 0) return html`<p class="confused">Nothing is confused.</p>`;
  return html`<ol class="confused">${
    confused.map(({ truth, said, share }) =>
      html`<li>${names[truth]} → ${names[said]} ${percentage(share)} %</li>`
    )
  }</ol>`;
}

function heatMap(counts: Counts, names: readonly string[], label: string): Markup {
  const short = names.map((name) =>
    name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name
  );
  const margin = 0.62 * FONT * Math.max(...short.map(({ length }) => length)) + 6;
  const side = Math.max(FONT + 3, WIDTH / names.length);
  const at = (index: number, shift = 0) => (margin + side * index + shift).toFixed(1);
  const middle = (index: number, shift = 0) => at(index, side / 2 + shift);
  const [cell, frame, whole] = [side, side * names.length, margin + side * names.length + 1]
    .map((length) => length.toFixed(1));
  const beside = (margin - 5).toFixed(1);
  const cells = counts.map((row, truth) =>
    row.map((count, said) => {
      if (count === 0) return undefined;
      const share = shareOf(counts, truth, said);
      const kind = truth === said ? "hit" : "miss";
      const place = `x="${at(said)}" y="${at(truth)}" width="${cell}" height="${cell}"`;
      const text = `x="${middle(said)}" y="${middle(truth, FONT / 3)}"`;
      const hasFigure = names.length <= WITH_FIGURES && share >= 0.005;
      const told = `${names[truth]}, taken for ${names[said]}: ${count}, ${percentage(share)} %`;
      return html`
        <rect class="${kind}" ${new Markup(place)} style="--share:${share.toFixed(3)}">
          <title>${told}</title>
        </rect>${hasFigure && html`<text ${new Markup(text)}>${percentage(share)}</text>`}
      `;
    })
  );
  const axes = short.map((name, index) => {
    const row = `x="${beside}" y="${middle(index, FONT / 3)}"`;
    const column = `transform="translate(${middle(index, FONT / 3)} ${beside}) rotate(-90)"`;
    return html`
      <text class="row" ${new Markup(row)}>${name}</text>
      <text class="column" ${new Markup(column)}>${name}</text>
    `;
  });
  const right = names.map((name, at) => `${name} ${percentage(shareOf(counts, at, at))} %`);
  return html`
    <svg class="confusion" role="img" aria-label="${label}: right are ${right.join(", ")}"
      viewBox="0 0 ${whole} ${whole}" font-size="${FONT}">
      <rect class="frame" x="${at(0)}" y="${at(0)}" width="${frame}" height="${frame}" />
      ${cells}${axes}
    </svg>
  `;
}
