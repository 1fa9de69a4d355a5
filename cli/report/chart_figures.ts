/**
 * Charts as figures of a page, described for those who cannot see them.
 *
 * @module
 */
import type { Chart } from "./charts.ts";
import { html, Markup } from "./markup.ts";

/**
 * Writes charts beside each other.
 *
 * @param charts In their order
 * @param kind Another class of the grid, as the style has it
 */
export function chartFigures(charts: readonly Chart[], kind = ""): Markup {
  return html`
    <div class="charts ${kind}">${charts.map(({ title, description, svg }) =>
      html`
        <figure role="img" aria-label="${description}"><figcaption>${title}</figcaption>${new Markup(
          svg,
        )}</figure>
      `
    )}
    </div>
  `;
}
