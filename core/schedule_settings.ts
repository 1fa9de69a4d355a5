/**
 * The settings of learning rates and of the optimizers that they are for.
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

/** Adam or stochastic gradient descent with momentum. */
export interface OptimizerSettings {
  /** Adam, or stochastic gradient descent. @origin the works that the paper builds on */
  readonly name: "adam" | "sgd";
  /** Adam: decay of the mean of gradients. @origin pix2pixHD; small presets: ours */
  readonly beta1: number;
  /** Adam: decay of the mean of squared gradients. @origin pix2pixHD */
  readonly beta2: number;
  /** SGD: share of the last step that is repeated. @origin common practice for target models */
  readonly momentum: number;
  /** SGD: whether the gradient is taken ahead, after the momentum. @origin common practice for target models */
  readonly nesterov: boolean;
  /** L2 penalty on the weights, added to the gradient. @origin common practice for target models */
  readonly weightDecay: number;
}
