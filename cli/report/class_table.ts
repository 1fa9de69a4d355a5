/**
 * A metric's value for each class, as bars.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { comparedRows } from "./compared_rows.ts";
import { percent } from "./labels.ts";
import { html, type Markup } from "./markup.ts";

/** From more classes on the table is folded away. */
const SHOWN = 30;

/** A table of classes; undefined where a metric says nothing of classes, or the evaluation has no names. */
export function classTable(evaluation: Evaluation): Markup | undefined {
  const names = evaluation.dataset.classNames;
  const rows = comparedRows(evaluation)
    .filter(({ row }) => row.metric.details?.perClass?.length === names?.length);
  if (!names || rows.length === 0) return undefined;
  const lines = names.map((name, index) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        ${rows.map(({ row }) => cell(row.metric.details?.perClass?.[index] ?? null))}
      </tr>
    `
  );
  const table = html`
    <div class="scroll" tabindex="0" role="region" aria-label="Results by class">
      <table class="results classes">
        <thead>
          <tr>
            <th scope="col">Class</th>
            ${rows.map(({ label }) => html`<th scope="col">${label}</th>`)}
          </tr>
        </thead>
        <tbody>${lines}</tbody>
      </table>
    </div>
  `;
  return html`
    <section>
      <h2>Results by class</h2>
      <p class="caption">${metricOf(
        rows[0].row.metric.name,
      )} per class in percent; a dash marks a class absent from the data.</p>
      ${names.length > SHOWN
        ? html`<details><summary>${names.length} classes</summary>${table}</details>`
        : table}
    </section>
  `;
}

/** What a mean over classes is the mean of. */
function metricOf(name: string): string {
  const parts: Readonly<Record<string, string>> = { mIoU: "IoU", mAP: "Average precision" };
  return parts[name] ?? `${name[0].toUpperCase()}${name.slice(1)}`;
}

function cell(value: number | null): Markup {
  if (value === null) return html`<td class="empty"><span aria-label="absent">–</span></td>`;
  return html`<td style="--share:${value.toFixed(3)}">${percent(value)}</td>`;
}
