/**
 * Models of other programs, in and out: an ONNX file as a differentiable function, a recorded function as a file. Files
 * are the caller's to read and write.
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
export {
  type AdaptedOptions,
  adaptedOptions,
  type AdapterOption,
  asOnnxModel,
  type KnownAdapter,
} from "./onnx/adapter.ts";
export { Attributes } from "./onnx/attributes.ts";
export {
  type ClassColumns,
  classColumns,
  type OnnxClasses,
  takeColumns,
} from "./onnx/class_columns.ts";
export { describeUnsupported, type UnsupportedNode, unsupportedNodes } from "./onnx/graph.ts";
export { headInput } from "./onnx/head_input.ts";
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
export {
  createOnnxTarget,
  type OnnxTargetOptions,
  type OnnxTargetPlan,
  type OnnxValues,
  refuseModel,
} from "./onnx/target.ts";
export { readModel } from "./read_model.ts";
export { readTfjs } from "./tfjs/read_tfjs.ts";
export { type Graph, type Place, readGraph } from "./graph/graph.ts";
export {
  freezeFunction,
  type FrozenFunction,
  type FunctionShape,
  type Layout,
} from "./out/freeze_function.ts";
export { checkOnnx } from "./out/check_onnx.ts";
export type { Metadata, ModelFiles, ModelFormat, OpenedModel } from "./out/format.ts";
export { type ModelFormatName, modelFormats, openModel, writeModel } from "./out/formats.ts";
