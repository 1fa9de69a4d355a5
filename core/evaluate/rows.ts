/**
 * The results of an evaluation: `evaluation.json`.
 *
 * @module
 */
import type { GradientKind } from "../defenses/gradient_of.ts";
import type { Survivors } from "../attacks/attack.ts";
import type { AttackSettings, DefenseSettings } from "../preset.ts";
import type { Published } from "../paper_results.ts";
import type { MetricResult } from "../task.ts";
import type { Alarm } from "./alarms/finding.ts";
import type { SystemRole } from "./system.ts";

/** One figure. */
export interface EvaluationRow {
  /** "none" for clean images, else a key of `THREAT_MODELS`. */
  readonly threatModel: string;
  /**
   * "clean", an attack's name, or a worst case (`isWorstCase`): "worst case", in which an example counts if O is right
   * under all attacks of its threat model, or "worst case, chosen per picture", in which each picture has the attack
   * that lowers the metric of them all most.
   */
  readonly attack: string;
  readonly settings: AttackSettings | null;
  /** "none" for O alone, or a system's name. */
  readonly system: string;
  /** What the images were made on in place of O: a name of `evaluation.substitutes`. */
  readonly substitute?: string;
  /** How an attack through a defense differentiated it; absent where no gradient was asked for. */
  readonly gradient?: GradientKind;
  /** Draws that each gradient through a random defense was the mean of (EOT). */
  readonly draws?: number;
  /** Mean cosine of two independent means of so many draws; absent where all gradients were 0. */
  readonly convergence?: number;
  /** Of an attack in stages, e.g. AutoAttack: how many examples were still right after each. */
  readonly survivors?: readonly Survivors[];
  /** Behind a random defense the mean over passes, its details those of the first one. */
  readonly metric: MetricResult;
  /** Of the same images rounded to 8 bit, as files keep them; where that was asked. */
  readonly rounded?: MetricResult;
  /** Whether it is a point of a curve, over epsilon or steps, and no part of worst cases. */
  readonly curve?: true;
  /** Examples that were measured, where time was over before all were. */
  readonly measured?: number;
  /** A worst case's: attacks that it lacks, as none of their images were made before time was over. */
  readonly without?: readonly string[];
  /** Passes of each image through a random defense, each with noise of its own. */
  readonly passes?: number;
  /** Share of the examples that were right in all passes, in `[0, 1]`; for tasks with one class per image. */
  readonly rightInAll?: number;
  /** Largest |x^a - x^c| of any pixel. */
  readonly maxPerturbation: number;
  readonly seconds: number;
  /**
   * A "1" for each correct example, in the dataset's order; for tasks with one class per image. Behind a random defense
   * one that was correct in all passes.
   */
  readonly outcomes?: string;
  /**
   * Of a metric that is a mean of ratios, in one pass: both summands of each ratio for each example, e.g.
   * "3/4 - 0/2", in the dataset's order.
   */
  readonly ratios?: readonly string[];
  /** Examples whose output holds a NaN, where there are any: no metric may call them merely wrong. */
  readonly notANumber?: number;
  /** Examples for which the attack made a NaN, where there are any: the attacked network's gradient is none. */
  readonly attackNotANumber?: number;
  /**
   * Time that the system takes for an image, on clean images: the median over all batches but the first, on the
   * backend and threads of the evaluation's environment; absent where there was only one batch.
   */
  readonly millisecondsPerImage?: number;
  /**
   * How far restored clean images lie from the clean ones, on clean images: the root mean squared difference of pixels,
   * in `[0, 1]`, over all images and passes. Absent without a defense, where that changes the size of images or makes
   * what is not a number, and from older evaluations.
   */
  readonly reconstructionError?: number;
  /** Names of the alarms that concern the figure, for display: `withAlarms` writes them, no file keeps them. */
  readonly alarms?: readonly string[];
}

