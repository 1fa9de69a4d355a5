/**
 * The attack of multi-task domains, Zhang and Wang 2019.
 *
 * @module
 */
import {
  createMembers,
  defineTaskAttack,
  type Gain,
  gainOf,
  randomStart,
  steps,
  stepSize,
  strongestOf,
  type TaskAttackDefinition,
} from "@realign/core/attacks";
import { oneOf, type Option, option } from "@realign/core";
import * as tf from "@realign/core/tf";
import type { DetectionLabels } from "./labels.ts";
import type { DetectionOutput } from "./models/network.ts";
import { multiBoxLoss } from "./multibox_loss.ts";

/** What one of both attacks is kept for. */
const choice: Option<"image" | "batch"> = option(
  "image",
  oneOf("image", "batch"),
  "keeps the stronger attack of each image, or that of the whole batch (RobustDet), which depends on what else is in it",
);

/** The loss of the batch, for each of its images: whatever raises it more is kept for all of them. */
const ofBatch: Gain<DetectionOutput, DetectionLabels> = {
  reference: false,
  value: (output, { labels }) =>
    tf.mul(tf.ones([output.logits.shape[0]]), multiBoxLoss(output, labels)),
};

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
  options: { stepSize, steps, randomStart, choice },
  create({ name, epsilon, stepSize, steps, randomStart, choice }, victim, table) {
    const doing = `attack "${victim.name}" with "${name}"`;
    const ofImages = gainOf(victim.objectives, "cls+loc", doing);
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
      choice === "batch" ? ofBatch : ofImages,
    );
  },
});
