/**
 * What an attack is: settings, a victim, and images in and out.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Options, ValuesOf } from "../options.ts";
import type { AttackSettings } from "../preset.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";
import type { Victim } from "./victim.ts";

export type { AttackSettings } from "../preset.ts";

/** Resolved settings: every option has a value. */
export type ResolvedSettings<T extends Options> = ValuesOf<T> & {
  readonly name: string;
  readonly epsilon: number;
};

/** A stage of an attack whose stages only get what those before left right. */
export interface Survivors {
  /** The stage's attack; "clean" is the first stage, where nothing is attacked yet. */
  readonly stage: string;
  /** Number of examples that are still right after it. */
  readonly left: number;
  /** Why the stage was left out, if it was. */
  readonly leftOut?: string;
}

/** The working part of an attack. Holds recorded steps; dispose it. */
export interface Perturber<L> extends Disposable {
  /**
   * Makes adversarial images.
   *
   * @param clean `[B, H, W, 3]` in `[0, 1]`; not disposed
   * @param labels As the task encodes them; not disposed
   * @param random Source of random starts
   * @returns Adversarial images of the same shape, owned by the caller: in `[0, 1]`, and within
   * `epsilon` of `clean` in the attack's norm
   */
  perturb(clean: Images, labels: L, random: Random): Promise<Images>;
  /** The norm in which `epsilon` bounds the perturbation. @default {"linf"} */
  readonly norm?: "linf" | "l2";
  /** The member attacks, if it has any. */
  readonly members?: readonly Attack<L>[];
  /** Of an attack in stages: how the first `count` examples of the latest batch fared. */
  survivors?(count: number): readonly Survivors[];
}

/** An attack on one victim. */
export interface Attack<L> extends Perturber<L> {
  readonly name: string;
  /** Its settings, with defaults filled in. */
  readonly settings: AttackSettings;
  /** Identifies the code: changes whenever the attack's numbers change. */
  readonly version: string;
}

/** What every attack declares. */
interface Declaration<T extends Options> {
  /** Its title in tables, e.g. "PGD-CW". */
  readonly title: string;
  /** Raised whenever the attack's numbers change; cached images of older versions are ignored. */
  readonly version: number;
  /** Its options besides `epsilon`: the only place for defaults, ranges and help texts. */
  readonly options: T;
  /** Whether epsilon may be Infinity (minimum-norm attacks). */
  readonly unbounded?: boolean;
}

/** An attack of one task, as an entry of its table. */
export interface TaskAttackDefinition<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  // deno-lint-ignore no-explicit-any -- a table holds attacks of different options
  T extends Options = any,
> extends Declaration<T> {
  /** Creates the attack. Throws RangeError if the victim lacks something it needs. */
  create(
    settings: ResolvedSettings<T>,
    victim: Victim<O, L>,
    table: AttackTable<O, L>,
  ): Perturber<L>;
}

/** An attack on victims of any task, as an entry of the core's table. */
// deno-lint-ignore no-explicit-any -- a table holds attacks of different options
export interface AttackDefinition<T extends Options = any> extends Declaration<T> {
  /** Creates the attack. Throws RangeError if the victim lacks something it needs. */
  create<O extends tf.TensorContainer, L extends tf.TensorContainer>(
    settings: ResolvedSettings<T>,
    victim: Victim<O, L>,
    table: AttackTable<O, L>,
  ): Perturber<L>;
}

/** Attacks by name. */
export type AttackTable<O extends tf.TensorContainer, L extends tf.TensorContainer> = Readonly<
  Record<string, TaskAttackDefinition<O, L>>
>;

/** Declares an attack on victims of any task. */
export function defineAttack<T extends Options>(
  definition: AttackDefinition<T>,
): AttackDefinition<T> {
  return definition;
}

/** Declares an attack of one task; the type arguments are the task's outputs and labels. */
export function defineTaskAttack<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
>(): <T extends Options>(
  definition: TaskAttackDefinition<O, L, T>,
) => TaskAttackDefinition<O, L, T> {
  return (definition) => definition;
}
