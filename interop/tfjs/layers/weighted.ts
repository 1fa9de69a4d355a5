/**
 * Layers with weights: convolutions, dense layers.
 *
 * @module
 */
import { textOf } from "../json.ts";
import { activated } from "./activations.ts";
import {
  assertChannelsLast,
  assertOneOf,
  type LayerAttributes,
  type LayerCall,
  type LayerTable,
  type LayerValue,
  pairOf,
  sides,
} from "./layer_graph.ts";

/** Strides, padding and dilations, as TensorFlow's operations have them. */
export function windowOf(call: LayerCall): LayerAttributes {
  const { config } = call;
  assertChannelsLast(call);
  assertOneOf(config, "padding", ["valid", "same"]);
  return {
    strides: [1, ...pairOf(config.strides, [1, 1]), 1],
    dilations: [1, ...pairOf(config.dilation_rate, [1, 1]), 1],
    padding: (textOf(config.padding) || "valid").toUpperCase(),
  };
}

/** Adds the bias, where there is one, and the activation. */
function finished(x: string, call: LayerCall): LayerValue {
  const shifted = call.config.use_bias === false ? x : call.op("BiasAdd", [x, call.weight("bias")]);
  return { ...call, source: activated(shifted, call) };
}

/** A convolution's kernel of each channel, which Keras 3 names otherwise. */
const DEPTHWISE = "depthwise_kernel";

/** Layers with weights. */
export const weightedLayers: LayerTable = {
  Conv2D: (call) => {
    assertOneOf(call.config, "groups", [1]);
    const kernel = call.weight("kernel");
    return finished(call.op("Conv2D", [call.source, kernel], windowOf(call)), call);
  },
  DepthwiseConv2D: (call) => {
    const kernel = call.weight(`${DEPTHWISE}|kernel`);
    return finished(call.op("DepthwiseConv2dNative", [call.source, kernel], windowOf(call)), call);
  },
  SeparableConv2D: (call) => {
    const [first, second] = [DEPTHWISE, "pointwise_kernel"].map((name) => call.weight(name));
    const each = call.op("DepthwiseConv2dNative", [call.source, first], windowOf(call));
    const mixed = call.op("Conv2D", [each, second], { strides: [1, 1, 1, 1], padding: "VALID" });
    return finished(mixed, call);
  },
  Conv2DTranspose: (call) => {
    const { config, graph, op, source } = call;
    assertOneOf(config, "dilation_rate", [1]);
    if (config.output_padding ?? null) throw new Error("must have no output_padding");
    const window = windowOf(call);
    const [height, width, outputs] = call.shape("kernel");
    const strides = pairOf(config.strides, [1, 1]);
    // What a window has beyond its stride.
    const more = [height, width].map((size, axis) =>
      window.padding === "SAME" ? 0 : Math.max(size - strides[axis], 0)
    );
    const scaled = op("Mul", [sides(call, source, 1, 2), graph.ints(strides)]);
    const size = op("AddV2", [scaled, graph.ints(more)]);
    const parts = [sides(call, source, 0, 1), size, graph.ints([outputs]), graph.ints([0])];
    const sizes = op("ConcatV2", parts);
    return finished(
      op("Conv2DBackpropInput", [sizes, call.weight("kernel"), source], window),
      call,
    );
  },
  Dense: (call) => finished(call.op("MatMul", [call.source, call.weight("kernel")]), call),
};
