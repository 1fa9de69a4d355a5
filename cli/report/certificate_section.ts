/**
 * Certificates in a report: certified accuracy over the radius, as a curve and in figures.
 *
 * @module
 */
import { certifiedAccuracy, largestRadius } from "@realign/core/certify";
import type { Certification } from "../runs/certificate_file.ts";
import { certifiedColumns, certifiedFigures, certifiedWords } from "./certificate_words.ts";
import { drawLines, lineColour } from "./line_chart.ts";
import { sentence } from "./labels.ts";
import { html, Markup } from "./markup.ts";
import { legendList } from "./overlays.ts";
import { resultTable } from "./result_table.ts";

/** Points of a curve. */
const POINTS = 200;

/** The section of a run's certificates. */
export async function certificateSection(certification: Certification): Promise<Markup> {
  const { systems, examples, settings, results } = certification;
  // A little further than any radius can be, so that the fall to 0 is seen.
  const end = 1.05 * largestRadius(settings);
  const radii = Array.from({ length: POINTS + 1 }, (_, point) => end * point / POINTS);
  const lines = systems.map(({ name }) => {
    const own = examples.map(({ label, certificates }) => ({ label, ...certificates[name] }));
    return certifiedAccuracy(own, radii).shares
      .map(({ radius, value }): [number, number] => [radius, value]);
  });
  const svg = await drawLines(lines, {
    titles: ["L2 radius", "certified accuracy"],
    domain: [0, end],
  });
  const described = systems.map(({ name, title }) => {
    const told = results[name].shares.map(({ radius, value }) =>
      `${(100 * value).toFixed(0)} % at ${radius}`
    );
    return `${title}: ${told.join(", ")}`;
  });
  return html`
    <section class="certificates">
      <h2>Certified radii</h2>
      <p>
        ${certifiedWords(certification).map((text) => `${sentence(text)}. `)}
        This is a proof for a network asked many times under noise, not for one that is asked once.
      </p>
      ${legendList(
        systems.map(({ title }, index) => ({ name: title, colour: lineColour(index) })),
        "Lines",
      )}
      <div class="charts">
        <figure role="img" aria-label="Certified accuracy over the L2 radius. ${described
          .join("; ")}">
          <figcaption>Certified accuracy over the L2 radius</figcaption>${new Markup(svg)}
        </figure>
      </div>
      <p class="caption">
        Certified accuracy in percent: the share of images whose certified class is right and whose
        radius is no smaller. Mean radius: 0 counts for all others. Below a figure, its 95 %
        interval.
      </p>
      ${resultTable({
        label: "Certified accuracy by radius",
        corner: "Defense",
        columns: certifiedColumns(certification).map(sentence),
        lines: systems.map(({ name, title }) => ({
          title,
          cells: certifiedFigures(results[name]).map(({ text, interval, share }) => ({
            content: html`<b>${text}</b>${interval !== "" && html`<small>${interval}</small>`}`,
            share,
          })),
        })),
      })}
    </section>
  `;
}
