/**
 * Operators that work number by number.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { combine, type NumberKind } from "../host_array.ts";
import { Value } from "../value.ts";
import { gelu } from "./activations.ts";
import type { Call, Operator, OperatorTable } from "./operator.ts";

type HostFunction = (...numbers: number[]) => number;

/**
 * An operator of one or more values that are stretched to each other.
 *
 * @param compute On the device
 * @param onHost The same for numbers known before any image is; `whole` for integers, where it differs
 * @param kind What it gives. Default: what it takes
 */
function pointwise(
  compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  onHost?: HostFunction,
  { kind, whole = onHost }: { readonly kind?: NumberKind; readonly whole?: HostFunction } = {},
): Operator {
  return {
    run: ({ all }) => {
      const known = all.flatMap((value) => value.known ?? []);
      if (onHost && known.length === all.length) {
        const isWhole = known.every((array) => array.kind !== "float");
        return Value.host(combine(kind ?? known[0].kind, known, isWhole ? whole! : onHost));
      }
      return stretched(all, (tensors) => tensors.slice(1).reduce(compute, tensors[0]));
    },
  };
}

/** Applies a function to values that are stretched to each other, with channels last if any lies so. */
function stretched(values: readonly Value[], compute: (tensors: tf.Tensor[]) => tf.Tensor): Value {
  const rank = Math.max(...values.map((value) => value.rank));
  return rank === 4 && values.some((value) => value.isLast)
    ? Value.last(compute(values.map((value) => value.rank === 0 ? value.plain : value.last)))
    : Value.plain(compute(values.map((value) => value.plain)));
}

function unary(compute: (x: tf.Tensor) => tf.Tensor, onHost?: (x: number) => number): Operator {
  return {
    run: (call) => {
      const value = call.input(0);
      if (!onHost || !value.known) return value.map(compute);
      return Value.host(combine(value.kind, [value.known], onHost));
    },
  };
}

/** An operator of one value and numbers among its attributes. */
function shaped(
  compute: (x: tf.Tensor, number: (name: string, otherwise: number) => number) => tf.Tensor,
): Operator {
  return {
    run: (call) =>
      call.input(0).map((x) =>
        compute(x, (name, otherwise) => call.attributes.float(name, otherwise))
      ),
  };
}

const asBool = (x: tf.Tensor) => tf.cast(x, "bool");

function power(call: Call): Value {
  const [base, exponent] = [call.input(0), call.input(1)];
  const known = exponent.known?.data.length === 1 ? exponent.number : undefined;
  // Their gradients have no logarithm, and are right below 0.
  if (!base.known && known === 2) return base.map((x) => tf.square(x));
  if (!base.known && known === 0.5) return base.map((x) => tf.sqrt(x));
  if (!base.known && known === 1) return base;
  if (!base.known && known === 3) return base.map((x) => tf.mul(x, tf.square(x)));
  return pointwise(tf.pow, (a, b) => a ** b).run(call) as Value;
}

function clip(call: Call): Value {
  const value = call.input(0);
  const [low, high] = ["min", "max"].map((name, index) =>
    call.optional(index + 1)?.number ?? call.attributes.float(name, index === 0 ? -3.4e38 : 3.4e38)
  );
  if (value.known) {
    return Value.host(combine(value.kind, [value.known], (x) => Math.min(Math.max(x, low), high)));
  }
  return value.map((x) => tf.clipByValue(x, low, high));
}

function where(call: Call): Value {
  const values = [0, 1, 2].map((index) => call.input(index));
  const known = values.flatMap((value) => value.known ?? []);
  if (known.length === 3) {
    return Value.host(combine(known[1].kind, known, (condition, a, b) => condition ? a : b));
  }
  return stretched(values, ([condition, a, b]) => tf.where(asBool(condition), a, b));
}

const hardSigmoid = (x: tf.Tensor, alpha: number, beta: number) =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);

