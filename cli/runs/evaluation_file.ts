/**
 * `evaluation.json`: what was measured. Numbers of a report come from here only.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { z } from "zod";
import { describeIssue } from "../presets/preset_schema.ts";

const metricSchema = z.looseObject({
  name: z.string(),
  value: z.number(),
  count: z.int(),
  interval: z.tuple([z.number(), z.number()]).optional(),
  details: z.looseObject({
    perClass: z.array(z.number().nullable()).optional(),
    curves: z.strictObject({
      axes: z.tuple([z.string(), z.string()]),
      lines: z.array(z.array(z.tuple([z.number(), z.number()])).nullable()),
    }).optional(),
  }).optional(),
});

/** One figure. */
export const rowSchema = z.looseObject({
  threatModel: z.enum(["none", "oblivious", "whitebox"]),
  attack: z.string(),
  settings: z.looseObject({ name: z.string(), epsilon: z.number() }).nullable(),
  defense: z.string(),
  metric: metricSchema,
  paper: z.number().optional(),
  maxPerturbation: z.number(),
  seconds: z.number(),
  outcomes: z.string().optional(),
}) satisfies z.ZodType<EvaluationRow>;

const evaluationSchema = z.looseObject({
  version: z.literal(1),
  preset: z.string(),
  task: z.string(),
  dataset: z.looseObject({
    name: z.string(),
    split: z.string(),
    digest: z.string(),
    count: z.int(),
    classNames: z.array(z.string()).optional(),
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
