/**
 * SSD300 against torchvision's on the same weights and images.
 */
import { createRandom, formatSafetensors } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { createDetection, createDetector, findBoxes } from "@realign/detection";
import assert from "node:assert/strict";
import { askPeer, needing } from "./peer.ts";

/** What torchvision gives. */
interface Theirs {
  readonly logits: readonly number[];
  readonly offsets: readonly number[];
  readonly losses: { readonly classification: number; readonly bbox_regression: number };
  readonly detections: readonly {
    readonly boxes: readonly (readonly number[])[];
    readonly classes: readonly number[];
    readonly scores: readonly number[];
  }[];
}

const K = 5;
const SIZE = [260, 320] as const;
const examples = [
  {
    boxes: [
      { box: [0.1, 0.2, 0.6, 0.9], class: 2, difficult: false },
      { box: [0.55, 0.1, 0.7, 0.3], class: 0, difficult: false },
      { box: [0.58, 0.12, 0.72, 0.34], class: 4, difficult: false },
    ],
  },
  { boxes: [] },
] as const;

Deno.test({
  ...await needing(
    ["torchvision", "numpy"],
    "ssd300-vgg16 gives torchvision's outputs, losses and detections",
  ),
  async fn() {
    await useTestBackend();
    using model = createDetector("ssd300-vgg16", K, createRandom(1));
    const images = tf.tensor4d(
      createRandom(2).uniforms(2 * SIZE[0] * SIZE[1] * 3, 0, 1),
      [2, ...SIZE, 3],
    );
    const file = await Deno.makeTempFile({ suffix: ".safetensors" });
    try {
      await Deno.writeFile(file, formatSafetensors(await model.parameters.export(), {}));
      const theirs = await askPeer<Theirs>("torchvision_ssd.py", {
        weights: file,
        classCount: K,
        images: { shape: images.shape, values: Array.from(images.dataSync()) },
        boxes: examples.map(({ boxes }) => boxes.map(({ box }) => box)),
        classes: examples.map(({ boxes }) => boxes.map((box) => box.class)),
      });
      const output = tf.tidy(() => model.forward(images));
      assertClose(output.logits, theirs.logits, 1e-4);
      assertClose(output.offsets, theirs.offsets, 1e-4);
      compareLosses(output, theirs);
      compareDetections(output, theirs);
      tf.dispose([output, images]);
    } finally {
      await Deno.remove(file);
    }
  },
});

type Output = ReturnType<ReturnType<typeof createDetector>["forward"]>;

function compareLosses(output: Output, { losses }: Theirs): void {
  const task = createDetection(Array.from({ length: K }, (_, index) => `${index}`));
  const labels = task.encodeLabels(examples);
  // The first example has all the boxes, so its own parts are those of the batch.
  const part = (name: string) => task.objectives[name](output, labels, output).dataSync()[0];
  assertClose([part("cls")], [losses.classification], 1e-4);
  assertClose([part("loc")], [losses.bbox_regression], 1e-4);
  assertClose(
    task.taskLoss(output, labels),
    [losses.classification + losses.bbox_regression],
    1e-4,
  );
}

/** Boxes within a hundredth of a pixel, in the same order but for boxes of nearly equal score. */
function compareDetections(output: Output, { detections }: Theirs): void {
  const [logits, offsets, priors] = [output.logits, output.offsets, output.priors]
    .map((tensor) => tensor.dataSync<"float32">());
  const count = output.priors.shape[1];
  for (const [row, theirs] of detections.entries()) {
    const rowOf = (values: Float32Array, width: number) =>
      values.subarray(row * count * width, (row + 1) * count * width);
    const raw = {
      logits: rowOf(logits, K + 1),
      offsets: rowOf(offsets, 4),
      priors: rowOf(priors, 4),
    };
    const ours = findBoxes(raw, K);
    assert.equal(ours.length, theirs.boxes.length);
    assertClose(ours.map(({ score }) => score), [...theirs.scores], 1e-4);
    const [height, width] = SIZE;
    const unmatched = ours.filter(({ box: [x1, y1, x2, y2], class: index }) => {
      const pixels = [x1 * width, y1 * height, x2 * width, y2 * height];
      return !theirs.boxes.some((box, place) =>
        theirs.classes[place] === index &&
        box.every((side, axis) => Math.abs(side - pixels[axis]) <= 1e-2)
      );
    });
    // Where two boxes' overlap or score is within rounding of a limit, one side may keep another box.
    assert.ok(unmatched.length <= ours.length / 50, `${unmatched.length} of ${ours.length} differ`);
  }
}
