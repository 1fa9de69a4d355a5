/**
 * A model's weights on the device.
 *
 * @module
 */
import { createRandom, type HostTensor, type Layout, Parameters } from "@realign/core";
import type { OnnxModel, OnnxNode } from "./model.ts";
import { operatorOf } from "./operators/table.ts";
import { Value } from "./value.ts";

/** Kernels, which lie on the device with their axes in another order; those of ConvTranspose are `[in, out, kh, kw]`. */
const KERNELS: Readonly<Record<string, Layout>> = {
  Conv: "conv",
  ConvTranspose: "transposed-conv",
};

/** A model's constants, and those of them that are weights. */
export interface Weights {
  /** Constants by name: weights as variables, other numbers on the host. */
  readonly values: ReadonlyMap<string, Value>;
  /** The weights by their names in the file. */
  readonly parameters: Parameters;
}

/**
 * Puts a model's weights on the device, as variables. What operators read on the host (shapes, scales), single
 * numbers, integers, and masks that are not finite, stay there.
 *
 * @param model Its constants
 * @param nodes Those that are run: only what they take is made
 * @param outputs Values that are wanted: constants may be among them
 * @returns The constants that they take; the parameters are the caller's to dispose of
 */
export function createWeights(
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
): Weights {
  const layouts = new Map<string, Layout>();
  const onHost = new Set<string>();
  const taken = new Set(outputs);
  for (const { operator, inputs } of nodes) {
    inputs.forEach((name, index) => {
      taken.add(name);
      const isKernel = index === 1 && model.constants.get(name)?.dims.length === 4;
      const layout = isKernel && KERNELS[operator] || "plain";
      // What two operators want in two orders lies in ONNX's.
      layouts.set(name, (layouts.get(name) ?? layout) === layout ? layout : "plain");
      if (operatorOf(operator)?.host?.includes(index)) onHost.add(name);
    });
  }
  const parameters = new Parameters(createRandom(0));
  const values = new Map<string, Value>();
  const weights = new Map<string, HostTensor>();
  for (const [name, array] of model.constants) {
    if (!taken.has(name)) continue;
    const { data, dims, kind } = array;
    const isWeight = kind === "float" && data instanceof Float32Array && dims.length > 0 &&
      data.length > 1 && !onHost.has(name) && data.every(Number.isFinite);
    if (!isWeight) {
      values.set(name, Value.host(array));
      continue;
    }
    const layout = layouts.get(name) ?? "plain";
    const shape = layout === "plain" ? dims : [2, 3, 1, 0].map((axis) => dims[axis]);
    const zeros = () => new Float32Array(data.length);
    const variable = parameters.create(name, shape, zeros, { layout });
    values.set(name, Value.weight(variable, layout !== "plain"));
    weights.set(name, { shape: dims, data });
  }
  parameters.import(weights, model.origin);
  return { values, parameters };
}
