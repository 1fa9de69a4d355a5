/**
 * How a defense is set.
 *
 * @module
 */

/** A defense's name in the table, and options of its own. */
export interface DefenseSettings {
  /** "identity", "generator", "jpeg", "random-resize-pad", ... */
  readonly name: string;
  readonly [option: string]: unknown;
}
