/**
 * Weights of layers by name.
 *
 * @module
 */
import { oneLine } from "../../onnx/model.ts";

/**
 * Finds a layer's weight, whose name may have models and scopes before the layer, and a scope behind it.
 *
 * @param weights All weights
 * @param path Models that hold the layer, and the layer
 * @param names What the weight may be called
 * @returns Its name among all. Throws an Error if there is none, or several; the message goes on from the layer's name
 */
export function findWeight(
  weights: ReadonlyMap<string, unknown>,
  path: readonly string[],
  names: readonly string[],
): string {
  const layer = path.at(-1)!;
  for (const name of names) {
    const exact = [`${path.join("/")}/${name}`, `${layer}/${name}`].find((one) => weights.has(one));
    if (exact !== undefined) return exact;
    const found = [...weights.keys()].filter((key) => {
      const parts = key.split("/");
      return parts.at(-1) === name && parts.slice(0, -1).includes(layer);
    });
    if (found.length > 1) {
      throw new Error(`has several weights "${name}": ${found.map(oneLine).join(", ")}`);
    }
    if (found.length === 1) return found[0];
  }
  throw new Error(`has no weight "${names.join('" or "')}"`);
}
