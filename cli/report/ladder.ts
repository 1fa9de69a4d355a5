/**
 * The ladder of threat models: what each attacker, from the one who knows least to the one who knows most, leaves of
 * a system.
 *
 * @module
 */
import {
  type Attacker,
  attackersIn,
  type Evaluation,
  type EvaluationRow,
  isBy,
  THREAT_MODELS,
  UNDEFENDED,
} from "@realign/core";
import { leastOf, subjectsOf, worstRow } from "./compared_rows.ts";
import { attackerLabel, attackerText, sentence } from "./labels.ts";

/** The threat models from below, as far as knowledge goes. */
const ORDER = ["oblivious", "transfer", "black-box", "whitebox"];

/** A rung: one attacker, and what each system keeps. */
export interface Rung {
  readonly title: string;
  /** What the attacker knows, in a sentence. */
  readonly knows: string;
  /** By system: the row of whatever leaves least; undefined where this attacker was not tried. */
  readonly rows: ReadonlyMap<string, EvaluationRow>;
}

/** The systems of a ladder: O alone, and what the evaluation is about. */
export function climbers(evaluation: Pick<Evaluation, "systems" | "rows">): string[] {
  const measured = new Set(evaluation.rows.map(({ system }) => system));
  const names = [UNDEFENDED, ...subjectsOf(evaluation).map(({ name }) => name)];
  return names.filter((name) => measured.has(name));
}

/**
 * The rungs of an evaluation: clean images, an attacker each, then all of them together.
 *
 * @param evaluation What was measured
 * @returns From below; none where nothing was measured
 */
export function ladderOf(evaluation: Evaluation): Rung[] {
  const { rows } = evaluation;
  const systems = climbers(evaluation);
  if (systems.length === 0) return [];
  const least = (of: readonly EvaluationRow[]) =>
    new Map(systems.flatMap((system) => {
      const row = leastOf(of.filter((row) => row.system === system));
      return row ? [[system, row] as const] : [];
    }));
  const attackers = attackersIn(rows).toSorted((a, b) => rank(a) - rank(b));
  const rungs = [
    {
      title: "Clean images",
      knows: "Nobody attacks.",
      rows: least(rows.filter(({ threatModel }) => threatModel === "none")),
    },
    ...attackers.map((attacker) => ({
      title: sentence(attackerLabel(attacker)),
      knows: knowledgeOf(attacker),
      rows: least(rows.filter((row) => isBy(row, attacker))),
    })),
  ];
  if (attackers.length === 0) return rungs;
  return [...rungs, {
    title: "Worst case",
    knows: "Whoever knows most can do what all the others do.",
    rows: least(systems.flatMap((system) => worstRow(evaluation, system) ?? [])),
  }];
}

/** Unknown ones last. */
function rank({ threatModel }: Attacker): number {
  const place = ORDER.indexOf(threatModel);
  return place < 0 ? ORDER.length : place;
}

/** The first sentence of a threat model's text. */
function knowledgeOf(attacker: Attacker): string {
  return attackerText(attacker).text.split(/(?<=\.) /)[0];
}

/**
 * Which attackers a system did not meet, and what was not measured to its end.
 *
 * @param evaluation What was measured
 * @param system Its name
 * @returns A sentence each
 */
export function untried({ rows, unfinished = [] }: Evaluation, system: string): string[] {
  const met = new Set(
    rows.filter((row) => row.system === system).map(({ threatModel }) => threatModel),
  );
  // Those whose images come from elsewhere are nothing that an evaluation could have tried.
  const missing = Object.keys(THREAT_MODELS)
    .filter((name) => !met.has(name) && THREAT_MODELS[name].refusal === undefined);
  const cut = unfinished.filter(({ systems }) => systems.includes(system))
    .map(({ attack, measured, ...attacker }) =>
      `${attack} (${
        attackerLabel(attacker)
      }) was measured on ${measured} examples before time was over.`
    );
  return [
    ...(missing.length > 0 ? [`Not tried: ${missing.join(", ")}.`] : []),
    ...cut,
  ];
}
