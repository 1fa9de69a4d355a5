/**
 * How a target's outputs can be shown, told from their names and shapes.
 *
 * @module
 */
import type * as tf from "@realign/core/tf";
import type { View } from "./content.ts";

/**
 * Chooses a view: logits `[1, K]` are classes, `[1, h, w, K]` a label map; `[1, P, K + 1]` with offsets and priors
 * `[1, P, 4]` are boxes. Of anything else the greatest numbers are shown.
 *
 * @param outputs Of the target, for one image
 * @param classNames Names of the K classes
 * @param colours Of the classes, in the words of CSS
 */
export function viewOf(
  outputs: tf.NamedTensorMap,
  classNames: readonly string[],
  colours: readonly string[],
): View {
  const { logits, offsets, priors } = outputs;
  const common = { classNames, colours };
  if (!logits) {
    const [[name, output]] = Object.entries(outputs);
    return { kind: "numbers", outputs: [name], shape: output.shape, ...common };
  }
  const { shape } = logits;
  const [rank, last, count] = [shape.length, shape.at(-1)!, classNames.length];
  const hasBoxes = [offsets, priors].every((one) => String(one?.shape) === `1,${shape[1]},4`);
  if (rank === 3 && last === count + 1 && hasBoxes) {
    return { kind: "boxes", outputs: ["logits", "offsets", "priors"], shape, ...common };
  }
  const kind = last !== count || rank !== 2 && rank !== 4
    ? "numbers"
    : rank === 2
    ? "classes"
    : "label-map";
  return { kind, outputs: ["logits"], shape, ...common };
}
