/**
 * Alarms: signs that a figure is not what it seems, each with its numbers.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "../rows.ts";
import { ANY_ATTACKER } from "../worst_cases.ts";
import type { Finding } from "./finding.ts";

/** What alarms are raised from. */
export interface Evidence extends Pick<Evaluation, "rows" | "curves" | "systems" | "probes"> {
  /** K, where each image has one class. */
  readonly classCount?: number;
  /** Whether O's weights were given, so that it must be better than chance. @default {false} */
  readonly isTargetGiven?: boolean;
}

/** A named check. */
export interface AlarmCheck {
  /** When it is raised, in a sentence without a full stop. */
  readonly sign: string;
  /** What to do about it, in a sentence without a full stop. */
  readonly remedy: string;
  /** Everything of its kind in an evaluation. */
  find(evidence: Evidence): Finding[];
}

/**
 * Whether an alarm concerns a figure. One that names no attacker concerns all figures of attacked images.
 *
 * @param alarm Of the figure's evaluation
 * @param row The figure
 *
 * @example Usage
 * ```ts
 * import { concerns } from "@realign/core/alarms";
 * import assert from "node:assert/strict";
 *
 * const row = { threatModel: "whitebox", attack: "pgd", system: "generator" };
 * assert.equal(concerns({ system: "generator" }, row), true);
 * assert.equal(concerns({ system: "generator", threatModel: "oblivious" }, row), false);
 * assert.equal(concerns({ system: "generator" }, { ...row, threatModel: "none" }), false);
 * const all = { ...row, threatModel: "any", attack: "worst case" };
 * assert.equal(concerns({ system: "generator", threatModel: "oblivious" }, all), true);
 * ```
 */
export function concerns(
  { system, threatModel, attack, substitute }: Pick<
    Finding,
    "system" | "threatModel" | "attack" | "substitute"
  >,
  row: Pick<EvaluationRow, "system" | "threatModel" | "attack" | "substitute">,
): boolean {
  // The worst case over all attackers is made of all figures of its system.
  if (row.threatModel === ANY_ATTACKER) return system === row.system;
  return system === row.system &&
    (threatModel === undefined ? row.threatModel !== "none" : threatModel === row.threatModel) &&
    (attack === undefined || attack === row.attack) &&
    (substitute === undefined || substitute === row.substitute);
}
