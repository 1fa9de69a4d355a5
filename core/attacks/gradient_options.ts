/**
 * Options that gradient attacks share.
 *
 * @module
 */
import {
  between,
  epsilonOver,
  flag,
  oneOf,
  type Option,
  option,
  wholeFrom,
  word,
} from "../options.ts";

/** Step size. */
export const stepSize: Option<number> = option(
  epsilonOver(4),
  // Single-precision pixels hold no smaller changes.
  between(1e-7, 1000),
  "step size, in the ball's norm",
);
/** Number of steps. */
export const steps: Option<number> = option(10, wholeFrom(1, 1e6), "number of steps");
/** Objective. */
export const objective: Option<string> = option(
  "cross-entropy",
  word,
  "objective of the task to maximise",
);
/** Restarts. */
export const restarts: Option<number> = option(
  1,
  wholeFrom(1, 1000),
  "independent restarts; the strongest result of each example counts",
);
/** Whether images are only to fool the victim, as in AutoAttack. */
export const untilFooled: Option<boolean> = option(
  false,
  flag,
  "whether images are done once they are misclassified, in restarts of PGD and at checkpoints of APGD: as many are in the end, sooner, but with less loss",
);
/** Returned iterate. */
export const returned: Option<"last" | "best"> = option(
  "last",
  oneOf("last", "best"),
  "the last iterate, or each example's iterate with the highest objective",
);
/** Targeted attack. */
export const targeted: Option<boolean> = option(
  false,
  flag,
  "move towards the given labels (targeted) instead of away from them",
);
/** Norm of the ball. */
export const norm: Option<"linf" | "l2"> = option("linf", oneOf("linf", "l2"), "norm of the ball");
