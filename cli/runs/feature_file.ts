/**
 * O's features of an evaluation's images, as a report shows them: `features.json`.
 *
 * @module
 */
import type { Colour } from "@realign/core";
import { z } from "zod";
import { describeIssue } from "../presets/preset_schema.ts";
import type { LegendEntry } from "./sample_files.ts";
import type { RunStore } from "./run_store.ts";

/** The states of an image, as in the paper's Fig. 1: x^c, x^a, x̂^c, x̂^a. */
export const FEATURE_STATES = ["clean", "adversarial", "restoredClean", "restored"] as const;

/** One of them. */
export type FeatureState = typeof FEATURE_STATES[number];

/** A value for each state. */
export function perState<T>(value: (state: FeatureState) => T): Record<FeatureState, T> {
  const entries = FEATURE_STATES.map((state) => [state, value(state)]);
  return Object.fromEntries(entries) as Record<FeatureState, T>;
}

/** Features of one state in numbers; null where there were too few to say. */
export interface FeatureMeasures {
  /** Mean distance of class centres to those of x^c. */
  readonly centreDistance: number | null;
  /** In `[-1, 1]`. */
  readonly silhouette: number | null;
  /** Share of the 10 nearest neighbours that are of the own class. */
  readonly neighbourAgreement: number | null;
}

/** Features of the same images, pixels or boxes in four states, embedded together. */
export interface KeptFeatures {
  /** Which attack made x^a. */
  readonly attack: string;
  /** Title of the system that restored. */
  readonly restoredBy: string;
  /** The length of a feature vector. */
  readonly length: number;
  /** Of how many images. */
  readonly images: number;
  /** Classes by number. */
  readonly legend: readonly LegendEntry[];
  /** The class of each vector. */
  readonly classes: readonly number[];
  /** t-SNE of all states at once, in the unit square. */
  readonly points: Readonly<Record<FeatureState, readonly (readonly [number, number])[]>>;
  readonly measures: Readonly<Record<FeatureState, FeatureMeasures>>;
}

const byte = z.int().min(0).max(255);
const colour: z.ZodType<Colour> = z.tuple([byte, byte, byte]);
const share = z.number().min(0).max(1);
const points = z.array(z.tuple([share, share]));
const measures = z.strictObject({
  centreDistance: z.number().min(0).nullable(),
  silhouette: z.number().min(-1).max(1).nullable(),
  neighbourAgreement: share.nullable(),
});

const schema = z.strictObject({
  attack: z.string(),
  restoredBy: z.string(),
  length: z.int().min(1),
  images: z.int().min(1),
  legend: z.array(z.strictObject({ name: z.string(), colour })),
  classes: z.array(z.int().min(0)),
  points: z.strictObject(perState(() => points)),
  measures: z.strictObject(perState(() => measures)),
}).refine(
  ({ classes, points }) => FEATURE_STATES.every((state) => points[state].length === classes.length),
  { message: "there must be a point for each class", path: ["points"] },
);

const NAME = "features.json";

/** Keeps features with a run in the place of former ones; undefined removes them. */
export async function saveFeatures(
  store: RunStore,
  features: KeptFeatures | undefined,
): Promise<void> {
  if (features) await store.writeJson(NAME, features);
  else await store.remove(NAME);
}

/**
 * Reads the features of a run.
 *
 * @returns Undefined where none were kept
 * @throws {TypeError} If the file is not what was written
 */
export async function readFeatures(store: RunStore): Promise<KeptFeatures | undefined> {
  const value = await store.readJson(NAME);
  return value === undefined ? undefined : parseFeatures(value);
}

/** Checks what stands in the file. Throws TypeError if it is not what was written. */
export function parseFeatures(value: unknown): KeptFeatures {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new TypeError(`Cannot use ${NAME} as ${describeIssue(result.error.issues[0], value)}`);
}
