/**
 * The defense that does nothing.
 *
 * @module
 */
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";

/**
 * Leaves images unchanged: the control beside every other defense.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { identityDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const images = tf.ones([1, 2, 2, 3]) as tf.Tensor4D;
 * const restored = await identityDefense.restore(images, createRandom(1));
 * assert.deepEqual(restored.dataSync(), images.dataSync());
 * ```
 */
export const identityDefense: Defense = {
  name: "identity",
  variables: [],
  gradient: { exact: true, apply: (images) => images },
  restore: (images) => Promise.resolve(tf.clone(images)),
};

/** Leaves images unchanged: the control beside every other defense. */
export const identity = defineDefense({
  title: "Identity (resizing only)",
  role: "control",
  version: 1,
  options: {},
  create: () => Promise.resolve({ ...identityDefense, [Symbol.dispose]() {} }),
});
