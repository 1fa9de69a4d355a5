/**
 * What an evaluation finds: `evaluation.json`.
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
  /** "clean", an attack's name, or "worst case": an example counts if it withstands all attacks of its threat model. */
  readonly attack: string;
  readonly settings: AttackSettings | null;
  /** "none" for O alone, or a system's name. */
  readonly system: string;
  readonly metric: MetricResult;
  /** Greatest |x^a - x^c| of any pixel. */
  readonly maxPerturbation: number;
  readonly seconds: number;
  /** A "1" for each example that came out right, in the dataset's order; for tasks of one class an image. */
  readonly outcomes?: string;
}

/** A system that was measured. */
export interface EvaluatedSystem {
  readonly name: string;
  readonly title: string;
  readonly role: SystemRole;
  /** With all options filled in. */
  readonly defenses: readonly DefenseSettings[];
  /** Its target model where that is not O. */
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
    /** What values for each class are of; absent from evaluations of older versions. */
    readonly classNames?: readonly string[];
  };
  readonly target: { readonly architecture: string; readonly digest: string };
  readonly seed: number;
  /** In the order of tables, O alone first. */
  readonly systems: readonly EvaluatedSystem[];
  readonly rows: readonly EvaluationRow[];
  readonly published?: Published;
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

/**
 * The published figure beside a row.
 *
 * @param evaluation Where the row is from
 * @param row One of its rows
 * @returns In percent; undefined where there is none
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
