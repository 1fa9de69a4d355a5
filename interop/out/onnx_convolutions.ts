/**
 * Convolutions, pools, resizing: ONNX wants channels first, so each stands between two transposes, which runtimes take out.
 *
 * @module
 */
import type { Constant } from "../graph/constant.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { integersOf, textOf } from "./attributes.ts";
import type { OnnxBuilder } from "./onnx_builder.ts";
import type { OnnxRule } from "./onnx_rule.ts";
import {
  type Geometry,
  geometryOf,
  gridOf,
  inner,
  type Pair,
  turned,
  weightsOf,
} from "./windows.ts";

/** How a window moves, as ONNX's attributes. Where the sizes are not known, ONNX's runtimes compute the padding too. */
function windowOf(node: NodeDef, size: Pair, kernel: Pair) {
  const { padding, ...steps } = geometryOf(node, size, kernel);
  const isKnown = padding.flat().every(Number.isFinite);
  return {
    ...steps,
    kernel_shape: kernel,
    ...(isKnown ? { pads: padsOf(padding) } : { auto_pad: "SAME_UPPER" }),
  };
}

/** As ONNX writes them: both beginnings, then both ends. */
const padsOf = ([rows, columns]: Geometry["padding"]) => [rows[0], columns[0], rows[1], columns[1]];

const pool = (op: string): OnnxRule => (node, onnx) => {
  const kernel_shape = inner(integersOf(node, "ksize"));
  const { dilations: _, ...attributes } = windowOf(
    node,
    inner(onnx.shape(node.input[0])),
    kernel_shape,
  );
  onnx.channelsLast(onnx.add(op, [onnx.channelsFirst(node.input[0])], attributes), node);
};

const resize = (mode: "linear" | "nearest"): OnnxRule => (node, onnx) => {
  const grid = gridOf(node);
  if (mode === "nearest" && grid === "align_corners") {
    throw onnx.unlike(node, `its grid is ${grid}`);
  }
  const attributes = {
    mode,
    coordinate_transformation_mode: grid,
    // At half pixels TensorFlow rounds down what lies half a pixel behind ONNX's.
    ...(mode === "nearest" && {
      nearest_mode: grid === "half_pixel" ? "round_prefer_ceil" : "floor",
    }),
  };
  const images = onnx.channelsFirst(node.input[0]);
  // All four: runtimes that move transposes take a list of two for one of four.
  const size = sizesOf(node, images, onnx);
  onnx.channelsLast(onnx.add("Resize", [images, "", "", size], attributes), node);
};

/** The size `[B, C, H, W]` that images `[B, C, h, w]` are resized to. */
function sizesOf(node: NodeDef, images: string, onnx: OnnxBuilder): string {
  const [input, size] = node.input;
  const [batch, , , channels] = onnx.shape(input);
  if (channels !== undefined && onnx.constant(size)) {
    return onnx.sizes([batch, channels, ...onnx.integers(node, 1)], input);
  }
  const first = onnx.add("Shape", [images], { start: 0, end: 2 });
  return onnx.add("Concat", [first, onnx.int64(node, 1)], { axis: 0 });
}

/** By the statistics that it is given. */
const batchNorm: OnnxRule = (node, onnx) => {
  if (node.attr.is_training?.b !== 0) throw onnx.unlike(node, "it takes the statistics of a batch");
  const [input, ...rest] = node.input;
  const epsilon = { real: node.attr.epsilon?.f ?? 1e-4 };
  const inputs = [onnx.channelsFirst(input), ...rest.map((one) => onnx.value(one))];
  onnx.channelsLast(onnx.add("BatchNormalization", inputs, { epsilon }), node);
};

/**
 * A transposed convolution whose sizes are not known: all that it gives, and more behind, of which a part is cut out as
 * the sizes say when the model runs.
 */
