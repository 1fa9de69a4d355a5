/**
 * Attacks with member attacks.
 *
 * @module
 */
import { type Option, option, type Range } from "../options.ts";
import type * as tf from "../tf.ts";
import type { MemberSettings } from "../preset.ts";
import type { Attack, AttackTable } from "./attack.ts";
import { createFromTable } from "./create.ts";
import type { Victim } from "./victim.ts";

const attackList: Range<readonly MemberSettings[]> = {
  text: "a list of at least one attack, each with a name and no epsilon of its own",
  accepts: (value): value is readonly MemberSettings[] =>
    Array.isArray(value) && value.length > 0 &&
    value.every((member) => typeof member?.name === "string" && member.epsilon === undefined),
};

/** The `members` option; it has no default. */
export const members: Option<readonly MemberSettings[]> = option(
  [],
  attackList,
  "its attacks, each with its own options; epsilon is shared",
);

/**
 * Creates the members of an attack, each with the attack's epsilon.
 *
 * @param settings Of the attack itself
 * @param victim The victim
 * @param table Every attack by name
 * @returns The members; dispose them
 * @throws {RangeError} If a member is invalid
 */
export function createMembers<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, epsilon, members }: {
    readonly name: string;
    readonly epsilon: number;
    readonly members: readonly MemberSettings[];
  },
  victim: Victim<O, L>,
  table: AttackTable<O, L>,
): readonly Attack<L>[] {
  const made: Attack<L>[] = [];
  try {
    for (const { name: member, ...options } of members) {
      made.push(
        createFromTable({ ...options, name: member as string, epsilon }, victim, table, name),
      );
    }
    return made;
  } catch (error) {
    disposeMembers(made);
    throw error;
  }
}

/** The norm of a whole whose members all have it. Others keep to "linf": an L2 ball lies within that of its radius. */
export function sharedNorm(attacks: readonly Attack<never>[]): { readonly norm?: "l2" } {
  return attacks.every(({ norm }) => norm === "l2") ? { norm: "l2" } : {};
}

/** Disposes attacks. */
export function disposeMembers(attacks: readonly Disposable[]): void {
  for (const attack of attacks) attack[Symbol.dispose]();
}
