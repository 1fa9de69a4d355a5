/**
 * What a suite is made of.
 *
 * @module
 */

/** An attack of a suite: its epsilon is that of the preset it is added to. */
export interface SuiteAttack {
  /** Which attack of the table. */
  readonly name: string;
  /** Its epsilon over the preset's. @default {1} */
  readonly radius?: number;
  readonly [option: string]: unknown;
}

/** Attacks by the name used in results. */
export type SuiteAttacks = Readonly<Record<string, SuiteAttack>>;

/** A suite, as a plugin names it for its task. */
export interface Suite {
  /** The suite that it adds to. @default the preset's own attacks */
  readonly extends?: string;
  /** Attacks by threat model; those on substitutes are left out where a preset has none. */
  readonly threatModels: Readonly<Record<string, SuiteAttacks>>;
  /**
   * Whether its whitebox and black-box attacks go through every system, those without a gradient (BPDA) and random ones
   * (EOT) too. @default {false}: O alone, and what was trained for O
   */
  readonly everySystem?: boolean;
  /** Points of curves by threat model. */
  readonly curves?: Readonly<Record<string, SuiteAttacks>>;
}

/** Suites by name; "paper", the preset's own attacks, is always there. */
export type Suites = Readonly<Record<string, Suite>>;
