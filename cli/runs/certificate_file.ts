/**
 * `certificate.json`: what is certain of single images under any small change, and the figures of all of them.
 *
 * @module
 */
import type { EvaluatedTarget, Evaluation } from "@realign/core";
import type { Certificate, CertifiedAccuracy, SmoothingSettings } from "@realign/core/certify";
import { z } from "zod";
import { describeIssue } from "../presets/preset_schema.ts";
import type { RunStore } from "./run_store.ts";

/** An image with a certificate for each system. */
export interface CertifiedExample {
  /** Its place in the split. */
  readonly index: number;
  readonly id: string;
  /** Its class. */
  readonly label: number;
  /** By the system's name. */
  readonly certificates: Readonly<Record<string, Certificate>>;
}

/** What was certified, and with what. */
export interface Certification extends Pick<Evaluation, "preset" | "task" | "dataset" | "seed"> {
  readonly version: 1;
  readonly target: EvaluatedTarget;
  /** SHA-256 of the run's G; null for a run without. */
  readonly generator: string | null;
  readonly settings: SmoothingSettings;
  /** O alone first. */
  readonly systems: readonly {
    readonly name: string;
    readonly title: string;
    /** Of its defense's code. */
    readonly version?: string;
  }[];
  /** How many images are wanted; fewer are there while the work goes on, or after it was stopped. */
  readonly wanted: number;
  /** In the order that the seed drew them in. */
  readonly examples: readonly CertifiedExample[];
  /** By the system's name. */
  readonly results: Readonly<Record<string, CertifiedAccuracy>>;
  readonly warnings: readonly string[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

const share = z.number().min(0).max(1);
const radius = z.number().min(0);
const whole = z.int().min(0);

const accuracySchema = z.strictObject({
  count: z.int().min(1),
  abstained: share,
  averageRadius: z.strictObject({ value: radius, interval: z.tuple([radius, radius]) }),
  shares: z.array(
    z.strictObject({ radius, value: share, interval: z.tuple([share, share]) }),
  ),
}) satisfies z.ZodType<CertifiedAccuracy>;

const exampleSchema = z.strictObject({
  index: whole,
  id: z.string(),
  label: whole,
  certificates: z.record(
    z.string(),
    z.strictObject({ class: whole, count: whole, radius: radius.nullable() }),
  ),
});

const schema = z.looseObject({
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
  generator: z.string().nullable(),
  seed: z.number(),
  settings: z.strictObject({
    sigma: z.number().gt(0),
    selectionDraws: z.int().min(1),
    draws: z.int().min(1),
    alpha: z.number().gt(0).lt(1),
  }),
  systems: z.array(
    z.strictObject({ name: z.string(), title: z.string(), version: z.string().optional() }),
  ),
  wanted: z.int().min(1),
  examples: z.array(exampleSchema),
  results: z.record(z.string(), accuracySchema),
  warnings: z.array(z.string()),
  environment: z.record(z.string(), z.unknown()),
  seconds: z.number().min(0),
}).refine(
  ({ systems, results }) => systems.every(({ name }) => name in results),
  { message: "there must be figures of each system", path: ["results"] },
) satisfies z.ZodType<Certification>;

const NAME = "certificate.json";

/** Keeps what is certified so far with a run. */
export async function saveCertification(
  store: RunStore,
  certification: Certification,
): Promise<void> {
  await store.writeJson(NAME, certification);
}

/**
 * Reads what is certified of a run.
 *
 * @returns Undefined where nothing is
 * @throws {TypeError} If the file is not what was written
 */
export async function readCertification(store: RunStore): Promise<Certification | undefined> {
  const value = await store.readJson(NAME);
  return value === undefined ? undefined : parseCertification(value, NAME);
}

/** Checks what stands in a file. Throws TypeError if it is not what was written. */
export function parseCertification(value: unknown, origin: string): Certification {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new TypeError(`Cannot use ${origin} as ${describeIssue(result.error.issues[0], value)}`);
}
