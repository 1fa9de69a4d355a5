/**
 * Layers without weights: pools, shapes, several values joined.
 *
 * @module
 */
import { listOf, objectOf, textOf } from "../json.ts";
import {
  assertChannelsLast,
  assertOneOf,
  type Layer,
  type LayerTable,
  pairOf,
  reshaped,
  sides,
} from "./layer_graph.ts";
import { windowOf } from "./weighted.ts";

const pool = (op: string): Layer => (call) => {
  const size = pairOf(call.config.pool_size, [2, 2]);
  const config = { ...call.config, strides: call.config.strides ?? size };
  const attributes = { ...windowOf({ ...call, config }), ksize: [1, ...size, 1] };
  return { ...call, source: call.op(op, [call.source], attributes) };
};

const globalPool = (op: string): Layer => (call) => {
  assertChannelsLast(call);
  const keep = Boolean(call.config.keepdims ?? call.config.keep_dims);
  const source = call.op(op, [call.source, call.graph.ints([1, 2])], { keep_dims: keep });
  return { source, rank: keep ? 4 : 2 };
};

/** In inference it does nothing. */
const nothing: Layer = ({ source, rank }) => ({ source, rank });

/** Joins all inputs, two by two. */
const joined = (op: string): Layer => (call) => ({
  source: call.inputs.map(({ source }) => source).reduce((sum, one) => call.op(op, [sum, one])),
  rank: Math.max(...call.inputs.map(({ rank }) => rank)),
});

/** Pixels before and behind of rows and of columns, which may be one number, or one of each. */
function borders(value: unknown): [[number, number], [number, number]] {
  const [rows, columns] = Array.isArray(value) ? value : [value, value];
  return [pairOf(rows, [0, 0]), pairOf(columns, [0, 0])];
}

/** Layers without weights. */
export const mapLayers: LayerTable = {
  ActivityRegularization: nothing,
  AlphaDropout: nothing,
  Dropout: nothing,
  GaussianDropout: nothing,
  GaussianNoise: nothing,
  SpatialDropout2D: nothing,
  AveragePooling2D: pool("AvgPool"),
  MaxPooling2D: pool("MaxPool"),
  GlobalAveragePooling2D: globalPool("Mean"),
  GlobalMaxPooling2D: globalPool("Max"),
  Add: joined("AddV2"),
  Maximum: joined("Maximum"),
  Minimum: joined("Minimum"),
  Multiply: joined("Mul"),
  Subtract: joined("Sub"),
  Average: (call) => {
    const { source, rank } = joined("AddV2")(call);
    return { source: call.op("RealDiv", [source, call.graph.floats(call.inputs.length)]), rank };
  },
  Concatenate: (call) => {
    const { op, graph, inputs, config, rank } = call;
    const axis = graph.ints([typeof config.axis === "number" ? config.axis : -1]);
    return { source: op("ConcatV2", [...inputs.map(({ source }) => source), axis]), rank };
  },
  Cropping2D: (call) => {
    assertChannelsLast(call);
    const [rows, columns] = borders(call.config.cropping ?? 0);
    const { graph, op, source } = call;
    const begin = graph.ints([0, rows[0], columns[0], 0]);
    const end = graph.ints([0, -rows[1], -columns[1], 0]);
    // Bits of the axes that go to their end.
    const end_mask = 0b1001 | (rows[1] === 0 ? 0b10 : 0) | (columns[1] === 0 ? 0b100 : 0);
    const input = [source, begin, end, graph.ints([1, 1, 1, 1])];
    return { source: op("StridedSlice", input, { end_mask }), rank: 4 };
  },
  Flatten: (call) => {
    assertOneOf(call.config, "data_format", ["channels_last", "channelsLast"]);
    return reshaped(call, call.source, [-1]);
  },
  Permute: (call) => {
    const dims = listOf(call.config.dims).map(Number);
    return { ...call, source: call.op("Transpose", [call.source, call.graph.ints([0, ...dims])]) };
  },
  Reshape: (call) =>
    reshaped(
      call,
      call.source,
      listOf(call.config.target_shape).map((size) => size === null ? -1 : Number(size)),
    ),
  UpSampling2D: (call) => {
    assertChannelsLast(call);
    const { op, graph, source, config } = call;
    assertOneOf(config, "interpolation", ["nearest", "bilinear"]);
    const size = op("Mul", [sides(call, source, 1, 2), graph.ints(pairOf(config.size, [2, 2]))]);
    const isBilinear = textOf(config.interpolation) === "bilinear";
    const resize = isBilinear ? "ResizeBilinear" : "ResizeNearestNeighbor";
    // TensorFlow.js's layer has its pixels' centres at their corners; Keras itself in their middle.
    return { source: op(resize, [source, size]), rank: 4 };
  },
  ZeroPadding2D: (call) => {
    assertChannelsLast(call);
    const [rows, columns] = borders(call.config.padding ?? 1);
    const flat = [0, 0, ...rows, ...columns, 0, 0];
    const pairs = call.graph.constant({
      shape: [4, 2],
      dtype: "int32",
      values: Int32Array.from(flat),
    });
    return { source: call.op("Pad", [call.source, pairs]), rank: 4 };
  },
};

/** The settings of a layer's input, where it says them. */
export function inputSizes(config: unknown): readonly unknown[] {
  const { batch_input_shape, batch_shape, input_shape } = objectOf(config);
  const own = listOf(input_shape);
  return listOf(batch_input_shape ?? batch_shape ?? (own.length > 0 ? [null, ...own] : []));
}
