/**
 * A metric's value for each class, as bars.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { comparedRows } from "./compared_rows.ts";
import { ALARMED, brokenNote, percent } from "./labels.ts";
import { html, type Markup } from "./markup.ts";
import { type Cell, resultTable } from "./result_table.ts";

/** From more classes on the table is folded away. */
const SHOWN = 30;

/** A table of classes; undefined where a metric says nothing of classes, or the evaluation has no names. */
export function classTable(evaluation: Evaluation): Markup | undefined {
  const names = evaluation.dataset.classNames;
  const rows = comparedRows(evaluation)
    .filter(({ row }) => row.metric.details?.perClass?.length === names?.length);
  if (!names || rows.length === 0) return undefined;
  const note = brokenNote(rows.map(({ row: { alarms } }) => ({ alarms })));
  const table = resultTable({
    label: "Results by class",
    corner: "Class",
    columns: rows.map(({ label, row }) => row.alarms ? `${label} ${ALARMED}` : label),
    lines: names.map((name, index) => ({
      title: name,
      cells: rows.map(({ row }) => cell(row.metric.details?.perClass?.[index] ?? null)),
    })),
    missing: "absent",
    dense: true,
  });
  return html`
    <section>
      <h2>Results by class</h2>
      <p class="caption">${metricOf(
        rows[0].row.metric.name,
      )} per class in percent; a dash marks a class absent from the data${note && `; ${note}`}.</p>
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

function cell(value: number | null): Cell | undefined {
  return value === null ? undefined : { content: percent(value), share: value };
}
