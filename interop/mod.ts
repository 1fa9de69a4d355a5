/**
 * Models of other programs: an ONNX file as a differentiable function. Files are the caller's to read.
 *
 * @example Usage
 * ```ts ignore
 * import { prepareOnnx, readOnnx } from "@realign/interop";
 *
 * const model = await readOnnx(await Deno.readFile("resnet18.onnx"), { origin: "resnet18.onnx" });
 * using network = prepareOnnx(model);
 * const logits = network.run(images).get(network.outputs[0]);
 * ```
 *
 * @module
 */
export { Attributes } from "./onnx/attributes.ts";
export { describeUnsupported, type UnsupportedNode, unsupportedNodes } from "./onnx/graph.ts";
export type { HostArray, NumberKind } from "./onnx/host_array.ts";
export {
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  OPSETS,
  readOnnx,
  type ReadOnnxOptions,
} from "./onnx/model.ts";
export { operatorNames } from "./onnx/operators/table.ts";
export {
  type ImageLayout,
  type OnnxFunction,
  prepareOnnx,
  type PrepareOptions,
} from "./onnx/prepare.ts";
export { ONNX, type OnnxMessage } from "./onnx/schema.ts";
export { suggestAdapter, type SuggestedAdapter } from "./onnx/suggest.ts";
