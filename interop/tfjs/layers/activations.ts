/**
 * Activations, by themselves and within other layers.
 *
 * @module
 */
import { isObject, listOf, objectOf, textOf } from "../json.ts";
import { assertOneOf, type LayerCall, type LayerTable } from "./layer_graph.ts";

type Activation = (x: string, call: LayerCall) => string;

const same = (op: string): Activation => (x, call) => call.op(op, [x]);

/** By Keras's names, without "_" and in small letters. Of "hard sigmoid" TensorFlow.js's, not Keras 3's. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  elu: same("Elu"),
  exponential: same("Exp"),
  gelu: (x, { op, graph }) => {
    const half = op("Mul", [x, graph.floats(Math.SQRT1_2)]);
    const share = op("AddV2", [op("Erf", [half]), graph.floats(1)]);
    return op("Mul", [op("Mul", [x, graph.floats(0.5)]), share]);
  },
  hardsigmoid: (x, { op, graph }) => {
    const line = op("AddV2", [op("Mul", [x, graph.floats(0.2)]), graph.floats(0.5)]);
    return op("ClipByValue", [line, graph.floats(0), graph.floats(1)]);
  },
  leakyrelu: (x, { op }) => op("LeakyRelu", [x], { alpha: { real: 0.2 } }),
  logsoftmax: same("LogSoftmax"),
  mish: (x, { op }) => op("Mul", [x, op("Tanh", [op("Softplus", [x])])]),
  relu: same("Relu"),
  relu6: same("Relu6"),
  selu: same("Selu"),
  sigmoid: same("Sigmoid"),
  softmax: same("Softmax"),
  softplus: same("Softplus"),
  softsign: (x, { op, graph }) =>
    op("RealDiv", [x, op("AddV2", [op("Abs", [x]), graph.floats(1)])]),
  swish: (x, { op }) => op("Mul", [x, op("Sigmoid", [x])]),
  tanh: same("Tanh"),
};

const OTHER_NAMES: Readonly<Record<string, string>> = { silu: "swish" };

/** Applies what a layer's setting `activation` names. Throws an Error if it is not here. */
export function activated(x: string, call: LayerCall): string {
  const { activation } = call.config;
  if (activation === undefined || activation === null) return x;
  const { class_name, config } = objectOf(activation);
  const named = isObject(activation) ? textOf(config) || textOf(class_name) : textOf(activation);
  const plain = named.toLowerCase().replaceAll("_", "");
  const key = OTHER_NAMES[plain] ?? plain;
  if (!Object.hasOwn(ACTIVATIONS, key)) {
    throw new Error(`has the activation "${named}", which is not here`);
  }
  return ACTIVATIONS[key](x, call);
}

/** A real number among a layer's settings. */
function real({ config }: LayerCall, names: readonly string[], otherwise: number): number {
  const found = names.map((name) => config[name]).find((value) => typeof value === "number");
  return found === undefined ? otherwise : Number(found);
}

/** Layers that are activations. */
export const activationLayers: LayerTable = {
  Activation: (call) => ({ ...call, source: activated(call.source, call) }),
  ELU: (call) => {
    if (real(call, ["alpha"], 1) !== 1) throw new Error("must have an alpha of 1");
    return { ...call, source: call.op("Elu", [call.source]) };
  },
  LeakyReLU: (call) => {
    const alpha = { real: real(call, ["alpha", "negative_slope"], 0.3) };
    return { ...call, source: call.op("LeakyRelu", [call.source], { alpha }) };
  },
  PReLU: (call) => ({ ...call, source: call.op("Prelu", [call.source, call.weight("alpha")]) }),
  ReLU: (call) => {
    const { op, source, graph } = call;
    if (real(call, ["negative_slope"], 0) + real(call, ["threshold"], 0) !== 0) {
      throw new Error("must have no negative_slope and no threshold");
    }
    const most = real(call, ["max_value"], Infinity);
    const relu = op("Relu", [source]);
    return {
      ...call,
      source: most === Infinity
        ? relu
        : op("ClipByValue", [relu, graph.floats(0), graph.floats(most)]),
    };
  },
  Softmax: (call) => {
    const axes = [call.config.axis ?? -1].flatMap((axis) =>
      Array.isArray(axis) ? listOf(axis) : [axis]
    );
    if (axes.length !== 1 || ![-1, call.rank - 1].includes(Number(axes[0]))) {
      throw new Error(`must be along the last axis: it is along ${axes.join(", ")}`);
    }
    assertOneOf(call.config, "data_format", ["channels_last"]);
    return { ...call, source: call.op("Softmax", [call.source]) };
  },
};
