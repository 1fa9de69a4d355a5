/**
 * Options that gradient attacks share.
 *
 * @module
 */
import { atLeast, epsilonOver, flag, oneOf, option, wholeFrom, word } from "../options.ts";

/** Of a step along the gradient. */
export const stepSize = option(epsilonOver(4), atLeast(0), "length of a step, in the ball's norm");
/** How often it steps. */
export const steps = option(10, wholeFrom(0), "number of steps");
/** What is ascended. */
export const objective = option("cross-entropy", word, "what it ascends, an objective of the task");
/** How often it begins anew. */
export const restarts = option(
  1,
  wholeFrom(1),
  "independent starts; each example's strongest result counts",
);
/** Which iterate is returned. */
export const returned = option<"last" | "best">(
  "last",
  oneOf("last", "best"),
  "the last iterate, or each example's iterate of the greatest objective",
);
/** Towards the labels. */
export const targeted = option(false, flag, "descend towards the labels instead of away from them");
/** Of the ball. */
export const norm = option<"linf" | "l2">("linf", oneOf("linf", "l2"), "norm of the ball");
