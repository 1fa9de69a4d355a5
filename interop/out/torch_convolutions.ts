/**
 * Convolutions, pools, resizing: PyTorch wants channels first, which functions of the file turn views of a tensor into;
 * no number moves, and PyTorch computes with channels last.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";
import { integersOf } from "./attributes.ts";
import { pythonFloat, pythonTuple } from "./python_text.ts";
import type { TorchBuilder } from "./torch_builder.ts";
import type { TorchRule } from "./torch_rule.ts";
import { type Geometry, geometryOf, gridOf, inner, turned, weightsOf } from "./windows.ts";

/** Named arguments that are not what they are where they are left out. */
function named(values: Readonly<Record<string, string>>, left: Readonly<Record<string, string>>) {
  return Object.entries(values).filter(([name, value]) => value !== left[name])
    .map(([name, value]) => `, ${name}=${value}`).join("");
}

/** As the functions take them: left, right, top, bottom. */
const paddingOf = ([rows, columns]: Geometry["padding"]) => pythonTuple([...columns, ...rows]);

const DEFAULTS = { stride: "(1, 1)", padding: "(0, 0, 0, 0)", dilation: "(1, 1)", groups: "1" };

/** A convolution of an operation's first input by a weight `[out, in / groups, h, w]`. */
function convolve(
  node: NodeDef,
  torch: TorchBuilder,
  weight: string,
  { strides, dilations, padding }: Geometry,
  groups: number,
): void {
  const options = named({
    stride: pythonTuple(strides),
    padding: paddingOf(padding),
    dilation: pythonTuple(dilations),
    groups: String(groups),
  }, DEFAULTS);
  const images = torch.tensor(node.input[0]);
  torch.helper("padded");
  torch.assign(node, `${torch.helper("conv2d")}(${images}, ${weight}${options})`);
}

const pool = (name: "max_pool2d" | "avg_pool2d"): TorchRule => (node, torch) => {
  const kernel = inner(integersOf(node, "ksize"));
  const { strides, padding } = geometryOf(node, inner(torch.shape(node.input[0])), kernel);
  const options = named({ padding: paddingOf(padding) }, DEFAULTS);
  const [images, size, stride] = [
    torch.tensor(node.input[0]),
    pythonTuple(kernel),
    pythonTuple(strides),
  ];
  if (name === "max_pool2d") torch.helper("padded");
  torch.assign(node, `${torch.helper(name)}(${images}, ${size}, ${stride}${options})`);
};

/** By the statistics that it is given. */
const batchNorm: TorchRule = (node, torch) => {
  if (node.attr.is_training?.b !== 0) {
    throw torch.unlike(node, "it takes the statistics of a batch");
  }
  const inputs = node.input.slice(0, 5).map((input) => torch.tensor(input));
  const epsilon = pythonFloat(node.attr.epsilon?.f ?? 1e-4);
  torch.assign(node, `${torch.helper("batch_norm")}(${[...inputs, epsilon].join(", ")})`);
};

/** By TensorFlow's names. */
export const convolutions: Readonly<Record<string, TorchRule>> = {
  AvgPool: pool("avg_pool2d"),
  MaxPool: pool("max_pool2d"),
  ResizeBilinear(node, torch) {
    const grid = gridOf(node);
    const size = pythonTuple(torch.integers(node, 1));
    const images = torch.tensor(node.input[0]);
    if (grid === "asymmetric") {
      torch.helper("between");
      torch.assign(node, `${torch.helper("resize_from_corner")}(${images}, ${size})`);
      return;
    }
    const corners = grid === "align_corners" ? "True" : "False";
    torch.assign(node, `${torch.helper("resize_bilinear")}(${images}, ${size}, ${corners})`);
  },
  ResizeNearestNeighbor(node, torch) {
    const grid = gridOf(node);
    if (grid === "align_corners") throw torch.unlike(node, `its grid is ${grid}`);
    const size = pythonTuple(torch.integers(node, 1));
    const mode = grid === "half_pixel" ? '"nearest-exact"' : '"nearest"';
    const images = torch.tensor(node.input[0]);
    torch.assign(node, `${torch.helper("resize_nearest")}(${images}, ${size}, ${mode})`);
  },
  Conv2D(node, torch) {
    const constant = weightsOf(node, torch);
    const shape = torch.shape(node.input[0]);
    const [height, width, depth] = constant.shape;
    const geometry = geometryOf(node, inner(shape), [height, width]);
    const weight = torch.weight(turned(constant, [3, 2, 0, 1]), "weight");
    convolve(node, torch, weight, geometry, shape[3] / depth);
  },
  DepthwiseConv2dNative(node, torch) {
    const constant = weightsOf(node, torch);
    const [height, width, groups, multiplier] = constant.shape;
    const geometry = geometryOf(node, inner(torch.shape(node.input[0])), [height, width]);
    const shape = [groups * multiplier, 1, height, width];
    const weight = torch.weight({ ...turned(constant, [2, 3, 0, 1]), shape }, "weight");
    convolve(node, torch, weight, geometry, groups);
  },
  /** A transposed convolution: the gradient of one of pictures of a given size. */
  Conv2DBackpropInput(node, torch) {
    const constant = weightsOf(node, torch);
    const gradient = node.input[2];
    const size = inner(torch.integers(node, 0));
    const [height, width, , depth] = constant.shape;
    if (torch.shape(gradient)[3] !== depth) {
      throw torch.unlike(node, `it has groups: its weights are [${constant.shape}]`);
    }
    const { strides, dilations, padding } = geometryOf(node, size, [height, width]);
    const weight = torch.weight(turned(constant, [3, 2, 0, 1]), "weight");
    const options = named({
      stride: pythonTuple(strides),
      offset: pythonTuple([padding[0][0], padding[1][0]]),
      dilation: pythonTuple(dilations),
    }, { ...DEFAULTS, offset: "(0, 0)" });
    const parts = [torch.tensor(gradient), weight, pythonTuple(size)];
    torch.assign(node, `${torch.helper("conv_transpose2d")}(${parts.join(", ")}${options})`);
  },
  FusedBatchNorm: batchNorm,
  FusedBatchNormV3: batchNorm,
};
