import { createRandom, loadWeights } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createAccuracy } from "../metric.ts";
import { createClassifier } from "./mod.ts";

const folder = process.env.REALIGN_DATA ??
  fileURLToPath(new URL("../../../../shared/data", import.meta.url));
const weights = `${folder}/weights/cifar10_resnet20.safetensors`;
const records = `${folder}/cifar10/test_batch.bin`;
const present = existsSync(weights) && existsSync(records);

/** A record: a byte of label, then the planes of red, green and blue. */
const RECORD = 1 + 3 * 32 * 32;

/** Reads records of CIFAR-10's binary layout as images and labels. */
function readBatch(bytes: Uint8Array, first: number, count: number) {
  const rows = tf.tensor2d(bytes.subarray(first * RECORD, (first + count) * RECORD), [
    count,
    RECORD,
  ]);
  const labels = tf.cast(
    tf.reshape(tf.slice(rows, [0, 0], [count, 1]), [count]),
    "int32",
  ) as tf.Tensor1D;
  const planes = tf.reshape(tf.slice(rows, [0, 1], [count, RECORD - 1]), [count, 3, 32, 32]);
  return { labels, images: tf.div(tf.transpose(planes, [0, 2, 3, 1]), 255) as tf.Tensor4D };
}

Deno.test({
  name:
    `akamaster's published ResNet-20 scores 81.5 % on 2,000 test images and agrees with PyTorch${
      present ? "" : " (skipped: no REALIGN_DATA)"
    }`,
  ignore: !present,
  async fn() {
    await useTestBackend();
    using classifier = createClassifier("resnet20", 10, [32, 32], createRandom(1));
    loadWeights(classifier, readFileSync(weights), weights);
    const bytes = readFileSync(records);
    const accuracy = createAccuracy(10);
    for (let first = 0; first < 2000; first += 250) {
      const { output, labels } = tf.tidy(() => {
        const batch = readBatch(bytes, first, 250);
        return { output: classifier.forward(batch.images), labels: batch.labels };
      });
      if (first === 0) assertClose(tf.slice(output.logits, [0, 0], [1, 10]), logitsByPyTorch, 1e-3);
      await accuracy.update(output, labels, 250);
      tf.dispose([output, labels]);
    }
    assert.equal(accuracy.result().count, 2000);
    assert.equal(accuracy.result().value, 0.8145);
  },
});

/** Of the first test image, by a forward pass written in PyTorch. */
const logitsByPyTorch = [
  -5.822616,
  -2.19215,
  -0.891869,
  14.527372,
  -0.919198,
  3.061102,
  2.26357,
  -5.138226,
  1.479156,
  -6.426058,
];
