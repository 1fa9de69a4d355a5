/**
 * Attacks that are made of others.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, TaskAttackFactory, Victim } from "./attack.ts";
import { lookUp } from "../names.ts";

/** The members of an attack, ready to run. Dispose them. */
export interface Members<L> extends Disposable {
  readonly attacks: readonly Attack<L>[];
  /** What they really run with. */
  readonly settings: NonNullable<AttackSettings["members"]>;
}

/**
 * Makes the members of an attack, each within the attack's epsilon.
 *
 * @param settings Of the whole
 * @param victim What is attacked
 * @param table Every attack by name
 * @returns The members
 * @throws {RangeError} If there is none, or one cannot be made
 */
export function createMembers<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, epsilon, members = [] }: AttackSettings,
  victim: Victim<O, L>,
  table: Readonly<Record<string, TaskAttackFactory<O, L>>>,
): Members<L> {
  if (members.length === 0) {
    throw new RangeError(`Cannot set up "${name}" as members must name at least one attack`);
  }
  const attacks: Attack<L>[] = [];
  const dispose = () => attacks.forEach((attack) => attack[Symbol.dispose]());
  try {
    for (const member of members) {
      const factory = lookUp(table, member.name, `set up "${name}"`, "its member");
      attacks.push(factory({ ...member, epsilon }, victim, table));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const settings = attacks.map(({ settings: { epsilon: _, ...own } }) => own);
  return { attacks, settings, [Symbol.dispose]: dispose };
}
