/**
 * The settings of attacks and defenses.
 *
 * @module
 */

/** Settings of an attack: its name, its radius, and its own options. */
export interface AttackSettings {
  /** Which attack of the table, of those for every task or the task's own. @origin sections 4.2 and A.1 */
  readonly name: string;
  /** Radius of the ball, of pixels in `[0, 1]`; exactly as given (.031 is not 8/255). @origin section A.1 */
  readonly epsilon: number;
  /** Attacks that this one is made of ("strongest", "mixture"); they share its radius. @default none @origin ours */
  readonly members?: readonly MemberSettings[];
  /** Options of the attack; `undefined` counts as absent. */
  readonly [option: string]: unknown;
}

/** Settings of an attack that another is made of, which shares its radius. */
export interface MemberSettings {
  /** Which attack of the table. @origin ours */
  readonly name: string;
  readonly [option: string]: unknown;
}

/** A defense's name in the table, and its options. */
export interface DefenseSettings {
  /** Which defense of the table. @origin section 4.5 */
  readonly name: string;
  readonly [option: string]: unknown;
}
