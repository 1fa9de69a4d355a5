/**
 * Options of attacks and defenses: each declares its options once, and types,
 * checks, the command line and help follow from that.
 *
 * @module
 */
import { didYouMean } from "./names.ts";

/** Values that an option may take. */
export interface Range<T> {
  /** Completes "must be ...", e.g. "an integer of at least 1". */
  readonly text: string;
  accepts(value: unknown): value is T;
}

/** A default derived from other settings, e.g. a step size from epsilon. */
export interface Derived<T> {
  /** As help shows it, e.g. "epsilon / 4". */
  readonly text: string;
  derive(settings: Readonly<Record<string, unknown>>): T;
}

/** One option. */
export interface Option<T> {
  readonly default: T | Derived<T>;
  readonly range: Range<T>;
  /** One sentence for help. */
  readonly help: string;
}

/** The options of one owner, by name. */
// deno-lint-ignore no-explicit-any -- each option has its own type of value
export type Options = Readonly<Record<string, Option<any>>>;

/** The values of options, all present. */
export type ValuesOf<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never;
};

/** Declares an option: default, range, and one sentence of help. */
export function option<T>(
  value: NoInfer<T> | Derived<NoInfer<T>>,
  range: Range<T>,
  help: string,
): Option<T> {
  return { default: value, range, help };
}

/** A share of epsilon as a default, e.g. epsilon / 4. */
export function epsilonOver(divisor: number): Derived<number> {
  return {
    text: `epsilon / ${divisor}`,
    derive: ({ epsilon }) => epsilon as number / divisor,
  };
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Finite numbers of at least `least`. */
export function atLeast(least: number): Range<number> {
  return {
    text: `a finite number of at least ${least}`,
    accepts: (value): value is number =>
      isNumber(value) && Number.isFinite(value) && value >= least,
  };
}

/** Finite numbers above `bound`. */
export function above(bound: number): Range<number> {
  return {
    text: `a finite number above ${bound}`,
    accepts: (value): value is number => isNumber(value) && Number.isFinite(value) && value > bound,
  };
}

/** Numbers from `least` to `most`. */
export function between(least: number, most: number): Range<number> {
  return {
    text: `a number from ${least} to ${most}`,
    accepts: (value): value is number => isNumber(value) && value >= least && value <= most,
  };
}

/** Integers of at least `least`, and at most `most` if given. */
export function wholeFrom(least: number, most = Infinity): Range<number> {
  return {
    text: most === Infinity
      ? `an integer of at least ${least}`
      : `an integer from ${least} to ${most}`,
    accepts: (value): value is number =>
      Number.isSafeInteger(value) && value as number >= least && value as number <= most,
  };
}

/** One of several words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Range<Word> {
  return {
    text: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
    accepts: (value): value is Word => words.includes(value as Word),
  };
}

/** Non-empty text. */
export const word: Range<string> = {
  text: "a name",
  accepts: (value): value is string => typeof value === "string" && value !== "",
};

/** True or false. */
export const flag: Range<boolean> = {
  text: "true or false",
  accepts: (value): value is boolean => typeof value === "boolean",
};

/**
 * Fills in defaults and checks every value.
 *
 * @param options The declared options
 * @param given The given values; `undefined` counts as absent
 * @param owner Owner of the options in error messages, e.g. `"pgd"`
 * @param context Settings outside `options` that derived defaults may use, e.g. epsilon
 * @returns A value for each option
 * @throws {RangeError} If an option is unknown (with a suggestion) or a value out of range
 *
 * @example Usage
 * ```ts
 * import { atLeast, epsilonOver, option, resolveOptions, wholeFrom } from "./options.ts";
 * import assert from "node:assert/strict";
 *
 * const options = {
 *   steps: option(10, wholeFrom(0), "Steps"),
 *   stepSize: option(epsilonOver(4), atLeast(0), "Change of a pixel in one step"),
 * };
 * const values = resolveOptions(options, { steps: 20 }, '"pgd"', { epsilon: 1 });
 * assert.deepEqual(values, { steps: 20, stepSize: 0.25 });
 * assert.throws(() => resolveOptions(options, { step: 20 }, '"pgd"'), /did you mean "steps"/);
 * ```
 */
export function resolveOptions<O extends Options>(
  options: O,
  given: Readonly<Record<string, unknown>>,
  owner: string,
  context: Readonly<Record<string, unknown>> = {},
): ValuesOf<O> {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(options, name)) continue;
    throw new RangeError(
      `Cannot set up ${owner} as it has no option "${name}": ${
        didYouMean(name, Object.keys(options))
      }`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const [name, { default: preset, range }] of Object.entries(options)) {
    const own = isDerived(preset) ? () => preset.derive({ ...context, ...given }) : () => preset;
    const value = given[name] === undefined ? own() : given[name];
    if (!range.accepts(value)) {
      throw new RangeError(
        `Cannot set up ${owner} as ${name} must be ${range.text}: current value is ${show(value)}`,
      );
    }
    values[name] = value;
  }
  return values as ValuesOf<O>;
}

function isDerived(value: unknown): value is Derived<unknown> {
  return typeof value === "object" && value !== null && "derive" in value;
}

/** A default as help shows it. */
export function defaultText({ default: value }: Option<unknown>): string {
  return isDerived(value) ? value.text : show(value);
}

function show(value: unknown): string {
  return isNumber(value) || value === undefined ? String(value) : JSON.stringify(value);
}
