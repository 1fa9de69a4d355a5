/**
 * The settings of learning rates.
 *
 * @module
 */

/** The learning rate schedule. */
export interface Schedule {
  /** How the rate changes over the steps. @origin the works that the paper builds on; small presets: ours */
  readonly name:
    | "constant"
    | "one-cycle"
    | "constant-then-linear"
    | "poly"
    | "cosine"
    | "multi-step";
  /** The highest learning rate. @origin the works that the paper builds on; small presets: ours */
  readonly peak: number;
  /** one-cycle: fraction of the steps in which the rate rises. @origin ours */
  readonly warmup: number;
  /**
   * multi-step: fractions of the steps after each of which the rate is a tenth of what it was, e.g. 0.5 and 0.75.
   * @default {none} @origin the works that the paper builds on
   */
  readonly drops?: readonly number[];
}
