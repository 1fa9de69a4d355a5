/**
 * The shape of a preset, for values that the compiler has not seen: a run's copy, a plugin's.
 *
 * @module
 */
import { type AnyAttackTable, didYouMean, type Options, type Preset } from "@realign/core";
import { defenses } from "@realign/core/defenses";
import { z } from "zod";
import { attackOptions } from "./attack_options.ts";
import { losses, weight } from "./loss_schema.ts";
import { recipe } from "./recipe_schema.ts";
import { refineOptions } from "./refine_options.ts";
import {
  adapter,
  mayLackWeights,
  normalization,
  otherTarget,
  scalar,
  share,
  size,
} from "./target_schema.ts";
import {
  attack,
  decay,
  epochs,
  memberAttack,
  optimizer,
  schedule,
  targetTraining,
} from "./training_schema.ts";

const count = z.int().min(0);
/** A number of examples or classes; on the command line "all" stands for 0. */
const countOrAll = count.meta({ all: true });
const positiveCount = z.int().min(1);

/** A defense: its name in the table, and options that its entry there declares. */
const defense = z.looseObject({ name: z.enum(Object.keys(defenses)) }).superRefine(
  refineOptions((name) => ownOptions(defense, { name }) ?? {}),
);

const substitute = otherTarget.extend({
  train: targetTraining.omit({ from: true }).partial().optional(),
});

const system = z.strictObject({
  defenses: z.array(defense),
  target: otherTarget.refine(
    ({ architecture, weights }) => weights !== "" || mayLackWeights(architecture),
    { path: ["weights"], message: "must not be empty" },
  ).optional(),
  title: z.string().optional(),
  frozen: z.boolean().optional(),
});

/** Attacks by threat model. */
const threatModels = z.record(
  z.string(),
  z.strictObject({
    attacks: z.record(z.string(), attack),
    systems: z.array(z.string()).optional(),
    draws: positiveCount.max(10_000).optional(),
  }),
);

/** Whether a schema is that of an attack, or of a member of one. */
export function isAttack(schema: z.ZodType | undefined): boolean {
  return schema === attack || schema === memberAttack;
}

/** The options of a group that its name chooses, an attack's or a defense's; undefined where keys are fixed. */
export function ownOptions(
  schema: z.ZodType | undefined,
  group: object,
  attacks?: AnyAttackTable,
): Options | undefined {
  const name = String(Reflect.get(group, "name"));
  if (isAttack(schema)) {
    // Members are a list, which has a schema of its own.
    const { members: _, ...options } = attackOptions(name, attacks);
    return options;
  }
  if (schema !== defense) return undefined;
  return Object.hasOwn(defenses, name) ? defenses[name].options : {};
}

/** The shape of a preset: strict keys, ranges. */
export const presetSchema = z.strictObject({
  name: z.string().min(1),
  task: z.string().min(1),
  seed: count,
  precision: z.enum(["float32", "bfloat16"]).optional(),
  dataset: z.strictObject({
    name: z.string().min(1),
    trainExamples: countOrAll,
    classes: countOrAll,
    size,
    options: z.record(z.string(), scalar).optional(),
  }),
  target: z.strictObject({
    architecture: z.string().min(1),
    adapter: adapter.optional(),
    size,
    weights: z.string(),
    normalization: normalization.optional(),
    train: targetTraining,
  }),
  generator: z.strictObject({
    width: positiveCount,
    blocks: count.max(1000),
    downsamplings: z.int().min(0).max(6),
    norm: z.enum(["instance", "layer", "none"]),
    upsampling: z.enum(["transposed", "resize"]),
    size,
    resize: z.enum(["half-pixel", "align-corners"]).optional(),
    skip: z.boolean().optional(),
  }),
  discriminator: z.strictObject({
    width: positiveCount,
    layers: positiveCount.max(16),
    scales: positiveCount.max(8),
    condition: z.enum(["none", "labels"]).optional(),
  }),
  perceptual: z.strictObject({
    architecture: z.enum(["vgg16", "vgg19"]).optional(),
    width: positiveCount,
    weights: z.string(),
    taps: z.enum(["last", "first"]).optional(),
    tapWeights: z.tuple([weight, weight, weight, weight, weight])
      .optional(),
    normalization: z.enum(["imagenet", "none", "centred"]),
  }),
  losses,
  recipe: recipe.optional(),
  train: z.strictObject({
    batchSize: positiveCount,
    accumulate: positiveCount.optional(),
    recompute: z.boolean().optional(),
    epochs,
    schedule,
    discriminatorSchedule: schedule,
    optimizer,
    discriminatorOptimizer: optimizer,
    augmentation: z.string(),
    attackCache: count.max(10_000),
    adversary: z.enum(["target", "system", "both"]).optional(),
    ramp: share.optional(),
    start: z.strictObject({
      epochs: z.number().min(0).max(1e6),
      losses: losses.optional(),
    }).optional(),
    guard: z.strictObject({
      examples: positiveCount,
      attack,
      drop: share.optional(),
    }).optional(),
    averaging: decay,
    checkpointEvery: positiveCount,
  }),
  attack,
  evaluation: z.strictObject({
    batchSize: positiveCount,
    examples: countOrAll,
    passes: positiveCount.max(1000).optional(),
    window: z.strictObject({
      picture: size,
      stride: size,
      mirror: z.boolean(),
    }).optional(),
    systems: z.record(z.string(), system),
    substitutes: z.record(z.string(), substitute).optional(),
    threatModels,
    suite: z.string().min(1).optional(),
    curves: threatModels.optional(),
  }),
}) satisfies z.ZodType<Preset>;

