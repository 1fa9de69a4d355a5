/**
 * Fewer bits per colour as a defense.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { option, wholeFrom } from "../options.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";

/**
 * Rounds each colour to the nearest of 2^bits levels between 0 and 1 (Xu et al. 2018, feature squeezing). Its
 * slope is 0 almost everywhere; the identity stands in for it (BPDA, Athalye et al. 2018).
 *
 * @param bits Per colour, at least 1
 * @returns The defense; dispose it
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { quantizationDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = quantizationDefense(1);
 * const restored = await defense.restore(tf.tensor4d([0.2, 0.6, 1], [1, 1, 1, 3]), createRandom(1));
 * assert.deepEqual([...restored.dataSync()], [0, 1, 1]);
 * ```
 */
export function quantizationDefense(bits: number): Defense & Disposable {
  const most = 2 ** bits - 1;
  const step = record(
    ({ images }: { images: Images }): Images => tf.div(tf.round(tf.mul(images, most)), most),
    { name: "quantize" },
  );
  return {
    name: "quantization",
    variables: [],
    gradient: { exact: false, apply: (images) => images },
    restore: (images) => Promise.try(() => step({ images })),
    [Symbol.dispose]: () => step[Symbol.dispose](),
  };
}

/** Rounds colours to fewer bits (Xu et al. 2018); attacked with the gradient of the identity (BPDA). */
export const quantization = defineDefense({
  title: "Quantization",
  role: "transformation",
  version: 1,
  options: { bits: option(4, wholeFrom(1, 8), "bits per colour") },
  create: ({ bits }) => Promise.resolve(quantizationDefense(bits)),
});
