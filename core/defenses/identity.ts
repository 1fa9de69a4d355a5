/**
 * The defense that does nothing.
 *
 * @module
 */
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";

/**
 * Leaves images as they are: the control beside every other defense, resizes of the target included.
 *
 * @example Usage
 * ```ts
 * import { identityDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = tf.ones([1, 2, 2, 3]) as tf.Tensor4D;
 * assert.deepEqual((await identityDefense.restore(images)).dataSync(), images.dataSync());
 * ```
 */
export const identityDefense: Defense = {
  name: "identity",
  variables: [],
  gradient: { exact: true, apply: (images) => images },
  restore: (images) => Promise.resolve(tf.clone(images)),
};
