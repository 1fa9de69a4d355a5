import { createRandom, createTargetMethod, Trainer } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { presets } from "./presets.ts";
import { createSegmentation } from "./task.ts";
import { labelMapOf } from "./testing.ts";

await useTestBackend();

const architecture = "pspnet-resnet18-w0.1";
const task = createSegmentation({ classNames: ["a", "b", "c"], imageSize: [17, 17] });
const preset = presets["seg-shapes"];
const images = tf.tensor4d(createRandom(1).uniforms(2 * 768, 0, 1), [2, 16, 16, 3]);

const halfAndHalf = (width: number) =>
  Array.from({ length: width }, (_, column) => Number(2 * column >= width));

Deno.test("createTargetMethod brings the loss of a small network down on the pixels of a batch", async () => {
  using target = task.createTarget(architecture, createRandom(1, "target"));
  const { train } = preset.target;
  // Two halves: a map of 3x3 pixels can tell no finer.
  const halves = labelMapOf(...Array.from({ length: 16 }, () => halfAndHalf(16)));
  const truth = task.encodeLabels([halves, halves]);
  const schedule = { name: "constant", peak: 0.05, warmup: 0 } as const;
  const method = createTargetMethod({ task, target }, { ...train, schedule });
  using trainer = new Trainer(method, { stepsPerEpoch: 1, totalSteps: 30 });
  async function* batches() {
    while (true) {
      const batch = { ids: ["0", "1"], indices: Uint32Array.of(0, 1), pass: 0, count: 2 };
      yield await Promise.resolve({
        ...batch,
        images: tf.clone(images),
        labels: tf.clone(truth),
      });
    }
  }
  const losses: number[] = [];
  for await (const { losses: { task: loss } } of trainer.run(batches())) losses.push(loss);
  assert.ok(losses.at(-1)! < 0.8 * losses[0], `from ${losses[0]} to ${losses.at(-1)}`);
});
