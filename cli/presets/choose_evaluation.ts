/**
 * A part of a preset's evaluation: some of its attacks, some of its systems.
 *
 * @module
 */
import {
  checkEvaluation,
  didYouMean,
  type Preset,
  type ThreatModelSettings,
  UNDEFENDED,
} from "@realign/core";
import { UsageError } from "../system/failure.ts";

type Evaluation = Preset["evaluation"];

/** What `--attacks` and `--systems` say. */
export interface Choices {
  /** Names of attacks, comma-separated; "none" for clean images only. */
  readonly attacks?: string;
  /** Names of systems, comma-separated; "none" for O alone, which is always measured. */
  readonly systems?: string;
}

/**
 * Leaves only the named attacks and systems.
 *
 * @param evaluation A preset's
 * @param choices Both absent: all of it
 * @param preset Its name, for errors
 * @returns The evaluation with what was chosen
 * @throws {RangeError} If the evaluation itself names a threat model or system that there is not
 * @throws {UsageError} If a name is unknown, or an attack is left that attacks none of the systems
 */
export function chooseFrom(evaluation: Evaluation, choices: Choices, preset: string): Evaluation {
  checkEvaluation(evaluation);
  const { systems, threatModels, curves } = evaluation;
  const groups = [threatModels, curves ?? {}].flatMap((models) => Object.values(models));
  const attackNames = [...new Set(groups.flatMap(({ attacks }) => Object.keys(attacks)))];
  const attacks = namesIn(choices.attacks, attackNames, "attack", preset);
  if (attacks.length > 0 && choices.attacks?.split(",").some((name) => name.trim() === "none")) {
    throw new UsageError(
      `Cannot use the attacks "${choices.attacks}" as none stands for clean images only: leave out none, or the others`,
    );
  }
  const chosen = namesIn(choices.systems, Object.keys(systems), "system", preset);
  const leave = (models: Evaluation["threatModels"]) =>
    Object.entries(models).flatMap(([name, settings]) => {
      const rest = restrict(settings, attacks, [UNDEFENDED, ...chosen]);
      return rest ? [[name, rest] as const] : [];
    });
  const [kept, points] = [leave(threatModels), leave(curves ?? {})];
  for (const attack of choices.attacks === undefined ? [] : attacks) {
    if ([...kept, ...points].some(([, rest]) => attack in rest.attacks)) continue;
    const only = groups.flatMap(({ attacks, systems = [] }) => attack in attacks ? systems : []);
    throw new UsageError(
      `Cannot use the attack "${attack}" as it only targets ${
        only.join(", ")
      }, which is not evaluated: add it with --systems, or evaluate a run`,
    );
  }
  return {
    ...evaluation,
    systems: pick(systems, chosen),
    threatModels: Object.fromEntries(kept),
    ...(curves && { curves: Object.fromEntries(points) }),
  };
}

/** Reads a list of names; all known ones where there is no list. */
function namesIn(
  list: string | undefined,
  known: readonly string[],
  what: string,
  preset: string,
): readonly string[] {
  if (list === undefined) return known;
  const names = list.split(",").map((name) => name.trim()).filter((name) => name !== "none");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(
    `Cannot find the ${what} "${unknown}" in ${preset}: ${didYouMean(unknown, known)}`,
  );
}

/** A threat model without the rest; undefined if no system is left that it names. */
function restrict(
  { attacks, systems, ...rest }: ThreatModelSettings,
  wanted: readonly string[],
  measured: readonly string[],
): ThreatModelSettings | undefined {
  const left = systems?.filter((name) => measured.includes(name));
  if (left?.length === 0) return undefined;
  return { ...rest, attacks: pick(attacks, wanted), ...(left && { systems: left }) };
}

/** Entries of a table, in its order. */
function pick<T>(table: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => names.includes(name)));
}
