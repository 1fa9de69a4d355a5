/**
 * A setting that the command line changes.
 *
 * @module
 */

/** One setting and the text that replaces it. */
export interface Override {
  readonly path: readonly string[];
  readonly text: string;
}
