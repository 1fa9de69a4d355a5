/**
 * Types that leave open what differs between tasks: outputs, labels, annotations. For code that passes
 * them through without looking inside.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any -- "unknown" will not do: labels are taken as well as given
import type { AttackCache } from "./adversaries/attack_cache.ts";
import type { Attack, AttackTable } from "./attacks/attack.ts";
import type { DatasetOpener } from "./dataset.ts";
import type { Column } from "./evaluate/columns.ts";
import type { EvaluateParts } from "./evaluate/evaluate.ts";
import type { Systems } from "./evaluate/system.ts";
import type { Substitute } from "./evaluate/threat_models.ts";
import type { GeneratorTrainingSource } from "./train/from_preset.ts";
import type { TargetModel, TaskAdapter } from "./task.ts";

/** An attack on a victim of any task. */
export type AnyAttack = Attack<any>;
/** Adversarial images of any task. */
export type AnyAttackCache = AttackCache<any, any>;
/** A table with attacks of any task. */
export type AnyAttackTable = AttackTable<any, any>;
/** A column of an evaluation of any task. */
export type AnyColumn = Column<any>;
/** Opens a dataset of any annotations. */
export type AnyDatasetOpener = DatasetOpener<any>;
/** The inputs of an evaluation of any task. */
export type AnyEvaluateParts = EvaluateParts<any, any>;
/** A substitute of any task. */
export type AnySubstitute = Substitute<any>;
/** Inputs of a training of G for any task. */
export type AnyGeneratorTrainingSource = GeneratorTrainingSource<any, any, any>;
/** Systems of any task. */
export type AnySystems = Systems<any>;
/** A target model of any task. */
export type AnyTarget = TargetModel<any>;
/** Any task. */
export type AnyTask = TaskAdapter<any, any, any>;
