/**
 * What `bench start` writes.
 *
 * @module
 */

/** Seconds from the command to a first step, one for each round. */
export interface StartResult {
  readonly version: 1;
  readonly kind: "start";
  readonly date: string;
  readonly preset: string;
  /** Of O, in a new run. */
  readonly target: readonly number[];
  /** Of G, in a run that goes on: O trained, adversarial images cached. */
  readonly generator: readonly number[];
  readonly environment: object;
}
