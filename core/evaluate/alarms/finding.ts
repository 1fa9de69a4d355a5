/**
 * What an alarm says, as an evaluation keeps it.
 *
 * @module
 */

/** What was found wrong with a system's figures. */
export interface Finding {
  /** "none" for O alone, or a system's name. */
  readonly system: string;
  /** Whose figures it concerns; absent where it concerns those of every attacker. */
  readonly threatModel?: string;
  /** The attack whose figure it concerns; absent where it concerns those of every attack. */
  readonly attack?: string;
  /** What the attacker attacks in place of O, where it is an attacker with a substitute. */
  readonly substitute?: string;
  /** In words: what was seen, and what follows from it. */
  readonly text: string;
  /** What it was found by; shares in `[0, 1]`, or counts. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A finding under the name of its check. */
export interface Alarm extends Finding {
  /** A key of `ALARMS`. */
  readonly name: string;
}