/**
 * Takes a value as a preset.
 *
 * @param value What was read
 * @param origin Named in errors, e.g. "the preset cls-shapes" or a file
 * @returns The preset
 * @throws {TypeError} If a key is missing, unknown, or holds an impossible value
 */
export function parsePreset(value: unknown, origin: string): Preset {
  const result = presetSchema.safeParse(value);
  if (result.success) return result.data;
  throw new TypeError(`Cannot use ${origin} as ${describeIssue(result.error.issues[0], value)}`);
}

/**
 * Says what zod found wrong: the path, what must be there, what is.
 *
 * @param issue What it found
 * @param root What it was given
 * @param keys Names of the settings at a path. Default: a preset's
 */
export function describeIssue(
  issue: z.core.$ZodIssue,
  root: unknown,
  keys: (path: readonly string[], group: unknown) => readonly string[] = keysAt,
): string {
  const parent = issue.path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), root);
  const path = issue.path.join(".") || "it";
  const current = parent === undefined
    ? "it is missing"
    : `current value is ${JSON.stringify(parent)}`;
  const bound = (word: string, limit: unknown, inclusive: boolean | undefined) =>
    `${path} must be ${word} ${inclusive === false ? "" : "or equal to "}${limit}: ${current}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keys(issue.path.map(String), parent);
      const key = issue.keys[0];
      return `${[...issue.path, key].join(".")} is not a setting: ${didYouMean(key, known)}`;
    }
    case "invalid_value":
      return `${path} must be one of ${
        issue.values.map((v) => `"${String(v)}"`).join(", ")
      }: ${current}`;
    case "invalid_type":
      return `${path} must be ${
        issue.expected === "int"
          ? "an integer"
          : `${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`
      }: ${current}`;
    case "too_small":
      if (issue.origin === "array") return `${path} must have ${issue.minimum} numbers: ${current}`;
      if (issue.origin === "string") return `${path} must not be empty: ${current}`;
      return bound("greater than", issue.minimum, issue.inclusive);
    case "too_big":
      if (issue.origin === "array") return `${path} must have ${issue.maximum} numbers: ${current}`;
      return bound("less than", issue.maximum, issue.inclusive);
    case "custom":
      return `${path} ${issue.message}: ${current}`;
    default:
      return `${path}: ${issue.message}`;
  }
}

/** What a preset holds at a path: a schema without its "optional". Undefined where there is nothing. */
export function schemaAt(path: readonly string[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = presetSchema;
  for (const key of path) {
    if (schema instanceof z.ZodObject) {
      schema = Object.hasOwn(schema.shape, key) ? schema.shape[key] as z.ZodType : undefined;
    } else if (schema instanceof z.ZodRecord) schema = schema.valueType as z.ZodType;
    else if (schema instanceof z.ZodArray) schema = schema.element as z.ZodType;
    else return undefined;
    if (schema instanceof z.ZodOptional) schema = schema.unwrap() as z.ZodType;
  }
  return schema;
}

/**
 * Names of the settings below a path; none where names are free.
 *
 * @param path Keys from the preset down
 * @param group What stands there, whose name may choose its options
 * @param attacks Attacks of the plugin
 */
export function keysAt(
  path: readonly string[],
  group: unknown = {},
  attacks?: AnyAttackTable,
): string[] {
  const schema = schemaAt(path);
  if (!(schema instanceof z.ZodObject)) return [];
  const own = ownOptions(schema, Object(group), attacks) ?? {};
  return [...Object.keys(schema.shape), ...Object.keys(own)];
}
