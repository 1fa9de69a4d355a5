/**
 * Adam and SGD with all of their state in variables, so that a step can be recorded and a checkpoint
 * holds everything. The learning rate is a tensor: a recording would freeze a number.
 *
 * @module
 */
import type { HostTensor } from "../weights/parameters.ts";
import type { OptimizerSettings } from "../preset.ts";
import type { Stateful } from "./method.ts";
import * as tf from "../tf.ts";

/** Added to Adam's denominator. */
const ADAM_EPSILON = 1e-8;

/**
 * Gradient descent on variables.
 *
 * @example Usage
 * ```ts
 * import { Optimizer } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = tf.variable(tf.scalar(1));
 * using optimizer = new Optimizer([weight], {
 *   name: "sgd",
 *   beta1: 0,
 *   beta2: 0,
 *   momentum: 0.5,
 *   nesterov: false,
 *   weightDecay: 0,
 * });
 * optimizer.apply([tf.scalar(1)], tf.scalar(0.25));
 * optimizer.apply([tf.scalar(1)], tf.scalar(0.25));
 * assert.equal(weight.dataSync()[0], 1 - 0.25 * 1 - 0.25 * 1.5);
 * ```
 */
export class Optimizer implements Stateful, Disposable {
  readonly #settings: OptimizerSettings;
  readonly #weights: readonly tf.Variable[];
  /** For each variable Adam's two moments, or SGD's velocity. */
  readonly #slots: readonly tf.Variable[][];
  readonly #step: tf.Variable;
  /** Of each variable. */
  readonly #factors: readonly number[];

  /**
   * @param variables What moves
   * @param settings Adam or SGD
   * @param factors What the learning rate of each variable is multiplied by. Default: 1
   */
  constructor(
    variables: readonly tf.Variable[],
    settings: OptimizerSettings,
    factors: readonly number[] = variables.map(() => 1),
  ) {
    this.#settings = settings;
    this.#weights = variables;
    this.#factors = factors;
    const slotCount = settings.name === "adam" ? 2 : 1;
    this.#slots = tf.tidy(() =>
      variables.map(({ shape }) =>
        Array.from({ length: slotCount }, () => tf.variable(tf.zeros(shape), false))
      )
    );
    this.#step = tf.tidy(() => tf.variable(tf.scalar(0), false));
  }

  /** Everything a step changes besides the weights; list it when a step is recorded. */
  get variables(): tf.Variable[] {
    return [...this.#slots.flat(), this.#step];
  }

  /**
   * Updates every variable by one step.
   *
   * @param gradients One for each variable, in their order; where it is undefined, as for a weight that
   * a loss does not reach, the variable stays
   * @param learningRate Scalar
   * @param isFirst Whether a step begins: false for more variables of the same step
   */
  apply(
    gradients: readonly (tf.Tensor | undefined)[],
    learningRate: tf.Scalar,
    isFirst = true,
  ): void {
    const { weightDecay } = this.#settings;
    if (isFirst) this.#step.assign(tf.add(this.#step, 1));
    const moves = new Map([...new Set(this.#factors)].map((factor) => {
      const rate = factor === 1 ? learningRate : tf.mul(learningRate, factor) as tf.Scalar;
      return [factor, this.#settings.name === "adam" ? this.#adam(rate) : this.#sgd(rate)];
    }));
    this.#weights.forEach((variable, index) => {
      const ofLoss = gradients[index];
      if (!ofLoss) return;
      const gradient = weightDecay > 0 ? tf.add(ofLoss, tf.mul(variable, weightDecay)) : ofLoss;
      const move = moves.get(this.#factors[index])!;
      variable.assign(tf.sub(variable, move(gradient, this.#slots[index])));
    });
  }

  /** Kingma & Ba 2015, with bias correction. */
  #adam(learningRate: tf.Scalar): (gradient: tf.Tensor, slots: tf.Variable[]) => tf.Tensor {
    const { beta1, beta2 } = this.#settings;
    const correction = (beta: number) => tf.sub(1, tf.pow(tf.scalar(beta), this.#step));
    // Both corrections on scalars, once: m / c1 / (sqrt(v / c2) + e) = (sqrt(c2) / c1) m / (sqrt(v) + e sqrt(c2)).
    const root = tf.sqrt(correction(beta2));
    const rate = tf.mul(learningRate, tf.div(root, correction(beta1)));
    const epsilon = tf.mul(root, ADAM_EPSILON);
    return (gradient, [first, second]) => {
      first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)));
      second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      return tf.div(tf.mul(first, rate), tf.add(tf.sqrt(second), epsilon));
    };
  }

  /** v <- momentum v + g, then v, or g + momentum v with Nesterov's look ahead; as PyTorch's. */
  #sgd(learningRate: tf.Scalar): (gradient: tf.Tensor, slots: tf.Variable[]) => tf.Tensor {
    const { momentum, nesterov } = this.#settings;
    return (gradient, [velocity]) => {
      velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
      return tf.mul(
        nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity,
        learningRate,
      );
    };
  }

  /** A copy of the state. */
  async export(): Promise<Map<string, HostTensor>> {
    const tensors = new Map<string, HostTensor>();
    for (const [index, variable] of this.variables.entries()) {
      tensors.set(`state.${index}`, {
        shape: [...variable.shape],
        data: await variable.data<"float32">(),
      });
    }
    return tensors;
  }

  /** Loads a state. Throws TypeError if it belongs to another network. */
  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    const values = this.variables.map((variable, index) => {
      const tensor = tensors.get(`state.${index}`);
      if (!tensor || tensor.data.length !== variable.size) {
        throw new TypeError(
          `Cannot load the optimizer of ${origin} as state.${index} must have ${variable.size} numbers: current count is ${
            tensor?.data.length ?? 0
          }`,
        );
      }
      return tensor;
    });
    this.variables.forEach((variable, index) =>
      tf.tidy(() => variable.assign(tf.tensor(values[index].data, variable.shape)))
    );
  }

  [Symbol.dispose](): void {
    tf.dispose(this.variables);
  }
}
