/**
 * Weights: of a network, and in files.
 *
 * @module
 */
export { loadWeights } from "./load_weights.ts";
export { decodeNumbers, type NumberFormat } from "./number_formats.ts";
export {
  type HostTensor,
  type Initializer,
  type Layout,
  measureWeights,
  Parameters,
} from "./parameters.ts";
export {
  formatSafetensors,
  parseSafetensors,
  type SafetensorsContent,
  type WritableTensor,
} from "./safetensors.ts";
