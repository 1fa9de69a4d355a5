/**
 * Genuine pictures of VOC 2007 and 2012: they load, a small SSD learns them by heart, and is measured on them.
 */
import { createEvaluationBatches, type Preset, trainTarget } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { openDataset } from "@realign/datasets";
import { createDetection, presets } from "@realign/detection";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const data = Deno.env.get("REALIGN_DATA") ??
  fileURLToPath(new URL("../../shared/data", import.meta.url));
const root = join(data, "voc-sample");
const present = existsSync(root);

const shapes = presets["det-shapes"];
const preset: Preset = {
  ...shapes,
  name: "det-voc-sample",
  dataset: { name: "voc", trainExamples: 0, classes: 0, size: [192, 192] },
  target: {
    ...shapes.target,
    architecture: "ssd192-vgg16-bn-w0.125",
    size: [192, 192],
    train: { ...shapes.target.train, batchSize: 9, augmentation: "none" },
  },
};
const lists = "VOC2007/test, VOC2007/trainval, VOC2012/trainval";

Deno.test({
  name: `a small SSD learns VOC's own pictures by heart, to an mAP above 0.9${
    present ? "" : " (skipped: no voc-sample in REALIGN_DATA)"
  }`,
  ignore: !present,
  async fn() {
    await useTestBackend();
    const dataset = await openDataset("voc", "train", {
      annotation: "boxes",
      root,
      size: preset.dataset.size,
      own: { train: lists },
    });
    assert.equal(dataset.length, 9);
    const task = createDetection(dataset.classNames, { imageSize: preset.target.size });
    assert.equal(task.classCount, 20);
    const losses: number[] = [];
    using target = await trainTarget(
      { preset, task, dataset, steps: 70 },
      ({ losses: { task } }) => losses.push(task),
    );
    assert.ok(losses.at(-1)! < losses[0] / 10, `from ${losses[0]} to ${losses.at(-1)}`);
    const metric = task.createMetric();
    for await (
      const { images, labels, count } of createEvaluationBatches(dataset, task, { batchSize: 9 })
    ) {
      const output = tf.tidy(() => target.forward(images));
      await metric.update(output, labels, count);
      tf.dispose([output, images, labels]);
    }
    const { value, details } = metric.result();
    assert.ok(value > 0.9, `mAP ${value}`);
    // Of 27 boxes two are difficult and do not count.
    assert.equal(details?.boxes, 25);
  },
});
