/**
 * One image through every defense of a table.
 *
 * @module
 */
import { columnLabel } from "../../cli/report/labels.ts";
import { html, type Markup } from "../../cli/report/markup.ts";
import { legendList } from "../../cli/report/overlays.ts";
import { dataUri, legendOf, pictureOf, sizeOf } from "../../cli/report/pictures.ts";
import type { RunStore } from "../../cli/runs/run_store.ts";
import { type KeptSample, type KeptSamples, readSamples } from "../../cli/runs/sample_files.ts";
import { rowLabel } from "./markdown.ts";
import type { FinishedCell } from "./plan.ts";
import type { PaperTable } from "./paper_table.ts";

/** The first of a run's examples, which all runs of a grid share; undefined where it kept none. */
export function readExample(store: RunStore): Promise<KeptSamples | undefined> {
  return readSamples(store, 1);
}

/** How pictures stand beside each other: captions, pictures, words and label maps in rows of their own. */
export const exampleStyle = `
.samples.through { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .25rem 1rem;
  max-width: none; min-width: 0; }
.through figure { display: grid; grid-template-rows: subgrid; grid-row: span 4; padding-bottom: .75rem; }
.through figcaption { align-self: end; font-size: .85rem; font-weight: 500; padding-bottom: .25rem; }`;

/**
 * Shows one image as it is, attacked, and as each defense restores it, with what O says.
 *
 * @param cells Of a grid; those of the first seed are shown, where they were attacked alike
 * @param table Has their names
 * @returns Undefined where no cell has pictures
 */
export function exampleSection(
  cells: readonly FinishedCell[],
  { rows }: Pick<PaperTable, "rows">,
): Markup | undefined {
  const kept = cells.flatMap(({ cell, seed, example }) =>
    example && example.samples.length > 0 && seed === cells[0].seed
      ? [{ name: cell.name, example, sample: example.samples[0] }]
      : []
  );
  if (kept.length === 0) return undefined;
  const [{ example: { attack, legend = [] }, sample: first }] = kept;
  const alike = kept.filter(({ example, sample }) =>
    example.attack === attack && sample.id === first.id
  );
  const [width, height] = sizeOf(first.pictures.clean);
  const shown = (title: string, sample: KeptSample, state: "clean" | "adversarial" | "restored") =>
    html`<figure><figcaption>${title}</figcaption>${pictureOf(sample, state, legend)}${
      sample.maps &&
      html`<img src="${dataUri(sample.maps[state])}" alt="O's label map, ${title}">`
    }</figure>`;
  const titleOf = (name: string) => {
    const row = rows.find((row) => row.name === name);
    return row ? rowLabel(row) : name;
  };
  const truth = first.truth === "" ? "" : ` It shows: ${first.truth}.`;
  return html`
    <section>
      <h2>One image through every defense</h2>
      <p>The first example by seed, ${first.id}, attacked on O alone (${columnLabel({
        threatModel: "oblivious",
        attack,
      })}); O’s prediction is below each image.${truth}</p>
      ${legend.length > 0 && legendList(legendOf(legend), "Class colours")}
      <div class="samples through" style="--ratio:${width} / ${height}">
        ${shown("Clean", first, "clean")} ${shown("Attacked", first, "adversarial")}
        ${alike.map(({ name, sample }) => shown(titleOf(name), sample, "restored"))}
      </div>
    </section>
  `;
}
