/**
 * What was measured of the run, as a part of an exported page.
 *
 * @module
 */
import { attackLabel, brokenNote, figure, percent, sentence } from "../report/labels.ts";
import { html, type Markup } from "../report/markup.ts";
import type { ExportFacts } from "../stages/export_facts.ts";

/**
 * Writes the figures in the order in which they were measured.
 *
 * @param facts Of the run
 * @param alarms What speaks against the figures, as HTML
 */
export function figuresSection({ figures }: ExportFacts, alarms: Markup | undefined): Markup {
  if (figures.length === 0) {
    return html`
      <section>
        <h2>Figures of the run</h2>
        <p>Nothing was measured: <code>realign evaluate RUN</code> does.</p>
      </section>
    `;
  }
  const note = brokenNote(figures);
  return html`
    <section aria-labelledby="figures-title">
      <h2 id="figures-title">Figures of the run</h2>
      <p class="caption">Measured by the command line on many images: what one image shows here is no measurement.</p>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="figures-title">
        <table class="stacked">
          <thead><tr>
            ${["Attack", "Attacker", "Metric", "With the defense, %", "Without, %", "Images"].map((
              name,
            ) => html`<th scope="col">${name}</th>`)}
          </tr></thead>
          <tbody>${figures.map((
            { threatModel, attack, metric, value, undefended, count, alarms },
          ) =>
            html`
              <tr>
                <th scope="row">${attackLabel(attack)}</th>
                <td data-label="Attacker">${threatModel === "none" ? "nobody" : threatModel}</td>
                <td data-label="Metric">${metric}</td>
                <td class="number" data-label="With the defense, %">${figure({
                  metric: { value },
                  alarms,
                })}</td>
                <td class="number" data-label="Without, %">${undefended === undefined
                  ? "–"
                  : percent(undefended)}</td>
                <td class="number" data-label="Images">${count}</td>
              </tr>
            `
          )}</tbody>
        </table>
      </div>
      ${note !== undefined && html`<p class="caption">${sentence(note)}.</p>`} ${alarms}
    </section>
  `;
}
