/**
 * Creates attacks from settings.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import { atLeast, option, type Options, type Range, resolveOptions } from "../options.ts";
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, AttackTable, ResolvedSettings } from "./attack.ts";
import { JUDGED_DRAWS } from "./many_draws.ts";
import type { Victim } from "./victim.ts";

/** Smallest radius of a ball: single-precision pixels hold no smaller changes. */
export const SMALLEST_EPSILON = 1e-6;

const bounded = atLeast(SMALLEST_EPSILON);
const radius: Range<number> = {
  text: `a number of at least ${SMALLEST_EPSILON}`,
  accepts: (value): value is number => value === Infinity || bounded.accepts(value),
};

/** The part of an attack's definition needed to resolve its settings. */
interface Declared<T extends Options> {
  readonly options: T;
  readonly unbounded?: boolean;
}

/**
 * Fills in an attack's defaults and checks every value.
 *
 * @param settings The given settings
 * @param definition The attack's entry in the table
 * @returns The resolved settings
 * @throws {RangeError} If an option is unknown or out of range
 *
 * @example Usage
 * ```ts
 * import { attacks, resolveSettings } from "@realign/core/attacks";
 * import assert from "node:assert/strict";
 *
 * const { steps, stepSize } = resolveSettings({ name: "pgd", epsilon: 0.5 }, attacks.pgd);
 * assert.deepEqual([steps, stepSize], [10, 0.125]);
 * assert.throws(
 *   () => resolveSettings({ name: "pgd", epsilon: -1 }, attacks.pgd),
 *   /Cannot set up "pgd" as epsilon must be a finite number of at least 0.000001: current value is -1/,
 * );
 * ```
 */
export function resolveSettings<T extends Options>(
  { name, epsilon, ...given }: AttackSettings,
  { options, unbounded = false }: Declared<T>,
): ResolvedSettings<T> {
  const owner = `"${name}"`;
  const ball = { epsilon: option(NaN, unbounded ? radius : bounded, "radius of the ball") };
  const context = resolveOptions(ball, { epsilon }, owner);
  return { name, ...context, ...resolveOptions(options, given, owner, context) };
}

/**
 * Creates an attack from a table.
 *
 * @param settings Name and options of the attack
 * @param victim The victim
 * @param table Every attack by name
 * @param whole The attack that it is a member of, if any
 * @returns The attack; dispose it
 * @throws {RangeError} If the attack is unknown or a setting invalid
 */
export function createFromTable<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  table: AttackTable<O, L>,
  whole?: string,
): Attack<L> {
  const definition = whole === undefined
    ? lookUp(table, settings.name, `attack "${victim.name}"`, "the attack")
    : lookUp(table, settings.name, `set up "${whole}"`, "its member");
  const resolved = resolveSettings(settings, definition);
  const made = definition.create(resolved, victim, table);
  const { members, norm } = made;
  return {
    perturb: (clean, labels, random) => made.perturb(clean, labels, random),
    [Symbol.dispose]: () => made[Symbol.dispose](),
    ...members && { members },
    ...norm && { norm },
    ...made.survivors && { survivors: (count: number) => made.survivors!(count) },
    name: settings.name,
    version: versionOf(settings.name, definition.version, members) +
      (victim.random && whole === undefined ? ` by ${JUDGED_DRAWS} draws` : ""),
    settings: members && "members" in resolved
      ? { ...resolved, members: members.map(({ settings: { epsilon: _, ...own } }) => own) }
      : resolved,
  };
}

/** E.g. "pgd 1", or "strongest 1 (fgsm 1, pgd 1)"; on a random victim " by 10 draws" follows. */
function versionOf(
  name: string,
  version: number,
  members: readonly Attack<unknown>[] | undefined,
): string {
  const own = `${name} ${version}`;
  return members ? `${own} (${members.map(({ version }) => version).join(", ")})` : own;
}
