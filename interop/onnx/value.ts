/**
 * Values of a graph, in whichever layout they were made.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { type HostArray, hostArray, type NumberKind } from "./host_array.ts";

const DTYPES: Readonly<Record<NumberKind, "float32" | "int32" | "bool">> = {
  float: "float32",
  int: "int32",
  bool: "bool",
};

/** Where each axis of ONNX's `[B, C, H, W]` lies in `[B, H, W, C]`. */
export const TO_LAST: readonly number[] = [0, 3, 1, 2];
/** Where each axis of `[B, H, W, C]` lies in ONNX's `[B, C, H, W]`. */
export const TO_ONNX: readonly number[] = [0, 2, 3, 1];

/**
 * A value: an array on the host, or a tensor in ONNX's order of axes or with channels last. It is converted when
 * somebody asks for the other order, so that no transposition stands where nobody needs it.
 */
export class Value {
  #plain?: tf.Tensor;
  #last?: tf.Tensor4D;
  readonly #host?: HostArray;
  /** A kernel `[kh, kw, in, out]` whose axes ONNX names `[out, in, kh, kw]`. */
  readonly #kernel?: tf.Tensor4D;

  /** Whether it outlives a run: what it is converted to does not, and is not kept. */
  readonly #isWeight: boolean;

  private constructor(
    from: {
      readonly plain?: tf.Tensor;
      readonly last?: tf.Tensor4D;
      readonly host?: HostArray;
      readonly kernel?: tf.Tensor4D;
      readonly isWeight?: boolean;
    },
  ) {
    this.#plain = from.plain;
    this.#last = from.last;
    this.#host = from.host;
    this.#kernel = from.kernel;
    this.#isWeight = from.isWeight ?? false;
  }

  /** Of a tensor in ONNX's order of axes. */
  static plain(plain: tf.Tensor): Value {
    return new Value({ plain });
  }

  /** Of a tensor `[B, H, W, C]` that ONNX names `[B, C, H, W]`. */
  static last(last: tf.Tensor): Value {
    return new Value({ last: last as tf.Tensor4D });
  }

  /** Of an array on the host. */
  static host(host: HostArray): Value {
    return new Value({ host });
  }

  /** Of a weight in ONNX's order of axes, or of a kernel `[kh, kw, in, out]` that ONNX names `[out, in, kh, kw]`. */
  static weight(variable: tf.Variable, isKernel: boolean): Value {
    return new Value({
      [isKernel ? "kernel" : "plain"]: variable as tf.Tensor as tf.Tensor4D,
      isWeight: true,
    });
  }

  /** Its shape, in ONNX's order. */
  get dims(): readonly number[] {
    if (this.#host) return this.#host.dims;
    if (this.#plain) return this.#plain.shape;
    if (this.#last) return TO_LAST.map((axis) => this.#last!.shape[axis]);
    return [3, 2, 0, 1].map((axis) => this.#kernel!.shape[axis]);
  }

  /** How many axes it has. */
  get rank(): number {
    return this.dims.length;
  }

  /** Its array, if it is known on the host. */
  get known(): HostArray | undefined {
    return this.#host;
  }

  /** Its array. Throws TypeError if it depends on the image's pixels, or on weights. */
  get host(): HostArray {
    if (this.#host) return this.#host;
    throw new TypeError(
      "numbers that depend on pixels or weights stand where a shape or an option must",
    );
  }

  /** Its numbers, of the host. */
  get numbers(): number[] {
    return Array.from(this.host.data);
  }

  /** Its only number, of the host. */
  get number(): number {
    const { data } = this.host;
    if (data.length !== 1) {
      throw new TypeError(`one number must be there: there are ${data.length}`);
    }
    return data[0];
  }

  /** Whether it lies with its channels last. */
  get isLast(): boolean {
    return this.#last !== undefined && this.#plain === undefined;
  }

  /** What its numbers are. */
  get kind(): NumberKind {
    if (this.#host) return this.#host.kind;
    const { dtype } = (this.#plain ?? this.#last ?? this.#kernel)!;
    return dtype === "int32" ? "int" : dtype === "bool" ? "bool" : "float";
  }

  /** As a tensor in ONNX's order of axes. */
  get plain(): tf.Tensor {
    if (this.#plain) return this.#plain;
    if (this.#host) {
      const { data, dims, kind } = this.#host;
      const numbers = kind === "float" ? data : Int32Array.from(data, toInt32);
      return tf.tensor(numbers, [...dims], DTYPES[kind]);
    }
    const { stored, axes } = this.#last
      ? { stored: this.#last, axes: TO_LAST }
      : { stored: this.#kernel!, axes: [3, 2, 0, 1] };
    const plain = tf.transpose(stored, [...axes]);
    if (!this.#isWeight) this.#plain = plain;
    return plain;
  }

  /** As a tensor with channels last; of fewer axes, after as many of length 1, as broadcasting has it. */
  get last(): tf.Tensor4D {
    if (this.#last) return this.#last;
    const [batch, channels, height, width] = [1, 1, 1, 1].slice(this.rank).concat(this.dims);
    const four = tf.reshape(this.plain, [batch, channels, height, width]);
    const isFlat = channels === 1 || height * width === 1;
    const last = isFlat
      ? tf.reshape(four, [batch, height, width, channels])
      : tf.transpose(four, [...TO_ONNX]);
    if (this.rank === 4 && !this.#host && !this.#isWeight) this.#last = last as tf.Tensor4D;
    return last as tf.Tensor4D;
  }

  /** As a kernel `[kh, kw, in, out]`. */
  get kernel(): tf.Tensor4D {
    return this.#kernel ?? tf.transpose(this.plain as tf.Tensor4D, [2, 3, 1, 0]);
  }

  /** Applies a function that does not care for the order of axes. */
  map(compute: (tensor: tf.Tensor) => tf.Tensor): Value {
    return this.isLast ? Value.last(compute(this.last)) : Value.plain(compute(this.plain));
  }

  /** Applies a function along axes, which it is given as the tensor has them: `axis` maps ONNX's. */
  mapAxes(
    compute: (tensor: tf.Tensor, axis: (onnx: number) => number) => tf.Tensor,
  ): Value {
    return this.isLast
      ? Value.last(compute(this.last, (axis) => TO_LAST[axis]))
      : Value.plain(compute(this.plain, (axis) => axis));
  }

  /** Under another shape of as many numbers, in ONNX's order. */
  reshaped(dims: readonly number[]): Value {
    if (this.#host) return Value.host({ ...this.#host, dims });
    return Value.plain(tf.reshape(this.plain, [...dims]));
  }
}

/** The ends of int64 stand for "as far as it goes". */
function toInt32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

/** One number on the host. */
export function hostNumber(value: number, kind: NumberKind): Value {
  return Value.host(hostArray([], kind, () => value));
}