/** What a few images told of a system. */
export interface Probe {
  readonly system: string;
  readonly examples: number;
  /** L-infinity radius of the attacks. */
  readonly epsilon: number;
  /** Means over the examples, by name. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** Who made a row's images: a threat model, and the substitute where it has one. */
export type Attacker = Pick<EvaluationRow, "threatModel" | "substitute">;

/** Another model than O, as an evaluation stores it. */
export interface EvaluatedTarget {
  readonly architecture: string;
  /** SHA-256 of its weights. */
  readonly digest: string;
}

/** A column that was not measured, or not to its end, before time was over. */
export interface UnfinishedColumn extends Attacker {
  readonly attack: string;
  readonly systems: readonly string[];
  /** Examples that were measured; 0 where it was not begun. */
  readonly measured: number;
  readonly curve?: true;
}

/** An evaluated system. */
export interface EvaluatedSystem {
  readonly name: string;
  readonly title: string;
  readonly role: SystemRole;
  /** With all options filled in. */
  readonly defenses: readonly DefenseSettings[];
  /** Whether its random defenses have the same noise in every pass. */
  readonly frozen?: boolean;
  /** The gradient of its defenses; absent without any, and from older evaluations. */
  readonly gradient?: "exact" | "approximate" | "none";
  /** Its target model, if not O. */
  readonly target?: EvaluatedTarget;
}

/** An evaluation. */
export interface Evaluation {
  readonly version: 2;
  readonly preset: string;
  readonly task: string;
  readonly dataset: {
    readonly name: string;
    readonly split: string;
    readonly digest: string;
    readonly count: number;
    /** Names for per-class values; absent from older evaluations. */
    readonly classNames?: readonly string[];
  };
  /** O. */
  readonly target: EvaluatedTarget;
  /** The target model that G was trained for, if it is not O (Tables 15 and 16). */
  readonly trainedFor?: EvaluatedTarget;
  readonly seed: number;
  /** Examples of a batch, which times per image depend on; absent from older evaluations. */
  readonly batchSize?: number;
  /** In table order, O alone first. */
  readonly systems: readonly EvaluatedSystem[];
  /** By name, what attacks were made on in place of O. */
  readonly substitutes?: Readonly<Record<string, EvaluatedTarget>>;
  readonly rows: readonly EvaluationRow[];
  /** The suite that the attacks are of, "paper" for the preset's own; absent from older evaluations. */
  readonly suite?: string;
  /** Points of curves over epsilon and steps, which count for no worst case; absent where there are none. */
  readonly curves?: readonly EvaluationRow[];
  /** What was not measured, or not to its end, as time was over; absent where all was. */
  readonly unfinished?: readonly UnfinishedColumn[];
  /** The least that all attackers together leave of each system: see `worstOfAll`; absent from older evaluations. */
  readonly worst?: readonly EvaluationRow[];
  readonly published?: Published;
  readonly warnings: readonly string[];
  /** Signs that figures are not what they seem; absent from older evaluations, whose warnings told of some. */
  readonly alarms?: readonly Alarm[];
  /** What alarms were raised from besides rows. */
  readonly probes?: readonly Probe[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

/**
 * The attackers of rows, in their order; clean images have none.
 *
 * @param rows Of an evaluation
 * @returns Each once
 *
 * @example Usage
 * ```ts
 * import { attackersIn } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const rows = [
 *   { threatModel: "none" },
 *   { threatModel: "oblivious" },
 *   { threatModel: "transfer", substitute: "resnet50" },
 *   { threatModel: "transfer", substitute: "resnet50" },
 * ];
 * assert.deepEqual(attackersIn(rows), [rows[1], rows[2]]);
 * ```
 */
export function attackersIn(rows: readonly Attacker[]): Attacker[] {
  const attackers: Attacker[] = [];
  for (const row of rows) {
    const attacker = attackerBehind(row);
    if (row.threatModel === "none" || attackers.some((other) => isBy(attacker, other))) continue;
    attackers.push(attacker);
  }
  return attackers;
}

/**
 * The attacker of a row, without the rest.
 *
 * @param row A row
 * @returns Its threat model, and its substitute if it has one
 *
 * @example Usage
 * ```ts
 * import { attackerBehind } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const row = { threatModel: "transfer", substitute: "resnet50", attack: "pgd" };
 * assert.deepEqual(attackerBehind(row), { threatModel: "transfer", substitute: "resnet50" });
 * ```
 */
export function attackerBehind({ threatModel, substitute }: Attacker): Attacker {
  return { threatModel, ...(substitute !== undefined && { substitute }) };
}

/**
 * Whether a row's images are of an attacker.
 *
 * @param row A row, or an attacker
 * @param attacker Its threat model and substitute
 *
 * @example Usage
 * ```ts
 * import { isBy } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const attacker = { threatModel: "transfer", substitute: "resnet50" };
 * assert.equal(isBy({ ...attacker }, attacker), true);
 * assert.equal(isBy({ threatModel: "transfer", substitute: "wrn-10-2" }, attacker), false);
 * ```
 */
export function isBy(row: Attacker, attacker: Attacker): boolean {
  return row.threatModel === attacker.threatModel && row.substitute === attacker.substitute;
}

/**
 * The published figure for a row.
 *
 * @param evaluation The row's evaluation
 * @param row One of its rows
 * @returns In percent; undefined if there is none
 *
 * @example Usage
 * ```ts
 * import { publishedFigure } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const published = { table: "Table 1", figures: { none: { clean: 95.1 } } };
 * const row = { threatModel: "none", attack: "clean", system: "none" };
 * assert.equal(publishedFigure({ published }, row), 95.1);
 * assert.equal(publishedFigure({ published }, { ...row, threatModel: "whitebox" }), undefined);
 * const transfer = { table: "Table 12", figures: { none: { pgd: 2.1 } } };
 * const both = { published: { ...published, threatModels: { transfer } } };
 * assert.equal(publishedFigure(both, { ...row, threatModel: "transfer", attack: "pgd" }), 2.1);
 * ```
 */
export function publishedFigure(
  { published }: Pick<Evaluation, "published">,
  { threatModel, attack, system }: Pick<EvaluationRow, "threatModel" | "attack" | "system">,
): number | undefined {
  const isUsual = threatModel === "none" || threatModel === "oblivious";
  const table = isUsual ? published : published?.threatModels?.[threatModel];
  return table?.figures[system]?.[attack];
}
