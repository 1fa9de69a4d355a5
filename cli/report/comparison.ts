/**
 * Runs beside each other: what each attacker leaves of each.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import { textTable } from "../terminal/text_table.ts";
import { chartFigures } from "./chart_figures.ts";
import { figureCell } from "./figure_cell.ts";
import { intervalText, partText, rangeText } from "./figure_text.ts";
import { figureChart } from "./figure_chart.ts";
import { climbers, ladderOf } from "./ladder.ts";
import { attackLabel, brokenNote, figure, placeLabel, sentence } from "./labels.ts";
import { html } from "./markup.ts";
import { writePage } from "./page.ts";
import { resultTable } from "./result_table.ts";
import { warningList } from "./warning_list.ts";
import { withMarks } from "./warnings.ts";

/** A run and what was measured of it. */
export interface Measured {
  readonly run: string;
  readonly evaluation: Evaluation;
}

/** A line: a system of a run, or an O that runs share. */
export interface ComparedSystem {
  /** Absent for O alone. */
  readonly run?: string;
  readonly preset: string;
  readonly system: string;
  readonly title: string;
  /** By the attacker's title: the row of whatever leaves least. */
  readonly rungs: Readonly<Record<string, EvaluationRow>>;
}

/** A comparison. */
export interface Comparison {
  readonly metric: string;
  /** The attackers' titles, from the one who knows least. */
  readonly attackers: readonly string[];
  readonly systems: readonly ComparedSystem[];
  /** What makes figures of different runs no figures of one thing. */
  readonly warnings: readonly string[];
}

/**
 * Compares runs.
 *
 * @param given At least one
 * @returns O alone once for each O, then the systems of each run
 * @throws {RangeError} If runs are of different tasks or metrics
 */
export function compareRuns(given: readonly Measured[]): Comparison {
  const measured = given.map(({ run, evaluation }) => ({ run, evaluation: withMarks(evaluation) }));
  const [first] = measured;
  const metric = metricOf(first);
  for (const other of measured) {
    if (metricOf(other) === metric && other.evaluation.task === first.evaluation.task) continue;
    throw new RangeError(
      `Cannot compare ${other.run} (${other.evaluation.task}, ${
        metricOf(other)
      }) with ${first.run} (${first.evaluation.task}, ${metric}): runs must be of one task and metric`,
    );
  }
  const alone = new Map<string, ComparedSystem>();
  const systems: ComparedSystem[] = [];
  const attackers: string[] = [];
  for (const { run, evaluation } of measured) {
    const rungs = ladderOf(evaluation);
    rungs.forEach(({ title }, index) => {
      if (attackers.includes(title)) return;
      // Behind the one that it follows here.
      attackers.splice(attackers.indexOf(rungs[index - 1]?.title) + 1, 0, title);
    });
    for (const system of climbers(evaluation)) {
      const own = rungs.flatMap(({ title, rows }) => {
        const row = rows.get(system);
        return row ? [[title, row] as const] : [];
      });
      const line = {
        preset: evaluation.preset,
        system,
        title: placeLabel(evaluation, system),
        rungs: Object.fromEntries(own),
      };
      const { architecture, digest } = evaluation.target;
      if (system !== UNDEFENDED) systems.push({ run, ...line });
      else {
        const rungs = leastOf(alone.get(digest)?.rungs ?? {}, line.rungs);
        alone.set(digest, { ...line, title: `O alone, ${architecture}`, rungs });
      }
    }
  }
  return {
    metric,
    attackers,
    systems: [...alone.values(), ...systems],
    warnings: differencesOf(measured),
  };
}

/** What is left of one O, by what two runs measured of it. */
function leastOf(
  one: ComparedSystem["rungs"],
  other: ComparedSystem["rungs"],
): ComparedSystem["rungs"] {
  const least: Record<string, EvaluationRow> = { ...one };
  for (const [title, row] of Object.entries(other)) {
    if (!(title in least) || row.metric.value < least[title].metric.value) least[title] = row;
  }
  return least;
}

const metricOf = ({ evaluation: { rows } }: Measured) => rows[0]?.metric.name ?? "nothing";