function transposedOfAnySize(node: NodeDef, weights: Constant, onnx: OnnxBuilder): void {
  const [, weightsInput, input] = node.input;
  const kernel: Pair = [weights.shape[0], weights.shape[1]];
  const { strides, dilations } = geometryOf(node, [0, 0], kernel);
  if (dilations.some((step) => step !== 1)) throw onnx.unlike(node, "it has dilations");
  if (textOf(node, "padding") === "EXPLICIT") throw onnx.unlike(node, "its padding is told");
  const filter = onnx.computed(weightsInput, () => turned(weights, [3, 2, 0, 1]));
  const output_padding = strides.map((step) => step - 1);
  const attributes = { strides, output_padding, kernel_shape: kernel };
  const images = onnx.channelsFirst(input);
  const all = onnx.add("ConvTranspose", [images, filter], attributes);
  const size = onnx.add("Slice", [onnx.int64(node, 0), ...[[1], [3]].map((at) => onnx.list(at))]);
  let begin = onnx.list([0, 0]);
  if (textOf(node, "padding") === "SAME") {
    const whole = onnx.add("Shape", [all], { start: 2, end: 4 });
    const own = onnx.add("Sub", [whole, onnx.list(output_padding)]);
    const beyond = onnx.add("Max", [onnx.add("Sub", [own, size]), onnx.list([0, 0])]);
    begin = onnx.add("Div", [beyond, onnx.list([2, 2])]);
  }
  const end = onnx.add("Add", [begin, size]);
  onnx.channelsLast(onnx.add("Slice", [all, begin, end, onnx.list([2, 3])]), node);
}

/** By TensorFlow's names. */
export const convolutions: Readonly<Record<string, OnnxRule>> = {
  AvgPool: pool("AveragePool"),
  MaxPool: pool("MaxPool"),
  ResizeBilinear: resize("linear"),
  ResizeNearestNeighbor: resize("nearest"),
  Conv2D(node, onnx) {
    const weights = weightsOf(node, onnx);
    const shape = onnx.shape(node.input[0]);
    const kernel = [weights.shape[0], weights.shape[1]] as const;
    const group = (shape[3] ?? weights.shape[2]) / weights.shape[2];
    const filter = onnx.computed(node.input[1], () => turned(weights, [3, 2, 0, 1]));
    const attributes = { ...windowOf(node, inner(shape), kernel), group };
    const images = onnx.channelsFirst(node.input[0]);
    onnx.channelsLast(onnx.add("Conv", [images, filter], attributes), node);
  },
  DepthwiseConv2dNative(node, onnx) {
    const weights = weightsOf(node, onnx);
    const [height, width, group, multiplier] = weights.shape;
    const kernel = [height, width] as const;
    const shape = [group * multiplier, 1, ...kernel];
    const filter = onnx.computed(
      node.input[1],
      () => ({ ...turned(weights, [2, 3, 0, 1]), shape }),
    );
    const attributes = { ...windowOf(node, inner(onnx.shape(node.input[0])), kernel), group };
    const images = onnx.channelsFirst(node.input[0]);
    onnx.channelsLast(onnx.add("Conv", [images, filter], attributes), node);
  },
  /** A transposed convolution: the gradient of one of pictures of a given size. */
  Conv2DBackpropInput(node, onnx) {
    const [, weightsInput, gradient] = node.input;
    const weights = weightsOf(node, onnx);
    if (onnx.shape(gradient).length === 0 || !onnx.constant(node.input[0])) {
      return transposedOfAnySize(node, weights, onnx);
    }
    const size = inner(onnx.integers(node, 0));
    const kernel = [weights.shape[0], weights.shape[1]] as const;
    const { padding, strides, dilations } = geometryOf(node, size, kernel);
    const from = inner(onnx.shape(gradient));
    const output_padding = size.map((side, k) => {
      const reach = (from[k] - 1) * strides[k] + (kernel[k] - 1) * dilations[k] + 1;
      return side - (reach - padding[k][0] - padding[k][1]);
    });
    if (onnx.shape(gradient)[3] !== weights.shape[3]) {
      throw onnx.unlike(node, `it has groups: its weights ${weightsInput} are [${weights.shape}]`);
    }
    const filter = onnx.computed(weightsInput, () => turned(weights, [3, 2, 0, 1]));
    const attributes = {
      ...{ strides, dilations, output_padding, kernel_shape: kernel },
      pads: padsOf(padding),
    };
    const images = onnx.channelsFirst(gradient);
    onnx.channelsLast(onnx.add("ConvTranspose", [images, filter], attributes), node);
  },
  FusedBatchNorm: batchNorm,
  FusedBatchNormV3: batchNorm,
};
