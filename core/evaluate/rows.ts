/**
 * What an evaluation finds: the rows of `evaluation.json`.
 *
 * @module
 */
import type { AttackSettings } from "../attacks/attack.ts";
import type { MetricResult } from "../task.ts";

/** What an attacker knows. */
export type ThreatModel =
  /** There is none: clean images. */
  | "none"
  /** O, but nothing of the defense. It is what the paper's "white-box" tables do: O alone is attacked, the outcome passed through G. */
  | "oblivious"
  /** Everything: the exact gradient of O after the defense. */
  | "whitebox";

/** One figure. */
export interface EvaluationRow {
  readonly threatModel: ThreatModel;
  /** "clean", an attack's name, or "worst case": an example counts if it withstands all attacks of its threat model. */
  readonly attack: string;
  readonly settings: AttackSettings | null;
  /** "none", or a defense's name. */
  readonly defense: string;
  readonly metric: MetricResult;
  /** The paper's figure for this cell in percent, where it has one. */
  readonly paper?: number;
  /** Greatest |x^a - x^c| of any pixel. */
  readonly maxPerturbation: number;
  readonly seconds: number;
  /** A "1" for each example that came out right, in the dataset's order; for tasks of one class an image. */
  readonly outcomes?: string;
}

/** An evaluation. */
export interface Evaluation {
  readonly version: 1;
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
  readonly rows: readonly EvaluationRow[];
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}
