/**
 * Models in and out: graphs of other systems, read and written.
 *
 * @module
 */
export { type Graph, type Place, readGraph } from "./graph/graph.ts";
export {
  freezeFunction,
  type FrozenFunction,
  type FunctionShape,
  type Layout,
} from "./out/freeze_function.ts";
export { checkOnnx } from "./out/check_onnx.ts";
export type { Metadata, ModelFiles, ModelFormat } from "./out/format.ts";
export { type ModelFormatName, modelFormats, openModel, writeModel } from "./out/formats.ts";
