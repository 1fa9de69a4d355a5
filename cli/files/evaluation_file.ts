/**
 * `evaluation.json`: what was measured. Numbers of a report come from here only.
 *
 * @module
 */
import type { MetricResult, Preset } from "@realign/core";
import { z } from "zod";
import { describeIssue } from "../preset_schema.ts";

/** What an attacker knows and goes through. */
export type ThreatModel = "none" | "oblivious" | "whitebox";

/** One figure: an attack on a defense. */
export interface EvaluationRow {
  readonly threatModel: ThreatModel;
  /** "clean", or a name of the preset's attacks. */
  readonly attack: string;
  readonly settings: Preset["attack"] | null;
  /** "none", "identity", "jpeg", "generator", "generator+jpeg". */
  readonly defense: string;
  readonly metric: MetricResult;
  /** The paper's figure in percent, where it has one. */
  readonly paper?: number;
  /** Greatest |x^a - x^c| of a pixel. */
  readonly maxPerturbation: number;
  readonly seconds: number;
}

/** All figures of an evaluation. */
export interface Evaluation {
  readonly version: 1;
  readonly preset: string;
  readonly task: string;
  readonly dataset: {
    readonly name: string;
    readonly split: string;
    readonly digest: string;
    readonly count: number;
  };
  readonly target: { readonly architecture: string; readonly digest: string };
  readonly seed: number;
  readonly rows: readonly EvaluationRow[];
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

const metricSchema = z.looseObject({
  name: z.string(),
  value: z.number(),
  count: z.int(),
  interval: z.tuple([z.number(), z.number()]).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

const rowSchema = z.looseObject({
  threatModel: z.enum(["none", "oblivious", "whitebox"]),
  attack: z.string(),
  settings: z.looseObject({ name: z.string(), epsilon: z.number() }).nullable(),
  defense: z.string(),
  metric: metricSchema,
  paper: z.number().optional(),
  maxPerturbation: z.number(),
  seconds: z.number(),
});

const evaluationSchema = z.looseObject({
  version: z.literal(1),
  preset: z.string(),
  task: z.string(),
  dataset: z.looseObject({
    name: z.string(),
    split: z.string(),
    digest: z.string(),
    count: z.int(),
  }),
  target: z.looseObject({ architecture: z.string(), digest: z.string() }),
  seed: z.number(),
  rows: z.array(rowSchema),
  warnings: z.array(z.string()),
  environment: z.record(z.string(), z.unknown()),
  seconds: z.number(),
}) satisfies z.ZodType<Evaluation>;

/**
 * Takes a value as an evaluation.
 *
 * @param value What was read from `evaluation.json`
 * @param origin The file, named in errors
 * @throws {TypeError} If something is missing or impossible
 */
export function parseEvaluation(value: unknown, origin: string): Evaluation {
  const result = evaluationSchema.safeParse(value);
  if (result.success) return result.data;
  throw new TypeError(`Cannot use ${origin} as ${describeIssue(result.error.issues[0], value)}`);
}
