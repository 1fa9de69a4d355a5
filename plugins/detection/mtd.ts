/**
 * The attack of multi-task domains, Zhang and Wang 2019.
 *
 * @module
 */
import {
  type Attack,
  type AttackSettings,
  resolveSettings,
  strongest,
  type TaskAttackFactory,
  type Victim,
} from "@realign/core/attacks";
import type { DetectionLabels } from "./labels.ts";
import type { DetectionOutput } from "./models/network.ts";

/**
 * Makes MTD: attacks classes and locations, each by PGD, and keeps for each image what raises the whole
 * loss, "cls+loc", more.
 *
 * Defaults: 10 steps of epsilon / 4 from a uniform start. Zhang and Wang take one step of epsilon.
 *
 * @param settings The ball, steps and start
 * @param victim What is attacked
 * @param table Every attack by name
 * @returns The attack
 * @throws {RangeError} If a setting cannot work
 */
export function mtd(
  settings: AttackSettings,
  victim: Victim<DetectionOutput, DetectionLabels>,
  table: Readonly<Record<string, TaskAttackFactory<DetectionOutput, DetectionLabels>>>,
): Attack<DetectionLabels> {
  const resolved = resolveSettings(settings, {
    stepSize: settings.epsilon / 4,
    steps: 10,
    randomStart: "uniform",
  });
  const { name, epsilon, stepSize, steps, randomStart } = resolved;
  const members = ["cls", "loc"].map((objective) => ({
    name: "pgd",
    objective,
    stepSize,
    steps,
    randomStart,
  }));
  const attack = strongest({ name, epsilon, objective: "cls+loc", members }, victim, table);
  return { ...attack, settings: resolved };
}
