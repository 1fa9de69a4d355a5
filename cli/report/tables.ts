/**
 * The figures of an evaluation as tables: defense by attack, one table a threat model.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { attackLabel, defenseLabel, percent, settingsLine, THREAT_MODELS } from "./labels.ts";
import { html, type Markup } from "./markup.ts";

/** All result tables, with what each threat model means. */
export function resultTables(evaluation: Evaluation, paperTable: string): Markup {
  const models = (["oblivious", "whitebox"] as const)
    .filter((model) => evaluation.rows.some(({ threatModel }) => threatModel === model));
  const clean = evaluation.rows.filter(({ attack }) => attack === "clean");
  if (models.length === 0) return table("Results", "", clean, paperTable);
  return html`${
    models.map((model) => {
      const attacked = evaluation.rows.filter(({ threatModel }) => threatModel === model);
      const defenses = new Set(attacked.map(({ defense }) => defense));
      const rows = [...clean.filter(({ defense }) => defenses.has(defense)), ...attacked];
      const { title, text } = THREAT_MODELS[model];
      return table(title, text, rows, paperTable);
    })
  }`;
}

/** A table of defenses by attacks. */
function table(
  title: string,
  text: string,
  rows: readonly EvaluationRow[],
  paperTable: string,
): Markup {
  const attacks = [...new Set(rows.map(({ attack }) => attack))];
  const hasWorst = attacks.includes("worst case");
  const defenses = [...new Set(rows.map(({ defense }) => defense))];
  const counts = new Set(rows.map(({ metric }) => metric.count));
  const hasPaper = rows.some(({ paper }) => paper !== undefined);
  const metric = rows[0]?.metric.name ?? "";
  const find = (defense: string, attack: string) =>
    rows.find((row) => row.defense === defense && row.attack === attack);
  const below = [
    rows.some(({ metric }) => metric.interval) && "the 95 % interval",
    hasPaper && `in italics, the paper’s figure (${paperTable})`,
  ].filter((part) => part !== false);
  const notes = [
    `${metric} in percent${counts.size === 1 ? `, n = ${[...counts][0]}` : ""}`,
    below.length > 0 && `below it ${below.join(" and, ")}`,
    hasWorst &&
    "worst case: an example counts only if it comes out right clean and under every attack of the table",
  ].filter((note) => note !== false);
  const heading = attacks.map((attack) => html`<th scope="col">${attackLabel(attack)}</th>`);
  const lines = defenses.map((defense) =>
    html`
      <tr>
        <th scope="row">${defenseLabel(defense)}</th>
        ${attacks.map((attack) => cell(find(defense, attack), counts.size > 1))}
      </tr>
    `
  );
  return html`
    <section>
      <h2>${title}</h2>
      ${text !== "" && html`<p>${text}</p>`}
      <p class="caption">${sentence(notes.join("; "))}.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="${title}: results">
        <table class="results">
          <thead><tr><th scope="col">Defense</th>${heading}</tr></thead>
          <tbody>${lines}</tbody>
        </table>
      </div>
    </section>
  `;
}

function cell(row: EvaluationRow | undefined, withCount: boolean): Markup {
  if (!row) return html`<td class="empty"><span aria-label="not measured">–</span></td>`;
  const { value, count, interval } = row.metric;
  return html`<td style="--share:${value.toFixed(3)}"><b>${percent(value)}</b>${
    interval && html`<small>${percent(interval[0])} – ${percent(interval[1])}</small>`
  }${withCount && html`<small>n = ${count}</small>`}${
    row.paper !== undefined && html`<small class="paper">paper ${row.paper.toFixed(1)}</small>`
  }</td>`;
}

/** Begins with a capital, unless the first word has one already: "mIoU" stays. */
function sentence(text: string): string {
  return /^[a-z]+[A-Z]/.test(text) ? text : `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** Every attack with its exact settings, greatest change of a pixel and time. */
export function attackTable(evaluation: Evaluation): Markup {
  const attacked = evaluation.rows.filter(({ settings }) => settings !== null);
  const shown = new Map(
    attacked.map((row) => [`${row.threatModel} ${row.attack} ${settingsLine(row)}`, row]),
  );
  const largest = (row: EvaluationRow) =>
    Math.max(
      ...attacked
        .filter(({ threatModel, attack }) =>
          threatModel === row.threatModel && attack === row.attack
        )
        .map(({ maxPerturbation }) => maxPerturbation),
    );
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Attack settings">
      <table>
        <thead>
          <tr>
            <th scope="col">Attack</th>
            <th scope="col">Threat model</th>
            <th scope="col">Settings</th>
            <th scope="col">Greatest change of a pixel</th>
          </tr>
        </thead>
        <tbody>${[...shown.values()].map((row) =>
          html`
            <tr>
              <th scope="row">${attackLabel(row.attack)}</th>
              <td>${row.threatModel}</td>
              <td>${settingsLine(row)}</td>
              <td class="number">${largest(row).toFixed(5)}</td>
            </tr>
          `
        )}
        </tbody>
      </table>
    </div>
  `;
}
