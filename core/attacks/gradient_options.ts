/**
 * Options that gradient attacks share.
 *
 * @module
 */
import {
  atLeast,
  epsilonOver,
  flag,
  oneOf,
  type Option,
  option,
  wholeFrom,
  word,
} from "../options.ts";

/** Of a step along the gradient. */
export const stepSize: Option<number> = option(
  epsilonOver(4),
  atLeast(0),
  "length of a step, in the ball's norm",
);
/** How often it steps. */
export const steps: Option<number> = option(10, wholeFrom(0), "number of steps");
/** What is ascended. */
export const objective: Option<string> = option(
  "cross-entropy",
  word,
  "what it ascends, an objective of the task",
);
/** How often it begins anew. */
export const restarts: Option<number> = option(
  1,
  wholeFrom(1),
  "independent starts; each example's strongest result counts",
);
/** Which iterate is returned. */
export const returned: Option<"last" | "best"> = option(
  "last",
  oneOf("last", "best"),
  "the last iterate, or each example's iterate of the greatest objective",
);
/** Towards the labels. */
export const targeted: Option<boolean> = option(
  false,
  flag,
  "descend towards the labels instead of away from them",
);
/** Of the ball. */
export const norm: Option<"linf" | "l2"> = option("linf", oneOf("linf", "l2"), "norm of the ball");
