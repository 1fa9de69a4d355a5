/**
 * The attack of multi-task domains, Zhang and Wang 2019.
 *
 * @module
 */
import {
  createMembers,
  defineTaskAttack,
  gainOf,
  randomStart,
  steps,
  stepSize,
  strongestOf,
  type TaskAttackDefinition,
} from "@realign/core/attacks";
import type { DetectionLabels } from "./labels.ts";
import type { DetectionOutput } from "./models/network.ts";

/**
 * MTD: attacks classes and locations, each by PGD, and keeps for each image what raises the whole
 * loss, "cls+loc", more.
 *
 * Zhang and Wang take one step of epsilon.
 */
export const mtd: TaskAttackDefinition<DetectionOutput, DetectionLabels> = defineTaskAttack<
  DetectionOutput,
  DetectionLabels
>()({
  title: "MTD",
  version: 1,
  options: { stepSize, steps, randomStart },
  create({ name, epsilon, stepSize, steps, randomStart }, victim, table) {
    const doing = `attack "${victim.name}" with "${name}"`;
    const gain = gainOf(victim.objectives, "cls+loc", doing);
    const members = ["cls", "loc"].map((objective) => ({
      name: "pgd",
      objective,
      stepSize,
      steps,
      randomStart,
    }));
    return strongestOf(
      name,
      victim,
      createMembers({ name, epsilon, members }, victim, table),
      gain,
    );
  },
});
