/**
 * O's features in four states as maps, with the numbers that they show (the paper's Fig. 1 and 6).
 *
 * @module
 */
import {
  FEATURE_STATES,
  type FeatureMeasures,
  type FeatureState,
  type KeptFeatures,
} from "../runs/feature_file.ts";
import { attackLabel } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { cssColour, legendList } from "./overlays.ts";

const TITLES: Readonly<Record<FeatureState, string>> = {
  clean: "xᶜ, clean",
  adversarial: "xᵃ, adversarial",
  restoredClean: "x̂ᶜ, clean, restored",
  restored: "x̂ᵃ, adversarial, restored",
};

/** Width and height of a map. */
const SIZE = 200;

/** Colours of few classes, which can be told apart on light and on dark paper. */
const PALETTE = [
  "#3f7fd9",
  "#e08a1e",
  "#2f9e63",
  "#d9534f",
  "#8a5fd0",
  "#a8743a",
  "#e377c2",
  "#8b929a",
  "#b5b823",
  "#1fb5c9",
];

/** Maps and table of features. */
export function featureSection(features: KeptFeatures): Markup {
  const { attack, restoredBy, legend, classes, images } = features;
  const colours = coloursOf(legend, classes);
  return html`
    <section>
      <h2>Features of O</h2>
      <p>
        ${classes
          .length} feature vectors of ${images} test images drawn by seed, in the colour of their
        true class: a t-SNE of all four states at once, so that places can be compared. Attack on O
        alone: ${attackLabel(attack)}. Restored by: ${restoredBy}. A defense that works has
        x̂ᵃ where xᶜ is.
      </p>
      ${legendList(
        [...colours].map(([index, colour]) => ({ name: nameOf(legend, index), colour })),
        "Class colours",
      )}
      <div class="charts maps">${FEATURE_STATES.map((state) => map(features, state, colours))}</div>
      <p class="caption">
        In all ${features.length} dimensions. Distance: between the centres of a class here and in
        xᶜ, averaged over classes. Silhouette: 1 where classes are compact and apart, 0 where they
        mix. Neighbours: share of the 10 nearest that are of the same class.
      </p>
      <div class="scroll" tabindex="0" role="region" aria-label="Features in numbers">
        <table>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Distance</th>
              <th scope="col">Silhouette</th>
              <th scope="col">Neighbours</th>
            </tr>
          </thead>
          <tbody>${FEATURE_STATES.map((state) =>
            line(TITLES[state], features.measures[state])
          )}</tbody>
        </table>
      </div>
    </section>
  `;
}

/** Classes that occur, by number, and a colour for each: the data set's own where they are many. */
function coloursOf(
  legend: KeptFeatures["legend"],
  classes: readonly number[],
): Map<number, string> {
  const present = [...new Set(classes)].sort((a, b) => a - b);
  return new Map(present.map((index, place) => {
    const own = legend[index]?.colour ?? [128, 128, 128];
    return [index, present.length <= PALETTE.length ? PALETTE[place] : cssColour(own)];
  }));
}

function nameOf(legend: KeptFeatures["legend"], index: number): string {
  return legend[index]?.name ?? `class ${index}`;
}

/** A state's points, one group a class. */
function map(
  { legend, classes, points }: KeptFeatures,
  state: FeatureState,
  colours: ReadonlyMap<number, string>,
): Markup {
  const groups = [...colours].map(([index, colour]) => {
    const rows = [...classes.keys()].filter((at) => classes[at] === index);
    const dots = rows.map((row) => dot(points[state][row]));
    return html`<g fill="${colour}"><title>${nameOf(legend, index)}</title>${dots}</g>`;
  });
  return html`
    <figure role="img" aria-label="Map of ${TITLES[state]}">
      <figcaption>${TITLES[state]}</figcaption>
      <svg aria-hidden="true" viewBox="-4 -4 ${SIZE + 8} ${SIZE + 8}">${groups}</svg>
    </figure>
  `;
}

function dot([x, y]: readonly [number, number]): Markup {
  return html`
    <circle cx="${(SIZE * x).toFixed(1)}" cy="${(SIZE * y).toFixed(1)}" r="2.2" />
  `;
}

function line(
  title: string,
  { centreDistance, silhouette, neighbourAgreement }: FeatureMeasures,
): Markup {
  const values = [
    centreDistance?.toPrecision(3),
    silhouette?.toFixed(2),
    neighbourAgreement === null ? undefined : `${(100 * neighbourAgreement).toFixed(0)} %`,
  ];
  return html`<tr><th scope="row">${title}</th>${
    values.map((value) => html`<td class="number">${value ?? "–"}</td>`)
  }</tr>`;
}
