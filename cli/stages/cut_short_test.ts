import assert from "node:assert/strict";
import { samplePreset as original } from "../testing.ts";
import { cutShort } from "./cut_short.ts";

const whole = { preset: original, original, examples: 32, steps: {} };
const { target, train, dataset } = original;

Deno.test("cutShort says nothing of a training that is as long as its preset's", () => {
  assert.deepEqual(cutShort(whole), []);
  assert.deepEqual(cutShort({ ...whole, steps: { train: 4, "train-target": 9 } }), []);
  const longer = { ...original, train: { ...train, epochs: 2, batchSize: 16 } };
  assert.deepEqual(cutShort({ ...whole, preset: longer }), []);
});

Deno.test("cutShort names trainings that end early by --steps or by epochs, O's too", () => {
  const [target, generator] = cutShort({ ...whole, steps: { train: 1, "train-target": 2 } });
  assert.match(target, /^the target network was trained for 0\.5 of the preset's 1 epochs \(2 st/);
  assert.match(generator, /^the generator was trained for 0\.25 of .* \(1 step\): .* cut short$/);
  const preset = { ...original, train: { ...train, epochs: 0.5 } };
  assert.match(cutShort({ ...whole, preset })[0], /generator was trained for 0\.5 of .* \(2 steps/);
});

Deno.test("cutShort does not ask how long a target was trained that came from a file", () => {
  const preset = { ...original, target: { ...target, weights: "o.safetensors" } };
  assert.deepEqual(cutShort({ ...whole, preset, steps: { "train-target": 0 } }), []);
});

Deno.test("cutShort names fewer training images than the preset's, unless the data are others", () => {
  const fewer = { ...original, dataset: { ...dataset, trainExamples: 16 } };
  assert.deepEqual(cutShort({ ...whole, preset: fewer, examples: 16 }), [
    "the training used 16 images where the preset uses 32",
  ]);
  const all = { ...original, dataset: { ...dataset, trainExamples: 0 } };
  assert.match(cutShort({ ...whole, original: all })[0], /used 32 images where .* uses all$/);
  const other = { ...fewer, dataset: { ...fewer.dataset, name: "folder" } };
  assert.deepEqual(cutShort({ ...whole, preset: other, examples: 16 }), []);
});
