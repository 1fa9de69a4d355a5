/**
 * An environment as it is committed.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";

/** An environment without the path of TensorFlow's library. */
export function withoutPaths(
  { backend, ...environment }: Evaluation["environment"],
): Evaluation["environment"] {
  const { library: _, ...kept } = (backend ?? {}) as { readonly library?: string };
  return { ...environment, backend: kept };
}
