/**
 * The results of an evaluation: `evaluation.json`.
 *
 * @module
 */
import type { AttackSettings, DefenseSettings } from "../preset.ts";
import type { Published } from "../paper_results.ts";
import type { MetricResult } from "../task.ts";
import type { SystemRole } from "./system.ts";

/** One figure. */
export interface EvaluationRow {
  /** "none" for clean images, else a key of `THREAT_MODELS`. */
  readonly threatModel: string;
  /** "clean", an attack's name, or "worst case": an example counts if O is right under all attacks of its threat model. */
  readonly attack: string;
  readonly settings: AttackSettings | null;
  /** "none" for O alone, or a system's name. */
  readonly system: string;
  readonly metric: MetricResult;
  /** Largest |x^a - x^c| of any pixel. */
  readonly maxPerturbation: number;
  readonly seconds: number;
  /** A "1" for each correct example, in the dataset's order; for tasks with one class per image. */
  readonly outcomes?: string;
  /** Examples whose output holds a NaN, where there are any: no metric may call them merely wrong. */
  readonly notANumber?: number;
  /**
   * Time that the system takes for an image, on clean images: the median over all batches but the first, on the
   * backend and threads of the evaluation's environment; absent where there was only one batch.
   */
  readonly millisecondsPerImage?: number;
}

/** An evaluated system. */
export interface EvaluatedSystem {
  readonly name: string;
  readonly title: string;
  readonly role: SystemRole;
  /** With all options filled in. */
  readonly defenses: readonly DefenseSettings[];
  /** Its target model, if not O. */
  readonly target?: { readonly architecture: string; readonly digest: string };
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
  readonly target: { readonly architecture: string; readonly digest: string };
  readonly seed: number;
  /** In table order, O alone first. */
  readonly systems: readonly EvaluatedSystem[];
  readonly rows: readonly EvaluationRow[];
  readonly published?: Published;
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seconds: number;
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
 * ```
 */
export function publishedFigure(
  { published }: Pick<Evaluation, "published">,
  { threatModel, attack, system }: Pick<EvaluationRow, "threatModel" | "attack" | "system">,
): number | undefined {
  if (threatModel !== "none" && threatModel !== "oblivious") return undefined;
  return published?.figures[system]?.[attack];
}
