/**
 * Alarms: signs that a figure is not what it seems, each with its numbers.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "../rows.ts";

/** What was found wrong with a system's figures. */
export interface Finding {
  /** "none" for O alone, or a system's name. */
  readonly system: string;
  /** Whose figures it concerns; absent where it concerns those of every attacker. */
  readonly threatModel?: string;
  /** The attack whose figure it concerns; absent where it concerns those of every attack. */
  readonly attack?: string;
  /** What the attacker attacks in place of O, where it is an attacker with a substitute. */
  readonly substitute?: string;
  /** In words: what was seen, and what follows from it. */
  readonly text: string;
  /** What it was found by; shares in `[0, 1]`, or counts. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A finding under the name of its check. */
export interface Alarm extends Finding {
  /** A key of `ALARMS`. */
  readonly name: string;
}

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
 * ```
 */
export function concerns(
  { system, threatModel, attack, substitute }: Pick<
    Finding,
    "system" | "threatModel" | "attack" | "substitute"
  >,
  row: Pick<EvaluationRow, "system" | "threatModel" | "attack" | "substitute">,
): boolean {
  return system === row.system &&
    (threatModel === undefined ? row.threatModel !== "none" : threatModel === row.threatModel) &&
    (attack === undefined || attack === row.attack) &&
    (substitute === undefined || substitute === row.substitute);
}
