/**
 * What an evaluation comes to, in two sentences.
 *
 * @module
 */
import {
  type EvaluatedSystem,
  type Evaluation,
  type EvaluationRow,
  isWorstCase,
  SUBMITTED,
  UNDEFENDED,
} from "@realign/core";
import {
  leastOf,
  leastRow,
  otherThreatModels,
  sameAttack,
  strongestRow,
  subjectsOf,
  worstRow,
} from "./compared_rows.ts";
import { attackLabel, columnLabel, figure, placeLabel, sentence } from "./labels.ts";
import { timePerImage } from "./times.ts";

/** The column of clean images. */
const CLEAN = { threatModel: "none", attack: "clean" } as const;

/** More attacks are counted. */
const MOST_NAMED = 3;

/** Attackers whose threat model is no word for them. */
const WHO: Readonly<Record<string, string>> = {
  whitebox: "an attacker who knows the defense",
  [SUBMITTED]: "who handed in images",
};

/**
 * Says for each subject what it keeps on clean and on attacked images, by the same attack on both sides; what
 * all attackers together leave; what an attacker who knows it leaves, or that this was not measured; and what it
 * costs per image.
 *
 * @param evaluation What was measured
 * @returns A text of two sentences for each subject; of O alone where there is none
 */
export function verdictOf(evaluation: Evaluation): string[] {
  const subjects = subjectsOf(evaluation);
  if (evaluation.rows.length === 0) return [];
  if (subjects.length === 0) return [ofTarget(evaluation)];
  return subjects.map((subject) =>
    `${kept(evaluation, subject)} ${known(evaluation, subject)}${cost(evaluation, subject)}.`
  );
}

/** The attack on O alone that a headline compares both sides by, and the one that leaves a subject least. */
export function headlineAttacks(
  { rows }: Pick<Evaluation, "rows">,
  subject: string,
): { readonly shown?: EvaluationRow; readonly least?: EvaluationRow } {
  const strongest = strongestRow(rows);
  const shown = strongest && sameAttack(rows, strongest, subject);
  const least = leastRow(rows, "oblivious", subject);
  return least && shown && figure(least) !== figure(shown) ? { shown, least } : {
    shown: shown ?? least,
  };
}

/** What O has by itself in the same column: " (99.0 % without it)". */
function alone(rows: readonly EvaluationRow[], row: EvaluationRow): string {
  const other = sameAttack(rows, row, UNDEFENDED);
  return other ? ` (${figure(other)} % without it)` : "";
}

function kept(evaluation: Evaluation, { name }: EvaluatedSystem): string {
  const { rows } = evaluation;
  const clean = sameAttack(rows, CLEAN, name);
  const { shown, least } = headlineAttacks(evaluation, name);
  const { name: metric } = rows[0].metric;
  const parts = [
    clean && `${figure(clean)} % ${metric} on clean images${alone(rows, clean)}`,
    shown && `${figure(shown)} % under ${columnLabel(shown)}${alone(rows, shown)}`,
  ].filter((part) => part !== undefined);
  const worst = least
    ? `; the least that oblivious attacks leave is ${figure(least)} % (${inText(least)})`
    : "";
  const together = allTogether(evaluation, name);
  const missing = shown ? "" : "; it was not measured under attacks on O alone (oblivious)";
  const told = `O keeps ${parts.join(" and ")}`;
  return `${placeLabel(evaluation, name)}, ${told}${together}${worst}${missing}.`;
}

/** What all attackers together leave; nothing where the oblivious one alone was tried. */
function allTogether(evaluation: Evaluation, name: string): string {
  const row = worstRow(evaluation, name);
  if (!row || otherThreatModels(evaluation, name).length === 0) return "";
  const which = row.attack === "worst case"
    ? ""
    : isWorstCase(row)
    ? " (chosen per picture)"
    : ` (${columnLabel(row)})`;
  return `; the worst case over all attackers is ${figure(row)} %${which}${partText(row)}`;
}

/** How many examples a figure is of, where time was over before all were measured, and which attacks it lacks. */
export function partText({ measured, metric, without = [] }: EvaluationRow): string {
  const parts = [
    measured !== undefined && `of ${metric.count} examples`,
    without.length > 0 &&
    `without ${
      without.length > MOST_NAMED
        ? `${without.length} of the attacks`
        : without.map(attackLabel).join(", ")
    }`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `, ${parts.join(", ")}, as time was over` : "";
}

/** An attack's name within a sentence. */
function inText({ attack }: EvaluationRow): string {
  return isWorstCase({ attack }) ? attack : attackLabel(attack);
}

/** What each other attacker leaves; that a whitebox one was not tried is said as well. */
function known(evaluation: Evaluation, { name }: EvaluatedSystem): string {
  const { rows } = evaluation;
  const left = otherThreatModels(evaluation, name).map((model) => {
    const row = leastRow(rows, model, name)!;
    const who = Object.hasOwn(WHO, model) ? WHO[model] : `a ${model} attacker`;
    return `${who} (${columnLabel(row)}) leaves ${figure(row)} %${partText(row)}`;
  });
  const isMissing = !otherThreatModels(evaluation, name).includes("whitebox");
  const missing = "it was not measured against an attacker who knows the defense (whitebox)";
  return sentence([...left, ...(isMissing ? [missing] : [])].join(", "));
}

function cost(evaluation: Evaluation, { name }: EvaluatedSystem): string {
  const [behind, without] = [name, UNDEFENDED].map((name) => timePerImage(evaluation, name));
  if (behind === undefined) return "";
  const instead = without === undefined ? "" : ` instead of ${without}`;
  return `, and an image takes ${behind}${instead}`;
}

function ofTarget(evaluation: Evaluation): string {
  const { rows } = evaluation;
  const clean = sameAttack(rows, CLEAN, UNDEFENDED);
  // No defense is in front that an attacker might not know: where O is the defense, its rows are whitebox.
  const single = rows.filter((row) => !isWorstCase(row));
  const attacked = leastOf(
    ["whitebox", "oblivious"].flatMap((name) => leastRow(single, name, UNDEFENDED) ?? []),
  );
  const time = timePerImage(evaluation, UNDEFENDED);
  const parts = [
    clean && `${figure(clean)} % ${rows[0].metric.name} on clean images`,
    attacked && `${figure(attacked)} % under ${columnLabel(attacked)}`,
  ].filter((part) => part !== undefined);
  const missing = attacked ? "" : "; it was not attacked";
  const took = time === undefined ? "" : `, and an image takes ${time}`;
  const told = `O alone has ${parts.join(" and ")}`;
  return `${told}${missing}. No defense was measured${took}.`;
}
