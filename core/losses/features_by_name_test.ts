import assert from "node:assert/strict";
import { paperLosses } from "../paper_settings.ts";
import type { LossSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { classCentres, groupByClass } from "./class_groups.ts";
import { classIntraLoss } from "./feature.ts";
import { featureLosses } from "./feature_terms.ts";
import { resolveLosses } from "./setting.ts";

await useTestBackend();

const [B, K] = [3, 4];

interface Output extends tf.TensorContainerObject {
  readonly logits: tf.Tensor2D;
  readonly features: tf.Tensor2D;
}

const random = createRandom(5, "features by name");
const outputOf = (rows: number): Output => ({
  logits: tf.tensor2d(random.normals(rows * K, 1), [rows, K]),
  features: tf.tensor2d(random.normals(rows * 5, 1), [rows, 5]),
});
/** Of x^c, and of x̂^c and x̂^a. */
const [clean, restored] = [outputOf(B), outputOf(2 * B)];
const labels = tf.tensor1d([1, 3, 1], "int32");
const task = {
  name: "test",
  classCount: K,
  extractFeatures: ({ features }: Output, classes: tf.Tensor1D) => ({ vectors: features, classes }),
  features: {
    logits: ({ logits }: Output, classes: tf.Tensor1D) => ({ vectors: logits, classes }),
  },
  taskLoss: () => tf.scalar(0),
};

const settingsOf = (changes: Partial<LossSettings>) =>
  resolveLosses({ ...paperLosses, ...changes });

Deno.test("featureLosses take the features that the settings name", () => {
  const termsOf = (features: string, cleanFeatures: tf.Tensor2D) =>
    featureLosses(
      { task, labels, output: () => restored, cleanFeatures: () => cleanFeatures },
      settingsOf({ features }),
    );
  const distance = (first: tf.Tensor, second: tf.Tensor) =>
    tf.mean(tf.abs(tf.sub(first, second))).dataSync()[0];
  for (const [name, key] of [["logits", "logits"], ["penultimate", "features"]] as const) {
    const known = clean[key];
    const [onClean, onAdversarial] = tf.split(restored[key], 2) as tf.Tensor2D[];
    const terms = termsOf(name, known);
    const expected = distance(onClean, known) + distance(onAdversarial, known);
    assertClose(terms.featureReconstruction!, [expected], 1e-4);
    const groups = groupByClass(labels, K);
    const centres = classCentres(groups, onAdversarial);
    const intra = classIntraLoss(groups, centres, onAdversarial, { classReduction: "mean" });
    assertClose(terms.classIntra!, [intra.dataSync()[0]], 1e-4);
  }
  assert.throws(
    () => termsOf("logit", clean.logits),
    /Cannot train test as the features "logit" is unknown: did you mean "logits"/,
  );
});

Deno.test("featureLosses count ignored rows as one more class if they are told to", () => {
  const termsOf = (ignored: "skip" | "class", classes: number[], classCount = K) =>
    featureLosses({
      task: { ...task, classCount },
      labels: tf.tensor1d(classes, "int32"),
      output: () => restored,
      cleanFeatures: () => clean.features,
    }, settingsOf({ ignored, classReduction: "sum", margin: 5 }));
  const counted = termsOf("class", [1, -1, -1]);
  const named = termsOf("skip", [1, K, K], K + 1);
  const left = termsOf("skip", [1, -1, -1]);
  for (const name of ["featureReconstruction", "classAlign", "classInter", "classIntra"] as const) {
    assertClose(counted[name]!, [named[name]!.dataSync()[0]]);
    assert.notEqual(counted[name]!.dataSync()[0], left[name]!.dataSync()[0], name);
  }
});
