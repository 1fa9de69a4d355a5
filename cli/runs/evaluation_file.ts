/**
 * `evaluation.json`: what was measured. Numbers of a report come from here only.
 *
 * @module
 */
import type { Evaluation, EvaluationRow } from "@realign/core";
import { z } from "zod";
import { describeIssue } from "../presets/preset_schema.ts";
import type { RunStore } from "./run_store.ts";
import { upgradeEvaluation } from "./upgrade.ts";

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
    confusion: z.array(z.array(z.number().min(0))).optional(),
  }).optional(),
});

/** One figure. */
export const rowSchema = z.looseObject({
  threatModel: z.string(),
  attack: z.string(),
  settings: z.looseObject({ name: z.string(), epsilon: z.number() }).nullable(),
  system: z.string(),
  substitute: z.string().optional(),
  gradient: z.enum(["exact", "bpda", "bpda-identity"]).optional(),
  draws: z.int().min(1).optional(),
  convergence: z.number().min(-1.001).max(1.001).optional(),
  metric: metricSchema,
  rounded: metricSchema.optional(),
  curve: z.literal(true).optional(),
  measured: z.int().min(0).optional(),
  without: z.array(z.string()).optional(),
  passes: z.int().min(1).optional(),
  rightInAll: z.number().min(0).max(1).optional(),
  maxPerturbation: z.number(),
  seconds: z.number(),
  outcomes: z.string().optional(),
  ratios: z.array(z.string()).optional(),
  notANumber: z.int().optional(),
  attackNotANumber: z.int().optional(),
  survivors: z.array(z.looseObject({
    stage: z.string(),
    left: z.int().min(0),
    leftOut: z.string().optional(),
  })).optional(),
  millisecondsPerImage: z.number().min(0).optional(),
  reconstructionError: z.number().min(0).optional(),
}) satisfies z.ZodType<EvaluationRow>;

const targetSchema = z.looseObject({ architecture: z.string(), digest: z.string() });

const publishedSchema = z.looseObject({
  table: z.string(),
  figures: z.record(z.string(), z.record(z.string(), z.number())),
});

const systemSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  role: z.enum(["undefended", "control", "subject", "other"]),
  defenses: z.array(z.looseObject({ name: z.string() })),
  frozen: z.boolean().optional(),
  gradient: z.enum(["exact", "approximate", "none"]).optional(),
  target: targetSchema.optional(),
});

const unfinishedSchema = z.looseObject({
  threatModel: z.string(),
  substitute: z.string().optional(),
  attack: z.string(),
  systems: z.array(z.string()),
  measured: z.int().min(0),
  curve: z.literal(true).optional(),
});

const numbersSchema = z.record(z.string(), z.number());

const alarmSchema = z.looseObject({
  name: z.string(),
  system: z.string(),
  threatModel: z.string().optional(),
  attack: z.string().optional(),
  substitute: z.string().optional(),
  text: z.string(),
  numbers: numbersSchema,
});

const probeSchema = z.looseObject({
  system: z.string(),
  examples: z.int(),
  epsilon: z.number(),
  numbers: numbersSchema,
});

const evaluationSchema = z.looseObject({
  version: z.literal(2),
  preset: z.string(),
  task: z.string(),
  dataset: z.looseObject({
    name: z.string(),
    split: z.string(),
    digest: z.string(),
    count: z.int(),
    classNames: z.array(z.string()).optional(),
  }),
  target: targetSchema,
  trainedFor: targetSchema.optional(),
  seed: z.number(),
  batchSize: z.int().min(1).optional(),
  systems: z.array(systemSchema),
  substitutes: z.record(z.string(), targetSchema).optional(),
  rows: z.array(rowSchema),
  suite: z.string().optional(),
  curves: z.array(rowSchema).optional(),
  unfinished: z.array(unfinishedSchema).optional(),
  worst: z.array(rowSchema).optional(),
  published: publishedSchema.extend({
    threatModels: z.record(z.string(), publishedSchema).optional(),
  }).optional(),
  warnings: z.array(z.string()),
  alarms: z.array(alarmSchema).optional(),
  probes: z.array(probeSchema).optional(),
  environment: z.record(z.string(), z.unknown()),
  seconds: z.number(),
}) satisfies z.ZodType<Evaluation>;

/**
 * Takes a value as an evaluation; one of version 1 is upgraded.
 *
 * @param value What was read from `evaluation.json`
 * @param origin The file, named in errors
 * @param run What was read from `run.json` beside it, which an upgrade takes more from
 * @throws {TypeError} If something is missing or impossible
 */
export function parseEvaluation(value: unknown, origin: string, run?: unknown): Evaluation {
  const current = upgradeEvaluation(value, run);
  const result = evaluationSchema.safeParse(current);
  if (result.success) return result.data;
  throw new TypeError(`Cannot use ${origin} as ${describeIssue(result.error.issues[0], current)}`);
}

/**
 * Reads what was measured of a run.
 *
 * @param store The run
 * @param origin Names the file in errors
 * @returns Undefined where the run has not been evaluated
 * @throws {TypeError} If the file is not an evaluation
 */
export async function readEvaluation(
  store: RunStore,
  origin = `evaluation.json of ${store.id}`,
): Promise<Evaluation | undefined> {
  const value = await store.readJson("evaluation.json");
  if (value === undefined) return undefined;
  return parseEvaluation(value, origin, await store.readJson("run.json"));
}
