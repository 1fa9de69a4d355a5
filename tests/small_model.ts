/**
 * A small classifier as an ONNX file, which tests write themselves.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import type { OnnxMessage } from "@realign/interop";
import { join } from "node:path";
import { floats, onnxFile } from "../interop/onnx/testing.ts";

/** What it is made of. */
export interface SmallModel {
  /** What follows its convolution. @default {"Relu"} */
  readonly activation?: string;
  /** K. @default {8} */
  readonly classes?: number;
  /** Height and width of its images, or a name where they are free. @default {16} */
  readonly side?: number | string;
  readonly seed?: number;
}

/** Its weights by name. */
export function smallWeights({ classes = 8, seed = 1 }: SmallModel = {}) {
  const random = createRandom(seed);
  const weight = (name: string, dims: number[], most: number) =>
    [name, { dims, data: random.uniforms(dims.reduce((a, b) => a * b), -most, most) }] as const;
  return new Map([
    weight("conv.weight", [4, 3, 3, 3], 1),
    weight("fc.weight", [classes, 4], 4),
    weight("fc.bias", [classes], 0.1),
  ]);
}

/**
 * Writes it, the convolution's weights into a file beside it.
 *
 * @param folder Where
 * @param name Of the file
 * @returns Its path
 */
export async function writeSmallModel(
  folder: string,
  name: string,
  model: SmallModel = {},
): Promise<string> {
  const { activation = "Relu", side = 16 } = model;
  const weights = smallWeights(model);
  const { data } = weights.get("conv.weight")!;
  await Deno.writeFile(join(folder, `${name}.data`), new Uint8Array(data.buffer));
  const beside: OnnxMessage<"Tensor"> = {
    name: "conv.weight",
    dims: [4, 3, 3, 3],
    type: 1,
    location: 1,
    external: [{ key: "location", value: `${name}.data` }],
  };
  const path = join(folder, name);
  await Deno.writeFile(
    path,
    onnxFile({
      nodes: [
        ["Conv", "x conv.weight", "map"],
        [activation, "map", "active"],
        ["GlobalAveragePool", "active", "pooled"],
        ["Flatten", "pooled", "flat"],
        ["Gemm", "flat fc.weight fc.bias", "scores", { transB: { int: 1 } }],
      ],
      weights: [
        beside,
        ...["fc.weight", "fc.bias"].map((name) => {
          const { dims, data } = weights.get(name)!;
          return floats(name, dims, data);
        }),
      ],
      dims: ["N", 3, side, side],
      outputs: "scores",
    }),
  );
  return path;
}
