import assert from "node:assert/strict";
import { paperLosses } from "../paper_settings.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { featureLosses } from "./feature_terms.ts";
import { resolveLosses } from "./setting.ts";

await useTestBackend();

Deno.test("cleanWeight weighs L_o of the clean half alone", () => {
  const taskOf = (changes: { cleanWeight?: number }) => {
    const settings = resolveLosses({ ...paperLosses, ...changes });
    return featureLosses({
      task: {
        classCount: 2,
        extractFeatures: (vectors: tf.Tensor2D, classes: tf.Tensor1D) => ({ vectors, classes }),
        taskLoss: (vectors: tf.Tensor2D) => tf.mean(vectors),
      },
      labels: tf.tensor1d([0], "int32"),
      output: () => tf.tensor2d([[0.5, 0.25], [0.75, 2]]),
      cleanFeatures: () => tf.tensor2d([[0.25, 0.25]]),
    }, settings).task!;
  };
  const [onClean, onAdversarial] = [0.375, 1.375];
  for (const cleanWeight of [0, 0.5, 1, 2]) {
    assertClose(taskOf({ cleanWeight }), [cleanWeight * onClean + onAdversarial]);
  }
  assertClose(taskOf({}), [onClean + onAdversarial]);
  assert.throws(
    () => taskOf({ cleanWeight: -1 }),
    /losses\.cleanWeight must be .*: current value is -1/,
  );
});
