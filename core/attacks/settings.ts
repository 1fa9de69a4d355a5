/**
 * Attack settings made whole: defaults filled in, every value checked.
 *
 * @module
 */
import type { AttackSettings } from "./attack.ts";

/** Settings in which the named fields are present. */
export type ResolvedSettings<Field extends keyof AttackSettings> =
  & AttackSettings
  & { readonly [F in Field]-?: NonNullable<AttackSettings[F]> };

type Check = readonly [accepts: (value: unknown) => boolean, description: string];

const isNumber = (value: unknown): value is number => typeof value === "number";
const oneOf = (...names: string[]): Check => [
  (value) => names.includes(value as string),
  `one of ${names.map((name) => `"${name}"`).join(", ")}`,
];
const wholeFrom = (least: number): Check => [
  (value) => Number.isSafeInteger(value) && value as number >= least,
  `a whole number of at least ${least}`,
];
const notNegative: Check = [
  (value) => Number.isFinite(value) && value as number >= 0,
  "a finite number of at least 0",
];
const positive: Check = [
  (value) => Number.isFinite(value) && value as number > 0,
  "a finite number above 0",
];

/** What each field may be, epsilon apart. */
const checks: Readonly<Record<Exclude<keyof AttackSettings, "epsilon">, Check>> = {
  name: [(value) => typeof value === "string" && value !== "", "a name"],
  stepSize: notNegative,
  steps: wholeFrom(0),
  objective: [(value) => typeof value === "string", "a name"],
  randomStart: oneOf("none", "uniform", "normal"),
  restarts: wholeFrom(1),
  return: oneOf("last", "best"),
  targeted: [(value) => typeof value === "boolean", "true or false"],
  norm: oneOf("linf", "l2"),
  candidates: wholeFrom(2),
  overshoot: notNegative,
  confidence: notNegative,
  binarySearchSteps: wholeFrom(1),
  initialConstant: positive,
  learningRate: positive,
  members: [Array.isArray, "a list of attacks"],
};

/**
 * Fills defaults in and checks every value.
 *
 * @param settings What was asked for; a field that is `undefined` counts as absent
 * @param defaults The fields that this attack takes besides name and epsilon, and their defaults
 * @param options `unbounded` where epsilon may be Infinity (minimum-norm attacks)
 * @returns What the attack runs with
 * @throws {RangeError} If a value is out of range, or a field is set that this attack does not take
 *
 * @example Usage
 * ```ts
 * import { resolveSettings } from "@realign/core/attacks";
 * import assert from "node:assert/strict";
 *
 * const settings = resolveSettings({ name: "pgd", epsilon: 0.031 }, { steps: 10 });
 * assert.deepEqual(settings, { name: "pgd", epsilon: 0.031, steps: 10 });
 * assert.throws(
 *   () => resolveSettings({ name: "pgd", epsilon: -1 }, {}),
 *   /Cannot set up "pgd" as epsilon must be a finite number of at least 0: current value is -1/,
 * );
 * ```
 */
export function resolveSettings<Field extends keyof AttackSettings = never>(
  settings: AttackSettings,
  defaults: { readonly [F in Field]: NonNullable<AttackSettings[F]> },
  options: { readonly unbounded?: boolean } = {},
): ResolvedSettings<Field> {
  const taken = ["name", "epsilon", ...Object.keys(defaults)];
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  );
  const foreign = Object.keys(given).find((field) => !taken.includes(field));
  if (foreign) {
    throw new RangeError(
      `Cannot set up "${settings.name}" as its settings must be among ${
        taken.join(", ")
      }: current value has ${foreign}`,
    );
  }
  const { unbounded = false } = options;
  const epsilon: Check = unbounded
    ? [(value) => isNumber(value) && value >= 0, "a number of at least 0"]
    : notNegative;
  const resolved = { ...defaults, ...given } as Record<string, unknown>;
  for (const [field, [accepts, description]] of Object.entries<Check>({ epsilon, ...checks })) {
    if (taken.includes(field) && !accepts(resolved[field])) {
      throw new RangeError(
        `Cannot set up "${settings.name}" as ${field} must be ${description}: current value is ${
          resolved[field]
        }`,
      );
    }
  }
  return resolved as unknown as ResolvedSettings<Field>;
}
