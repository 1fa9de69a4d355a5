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

Deno.test("L_Frec of whole maps counts what no row does", () => {
  const task = {
    classCount: 2,
    extractFeatures: (map: tf.Tensor4D, classes: tf.Tensor1D) => ({
      vectors: tf.reshape(tf.slice(map, [0, 0, 0, 0], [-1, 1, 1, -1]), [-1, 1]) as tf.Tensor2D,
      classes,
    }),
    featureMap: (map: tf.Tensor4D) => map,
    taskLoss: (map: tf.Tensor4D) => tf.mean(map) as tf.Scalar,
  };
  const inputs = {
    task,
    labels: tf.tensor1d([-1], "int32"),
    // Two cells of one feature; of x̂^c, and then of x̂^a.
    output: () => tf.tensor4d([1, 2, 5, 9], [2, 1, 2, 1]),
    cleanFeatures: () => tf.tensor2d([[1]]),
  };
  const cleanMap = () => tf.tensor4d([1, 5], [1, 1, 2, 1]);
  const settingsOf = (reconstructionFeatures: "rows" | "map") =>
    resolveLosses({ ...paperLosses, reconstructionFeatures });
  const ofMaps = featureLosses({ ...inputs, cleanMap }, settingsOf("map"));
  assertClose(ofMaps.featureReconstruction!, [3 / 2 + (4 + 4) / 2]);
  assertClose(featureLosses(inputs, settingsOf("rows")).featureReconstruction!, [0]);
  assert.throws(() => featureLosses(inputs, settingsOf("map")), /as cleanMap must be given/);
  const { featureMap: _, ...without } = task;
  assert.throws(
    () => featureLosses({ ...inputs, task: without, cleanMap }, settingsOf("map")),
    /no map of features: set losses\.reconstructionFeatures to "rows"/,
  );
});