/** What differs between runs besides their systems. */
function differencesOf(measured: readonly Measured[]): string[] {
  const facts: [string, (evaluation: Evaluation) => unknown][] = [
    ["on different images", ({ dataset: { digest, count } }) => [digest, count]],
    ["on different targets O", ({ target }) => target.digest],
    ["by different suites of attacks", ({ suite = "paper" }) => suite],
    [
      "with different epsilon",
      ({ rows }) => [...new Set(rows.flatMap(({ settings }) => settings?.epsilon ?? []))].sort(),
    ],
  ];
  const differ = facts.filter(([, of]) =>
    new Set(measured.map(({ evaluation }) => JSON.stringify(of(evaluation)))).size > 1
  ).map(([what]) => what);
  const attacks = measured.map(({ evaluation }) => attacksOf(evaluation));
  const others = [...new Set(attacks.flatMap((own) => [...own.keys()]))].filter((by) =>
    new Set(attacks.flatMap((own) => own.get(by) ?? [])).size > 1
  );
  const by = others.length > 0 ? [`by different attacks (${others.join(", ")})`] : [];
  return [...differ, ...by].map((what) =>
    `runs were measured ${what}: their figures are not of one thing`
  );
}

/** By attacker: the attacks and their settings, as text. */
function attacksOf({ rows }: Evaluation): Map<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { threatModel, substitute, attack, settings, curve } of rows) {
    if (!settings || curve) continue;
    const by = substitute === undefined ? threatModel : `${threatModel} from ${substitute}`;
    found.set(by, (found.get(by) ?? new Set()).add(JSON.stringify([attack, settings])));
  }
  return new Map([...found].map(([by, attacks]) => [by, [...attacks].sort().join()]));
}

const lineTitle = ({ run, title }: ComparedSystem) =>
  run === undefined ? title : `${run}: ${title}`;

/** What the marks beside figures mean; undefined where no figure has one. */
const marksOf = (systems: readonly ComparedSystem[]) =>
  brokenNote(systems.flatMap(({ rungs }) => Object.values(rungs)));

/** A comparison as text for a terminal. */
export function comparisonText({ metric, attackers, systems }: Comparison): string {
  const cell = (row: EvaluationRow | undefined) => {
    if (!row) return "";
    const part = partText(row);
    return `${figure(row)}${rangeText(row)}${part ? `, ${part}` : ""}`;
  };
  const heading = ["", ...attackers];
  const lines = systems.map((system) => [
    lineTitle(system),
    ...attackers.map((attacker) => cell(system.rungs[attacker])),
  ]);
  const broken = marksOf(systems);
  const caption = `${metric} in percent: the least that any attack of an attacker leaves`;
  return [`${caption}\n${textTable([heading, ...lines])}`, ...(broken ? [`${broken}.`] : [])]
    .join("\n\n");
}

/** A comparison as a page that needs nothing beside it: the table, and a chart an attacker. */
export async function comparisonPage(comparison: Comparison): Promise<string> {
  const { metric, attackers, systems, warnings } = comparison;
  const charts = await Promise.all(attackers.map((attacker) =>
    figureChart(
      attacker,
      systems.map(({ run, title, rungs }) => ({ name: run ?? title, row: rungs[attacker] })),
    )
  ));
  const broken = marksOf(systems);
  const body = html`
    <header>
      <h1>${systems.filter(({ run }) => run !== undefined).length} systems compared</h1>
      ${warningList(warnings.map((text) => `${text}.`))}
    </header>
    <main>
      <section>
        <h2>What each attacker leaves</h2>
        <p class="caption">${sentence(
          metric,
        )} in percent: the least that any attack of an attacker leaves; below it the 95 % interval and the attack.${broken !==
            undefined && ` ${broken}.`}</p>
        ${resultTable({
          label: "What each attacker leaves",
          corner: "System",
          columns: attackers,
          lines: systems.map((system) => ({
            title: html`${system.title}${
              system.run !== undefined &&
              html`<small>${system.run}</small>`
            }`,
            cells: attackers.map((attacker) => {
              const row = system.rungs[attacker];
              return row && figureCell(row, [
                intervalText(row),
                partText(row),
                row.threatModel !== "none" && attackLabel(row.attack),
              ]);
            }),
          })),
        })}
        ${chartFigures(charts, "ladder")}
      </section>
    </main>
  `;
  return writePage("Comparison", body);
}
