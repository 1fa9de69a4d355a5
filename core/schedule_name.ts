/**
 * The names of learning rate schedules; `core/train/schedule.ts` computes them.
 *
 * @module
 */

/** How a learning rate changes over the steps. */
export type ScheduleName =
  | "constant"
  | "one-cycle"
  | "constant-then-linear"
  | "poly"
  | "cosine"
  | "two-drops";