/** The remainder with the divisor's sign, or (`fmod`) the dividend's. */
const remainder = pointwise(tf.mod, (a, b) => ((a % b) + b) % b);
const comparison = (
  compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  onHost: (a: number, b: number) => boolean,
) => pointwise(compute, (a, b) => Number(onHost(a, b)), { kind: "bool" });

/** Elementwise operators. */
export const elementwiseOperators: OperatorTable = {
  Add: pointwise(tf.add, (a, b) => a + b),
  Sub: pointwise(tf.sub, (a, b) => a - b),
  Mul: pointwise(tf.mul, (a, b) => a * b),
  Div: pointwise(tf.div, (a, b) => a / b, { whole: (a, b) => Math.trunc(a / b) }),
  Mod: {
    ...remainder,
    lacks: (attributes) => attributes.int("fmod", 0) === 1 ? "fmod" : undefined,
  },
  Pow: { run: power },
  Min: pointwise(tf.minimum, (...numbers) => Math.min(...numbers)),
  Max: pointwise(tf.maximum, (...numbers) => Math.max(...numbers)),
  Sum: pointwise(tf.add),
  Equal: comparison(tf.equal, (a, b) => a === b),
  Less: comparison(tf.less, (a, b) => a < b),
  LessOrEqual: comparison(tf.lessEqual, (a, b) => a <= b),
  Greater: comparison(tf.greater, (a, b) => a > b),
  GreaterOrEqual: comparison(tf.greaterEqual, (a, b) => a >= b),
  And: comparison((a, b) => tf.logicalAnd(asBool(a), asBool(b)), (a, b) => Boolean(a && b)),
  Or: comparison((a, b) => tf.logicalOr(asBool(a), asBool(b)), (a, b) => Boolean(a || b)),
  Not: unary((x) => tf.logicalNot(asBool(x)), (x) => Number(!x)),
  Where: { run: where },
  Clip: { run: clip, host: [1, 2] },
  Relu: unary(tf.relu, (x) => Math.max(0, x)),
  LeakyRelu: shaped((x, number) => tf.leakyRelu(x, number("alpha", 0.01))),
  Elu: shaped((x, number) => {
    const alpha = number("alpha", 1);
    // Not above 0, where its exponential might overflow and its gradient be none.
    const below = tf.sub(tf.exp(tf.minimum(x, 0)), 1);
    return tf.add(tf.relu(x), tf.mul(below, alpha));
  }),
  PRelu: {
    run: (call) =>
      stretched(
        [call.input(0), call.input(1)],
        ([x, slope]) => tf.sub(tf.relu(x), tf.mul(slope, tf.relu(tf.neg(x)))),
      ),
  },
  Sigmoid: unary(tf.sigmoid),
  HardSigmoid: shaped((x, number) => hardSigmoid(x, number("alpha", 0.2), number("beta", 0.5))),
  HardSwish: unary((x) => tf.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Softplus: unary(tf.softplus),
  Mish: unary((x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  Gelu: {
    run: (call) =>
      call.input(0).map((x) => gelu(x, call.attributes.text("approximate", "none") === "tanh")),
  },
  Tanh: unary(tf.tanh),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp, Math.exp),
  Log: unary(tf.log, Math.log),
  Sqrt: unary(tf.sqrt, Math.sqrt),
  Reciprocal: unary((x) => tf.div(1, x), (x) => 1 / x),
  Neg: unary(tf.neg, (x) => -x),
  Abs: unary(tf.abs, Math.abs),
  Sign: unary(tf.sign, Math.sign),
  Floor: unary(tf.floor, Math.floor),
  Ceil: unary(tf.ceil, Math.ceil),
  Sin: unary(tf.sin, Math.sin),
  Cos: unary(tf.cos, Math.cos),
  Identity: { run: (call) => call.input(0) },
  // In inference it does nothing.
  Dropout: { run: (call) => call.input(0) },
};
