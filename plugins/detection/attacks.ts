/**
 * Attacks on detectors that the core does not have.
 *
 * @module
 */
import type { AttackTable } from "@realign/core/attacks";
import { dag } from "./dag.ts";
import type { DetectionLabels } from "./labels.ts";
import type { DetectionOutput } from "./models/network.ts";
import { mtd } from "./mtd.ts";

/** By name. */
export const attacks: AttackTable<DetectionOutput, DetectionLabels> = { dag, mtd };
