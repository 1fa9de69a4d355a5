/**
 * Rows of one attacker on one system, for alarms that compare its attacks.
 *
 * @module
 */
import { attackerBehind, attackersIn, type EvaluationRow, isBy } from "../rows.ts";
import type { Evidence } from "./alarm.ts";
import type { Finding } from "./finding.ts";
import { attacksOn } from "./compare.ts";

/** A row with settings: of an attack. */
export type AttackRow = EvaluationRow & {
  readonly settings: NonNullable<EvaluationRow["settings"]>;
};

/**
 * Asks about the attacks of each attacker on each system.
 *
 * @param evidence Of an evaluation
 * @param find From the rows of one attacker on one system to what is wrong with them
 * @returns Findings that name system and attacker
 */
export function findByAttacker(
  { rows, systems }: Pick<Evidence, "rows" | "systems">,
  find: (rows: readonly AttackRow[], system: string) => Pick<Finding, "text" | "numbers">[],
): Finding[] {
  return systems.flatMap(({ name: system }) => {
    const attacks = attacksOn(rows, system).filter((row): row is AttackRow =>
      row.settings !== null
    );
    return attackersIn(attacks).flatMap((attacker) =>
      find(attacks.filter((row) => isBy(row, attacker)), system)
        .map((found) => ({ system, ...attackerBehind(attacker), ...found }))
    );
  });
}

/**
 * The same of attackers who attack the system itself. What images made on another model do behind a defense
 * need not grow with the damage that they do there.
 */
export function findByDirectAttacker(
  { rows, systems }: Pick<Evidence, "rows" | "systems">,
  find: Parameters<typeof findByAttacker>[1],
): Finding[] {
  const defended = new Set(
    systems.filter(({ defenses }) => defenses.length > 0).map(({ name }) => name),
  );
  const direct = rows.filter(({ threatModel, substitute, system }) =>
    substitute === undefined && (threatModel !== "oblivious" || !defended.has(system))
  );
  return findByAttacker({ rows: direct, systems }, find);
}

/** Evidence whose rows are points of curves too: only alarms that look along a curve may compare those. */
export function withCurves(evidence: Evidence): Evidence {
  return { ...evidence, rows: [...evidence.rows, ...evidence.curves ?? []] };
}

/**
 * Groups rows whose attacks differ in some settings only.
 *
 * @param rows Of one attacker on one system
 * @param names Settings that may differ
 */
export function groupsWithout(
  rows: readonly AttackRow[],
  names: readonly string[],
): AttackRow[][] {
  const key = ({ settings }: AttackRow) =>
    JSON.stringify(Object.entries(settings).filter(([name]) => !names.includes(name)).toSorted());
  return [...Map.groupBy(rows, key).values()];
}
