/**
 * Normalisations, with the statistics of the training.
 *
 * @module
 */
import { listOf } from "../json.ts";
import type { LayerCall, LayerTable } from "./layer_graph.ts";

/** Fails unless a layer works along the last axis. */
function assertLastAxis({ config, rank }: LayerCall): void {
  const axes = Array.isArray(config.axis) ? listOf(config.axis) : [config.axis ?? -1];
  if (axes.length === 1 && [-1, rank - 1].includes(Number(axes[0]))) return;
  throw new Error(`must be along the last axis: it is along ${JSON.stringify(config.axis)}`);
}

const epsilonOf = ({ config }: LayerCall) =>
  typeof config.epsilon === "number" ? config.epsilon : 1e-3;

/** Numbers that stand in a file as one, a list, or a list of lists. */
function numbersOf(value: unknown): number | readonly number[] {
  return Array.isArray(value) ? value.flat(9).map(Number) : Number(value);
}

/** Scales and shifts, as far as a layer has weights for it. */
function scaled(x: string, { op, config, weight }: LayerCall): string {
  const factor = config.scale === false ? x : op("Mul", [x, weight("gamma")]);
  return config.center === false ? factor : op("AddV2", [factor, weight("beta")]);
}

/** Normalisations. */
export const normalizationLayers: LayerTable = {
  BatchNormalization: (call) => {
    const { op, graph, source, config, weight } = call;
    assertLastAxis(call);
    const variance = op("AddV2", [weight("moving_variance"), graph.floats(epsilonOf(call))]);
    const rate = op("Rsqrt", [variance]);
    const factor = config.scale === false ? rate : op("Mul", [rate, weight("gamma")]);
    const moved = op("Mul", [weight("moving_mean"), factor]);
    const shift = config.center === false ? op("Neg", [moved]) : op("Sub", [weight("beta"), moved]);
    return { ...call, source: op("AddV2", [op("Mul", [source, factor]), shift]) };
  },
  LayerNormalization: (call) => {
    const { op, graph, source, config } = call;
    assertLastAxis(call);
    if (config.rms_scaling) throw new Error("must have no rms_scaling");
    const mean = (x: string) => op("Mean", [x, graph.ints([-1])], { keep_dims: true });
    const centred = op("Sub", [source, mean(source)]);
    const variance = op("AddV2", [mean(op("Square", [centred])), graph.floats(epsilonOf(call))]);
    return { ...call, source: scaled(op("Mul", [centred, op("Rsqrt", [variance])]), call) };
  },
  Normalization: (call) => {
    const { op, graph, source, config, weight } = call;
    assertLastAxis(call);
    if (config.invert) throw new Error("must not be inverted");
    const told = (name: string) =>
      config[name] === undefined || config[name] === null
        ? weight(name)
        : graph.floats(numbersOf(config[name]));
    const deviation = op("Maximum", [op("Sqrt", [told("variance")]), graph.floats(1e-7)]);
    return { ...call, source: op("RealDiv", [op("Sub", [source, told("mean")]), deviation]) };
  },
  Rescaling: (call) => {
    const { op, graph, source, config } = call;
    const large = op("Mul", [source, graph.floats(numbersOf(config.scale ?? 1))]);
    return { ...call, source: op("AddV2", [large, graph.floats(numbersOf(config.offset ?? 0))]) };
  },
};
