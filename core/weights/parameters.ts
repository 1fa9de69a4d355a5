/**
 * A network's weights by name.
 *
 * Values are exchanged in PyTorch's layout, which is what published checkpoints have; on the device
 * they lie as TensorFlow wants them.
 *
 * @module
 */
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";

/** How a weight's axes differ between PyTorch's files and the device. */
export type Layout =
  /** The same in both. */
  | "plain"
  /** `[out, in, kh, kw]` in files, `[kh, kw, in, out]` on the device. */
  | "conv"
  /** `[in, out, kh, kw]` in files, `[kh, kw, out, in]` on the device. */
  | "transposed-conv"
  /** `[out, in]` in files, `[in, out]` on the device. */
  | "dense";

/** From file axes to device axes; "plain" needs none. */
const TO_DEVICE: Readonly<Record<Layout, readonly number[] | undefined>> = {
  plain: undefined,
  conv: [2, 3, 1, 0],
  "transposed-conv": [2, 3, 1, 0],
  dense: [1, 0],
};

/** From device axes to file axes. */
const TO_FILE: Readonly<Record<Layout, readonly number[] | undefined>> = {
  plain: undefined,
  conv: [3, 2, 0, 1],
  "transposed-conv": [3, 2, 0, 1],
  dense: [1, 0],
};

/** A tensor in host memory. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Draws a weight's first values: `shape` is the device's. */
export type Initializer = (shape: readonly number[], random: Random) => Float32Array;

interface Entry {
  readonly variable: tf.Variable;
  readonly layout: Layout;
  readonly trainable: boolean;
  readonly nonNegative: boolean;
}

/** Bytes counted so far by {@linkcode measureWeights}; undefined outside of it. */
let measured: number | undefined;

/**
 * Counts the bytes of a network's weights without allocating them.
 *
 * @param build Builds the network, whose weights are placeholders; it cannot compute
 * @returns Bytes of float32 numbers
 *
 * @example Usage
 * ```ts
 * import { createPerceptual, createRandom, measureWeights } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 64, normalization: "imagenet" } as const;
 * assert.equal(measureWeights(() => createPerceptual(settings, createRandom(1))), 4 * 14_714_688);
 * ```
 */
export function measureWeights(build: () => Disposable): number {
  const before = measured;
  measured = 0;
  try {
    build()[Symbol.dispose]();
    return measured;
  } finally {
    measured = before;
  }
}

/** The weights of a network. */
export class Parameters implements Disposable {
  readonly #entries = new Map<string, Entry>();
  readonly #random: Random;

  /** @param random Where first values are drawn from, each weight's by its name */
  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Makes a weight.
   *
   * @param name Its name in a checkpoint; unique
   * @param shape Its shape on the device
   * @param initialize Draws its first values
   * @param options `trainable` false for statistics that no gradient reaches (default true); `nonNegative` for
   * those that cannot be below 0
   */
  create(
    name: string,
    shape: readonly number[],
    initialize: Initializer,
    options: {
      readonly layout?: Layout;
      readonly trainable?: boolean;
      readonly nonNegative?: boolean;
    } = {},
  ): tf.Variable {
    if (this.#entries.has(name)) throw new RangeError(`Cannot create the weight "${name}" twice`);
    const { layout = "plain", trainable = true, nonNegative = false } = options;
    const values = measured === undefined
      ? tf.tensor(initialize(shape, this.#random.fork(name)), [...shape])
      : tf.scalar(0);
    if (measured !== undefined) measured += shape.reduce((product, size) => product * size, 4);
    const variable = tf.variable(values, trainable);
    values.dispose();
    this.#entries.set(name, { variable, layout, trainable, nonNegative });
    return variable;
  }

  /** Every weight, in the order of making. */
  get variables(): tf.Variable[] {
    return [...this.#entries.values()].map(({ variable }) => variable);
  }

  /** The weights that a gradient moves. */
  get trainable(): tf.Variable[] {
    return [...this.#entries.values()].filter(({ trainable }) => trainable).map(({ variable }) =>
      variable
    );
  }

  /** How many numbers a gradient moves. */
  get size(): number {
    return this.trainable.reduce((sum, variable) => sum + variable.size, 0);
  }

  /** Names in the order of making. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** A copy of all values, in the files' layout. */
  async export(): Promise<Map<string, HostTensor>> {
    const tensors = new Map<string, HostTensor>();
    for (const [name, { variable, layout }] of this.#entries) {
      const axes = TO_FILE[layout];
      const value = axes ? tf.transpose(variable, [...axes]) : variable;
      tensors.set(name, { shape: [...value.shape], data: await value.data<"float32">() });
      if (axes) value.dispose();
    }
    return tensors;
  }

  /**
   * Takes all values over.
   *
   * @param tensors Values by name in the files' layout; names that are not this network's are left alone
   * @param origin Named in errors, e.g. the file's path
   * @throws {TypeError} If a weight is missing, has another shape, or holds what is not finite or may not be
   * negative; nothing has changed then
   */
  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    if (measured !== undefined) return; // there are but placeholders
    const found = [...this.#entries].map(([name, { variable, layout, nonNegative }]) => {
      const tensor = tensors.get(name);
      if (!tensor) {
        throw new TypeError(
          `Cannot load the weights of ${origin} as "${name}" is missing: the file has ${tensors.size} tensors, this network ${this.#entries.size}`,
        );
      }
      const axes = TO_FILE[layout];
      const wanted = axes ? axes.map((axis) => variable.shape[axis]) : variable.shape;
      if (
        wanted.length !== tensor.shape.length ||
        wanted.some((size, axis) => size !== tensor.shape[axis])
      ) {
        throw new TypeError(
          `Cannot load the weights of ${origin} as "${name}" must be [${
            wanted.join(", ")
          }]: current shape is [${tensor.shape.join(", ")}]`,
        );
      }
      const fault = faultOf(tensor.data, nonNegative);
      if (fault) {
        throw new TypeError(`Cannot load the weights of ${origin} as "${name}" must hold ${fault}`);
      }
      return { variable, layout, tensor };
    });
    for (const { variable, layout, tensor } of found) {
      tf.tidy(() => {
        const value = tf.tensor(tensor.data, [...tensor.shape]);
        const axes = TO_DEVICE[layout];
        variable.assign(axes ? tf.transpose(value, [...axes]) : value);
      });
    }
  }

  [Symbol.dispose](): void {
    for (const { variable } of this.#entries.values()) variable.dispose();
    this.#entries.clear();
  }
}

/** Describes the first invalid value of a weight; undefined if there is none. */
function faultOf(data: Float32Array, nonNegative: boolean): string | undefined {
  for (const value of data) {
    if (!Number.isFinite(value)) return "finite numbers only";
    if (nonNegative && value < 0) return `no negative numbers: it holds ${value}`;
  }
  return undefined;
}
