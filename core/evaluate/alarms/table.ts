/**
 * The table of alarms.
 *
 * @module
 */
import type { EvaluationRow } from "../rows.ts";
import { type AlarmCheck, concerns, type Evidence } from "./alarm.ts";
import type { Alarm } from "./finding.ts";
import {
  blackBoxBeatsWhitebox,
  obliviousBeatsWhitebox,
  transferBeatsWhitebox,
} from "./beats_whitebox.ts";
import { targetAtChance } from "./chance.ts";
import { epsilonChangesNothing } from "./epsilon_curve.ts";
import { attackChangedNothing, attackNotANumber } from "./failed_attacks.ts";
import { gradientFreePart } from "./gradient_free.ts";
import { lossRising } from "./loss_rising.ts";
import { maskedCrossEntropy } from "./masked_cross_entropy.ts";
import { noiseFindsErrors } from "./noise.ts";
import { gradientNotANumber } from "./not_number_gradient.ts";
import { logitsAreProbabilities } from "./probabilities.ts";
import { saturatedOutputs } from "./saturated_outputs.ts";
import { silentSuccess } from "./silent_success.ts";
import { singleStepBeatsIterative } from "./single_step.ts";
import { specificToTarget } from "./specific.ts";
import { stepsNotConverged } from "./steps_curve.ts";
import { unconstrainedFailure } from "./unconstrained_failure.ts";
import { unstableLoss } from "./unstable_loss.ts";
import { unstablePrediction } from "./unstable_prediction.ts";
import { zeroGradient } from "./zero_gradient.ts";

/** All checks by the name of their alarms: first those of figures, then those of a probe. */
export const ALARMS: Readonly<Record<string, AlarmCheck>> = {
  "oblivious-beats-whitebox": obliviousBeatsWhitebox,
  "transfer-beats-whitebox": transferBeatsWhitebox,
  "black-box-beats-whitebox": blackBoxBeatsWhitebox,
  "specific-to-target": specificToTarget,
  "single-step-beats-iterative": singleStepBeatsIterative,
  "epsilon-changes-nothing": epsilonChangesNothing,
  "steps-not-converged": stepsNotConverged,
  "noise-finds-errors": noiseFindsErrors,
  "cross-entropy-masked": maskedCrossEntropy,
  "gradient-free-part": gradientFreePart,
  "attack-changed-nothing": attackChangedNothing,
  "attack-not-a-number": attackNotANumber,
  "target-at-chance": targetAtChance,
  "gradient-zero": zeroGradient,
  "gradient-not-a-number": gradientNotANumber,
  "loss-still-rising": lossRising,
  "prediction-unstable": unstablePrediction,
  "logits-are-probabilities": logitsAreProbabilities,
  "outputs-saturated": saturatedOutputs,
  "loss-unstable": unstableLoss,
  "silent-success": silentSuccess,
  "unconstrained-failure": unconstrainedFailure,
};

/**
 * Raises all alarms.
 *
 * @param evidence Rows, systems and probes of an evaluation
 * @returns In the order of the table
 *
 * @example Usage
 * ```ts
 * import { raiseAlarms } from "@realign/core/alarms";
 * import assert from "node:assert/strict";
 *
 * const row = (threatModel: string, value: number) => ({
 *   threatModel,
 *   attack: "pgd",
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value, count: 100 },
 *   maxPerturbation: 0.031,
 *   seconds: 1,
 * });
 * const defenses = [{ name: "generator" }];
 * const systems = [{ name: "generator", title: "G", role: "subject" as const, defenses }];
 * const named = (whitebox: number) =>
 *   raiseAlarms({ rows: [row("oblivious", 0.6), row("whitebox", whitebox)], systems })
 *     .map(({ name }) => name);
 * assert.deepEqual(named(0.1), []);
 * assert.deepEqual(named(0.9), ["oblivious-beats-whitebox"]);
 * ```
 */
export function raiseAlarms(evidence: Evidence): Alarm[] {
  return Object.entries(ALARMS).flatMap(([name, check]) =>
    check.find(evidence).map((finding) => ({ name, ...finding }))
  );
}

/**
 * Writes the names of alarms beside the figures that they concern.
 *
 * @param rows Of an evaluation
 * @param alarms Of the same one
 * @returns The rows, those that an alarm concerns with `alarms`
 *
 * @example Usage
 * ```ts
 * import { withAlarms } from "@realign/core/alarms";
 * import assert from "node:assert/strict";
 *
 * const row = {
 *   threatModel: "whitebox",
 *   attack: "pgd",
 *   settings: null,
 *   system: "generator",
 *   metric: { name: "accuracy", value: 0.5, count: 100 },
 *   maxPerturbation: 0.031,
 *   seconds: 1,
 * };
 * const alarm = { name: "gradient-zero", system: "generator", text: "The gradient is 0", numbers: {} };
 * assert.deepEqual(withAlarms([row], [alarm])[0].alarms, ["gradient-zero"]);
 * assert.deepEqual(withAlarms([row], [{ ...alarm, system: "jpeg" }]), [row]);
 * ```
 */
export function withAlarms(
  rows: readonly EvaluationRow[],
  alarms: readonly Alarm[],
): EvaluationRow[] {
  return rows.map((row) => {
    const names = alarms.filter((alarm) => concerns(alarm, row)).map(({ name }) => name);
    return names.length === 0 ? row : { ...row, alarms: [...new Set(names)] };
  });
}
