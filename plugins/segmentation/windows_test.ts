import { layWindows, slideWindows } from "@realign/core";
import { assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { createMeanIou } from "./metric.ts";
import { createWindowedMeanIou, cutWindow } from "./windows.ts";

const names = ["road", "sky", "tree"];
const [height, width] = [5, 6];
const classes = Uint8Array.from(
  { length: height * width },
  (_, at) => (at * 7) % 4 === 3 ? 255 : (at * 7) % 3,
);
const pixels = Uint8Array.from({ length: 3 * height * width }, (_, at) => at);
const example = {
  id: "street",
  picture: { height, width, pixels },
  annotation: { labelMap: { height, width, classes } },
};

Deno.test("cutWindow() cuts picture and label map at one place, and mirrors both", () => {
  const plain = cutWindow(example, [2, 3], { top: 1, left: 2, mirrored: false });
  assert.deepEqual(
    [...plain.annotation.labelMap.classes],
    [8, 9, 10, 14, 15, 16].map((at) => classes[at]),
  );
  assert.deepEqual([...plain.picture.pixels.slice(9, 12)], [42, 43, 44]); // row 2, column 2
  const turned = cutWindow(example, [2, 3], { top: 1, left: 2, mirrored: true });
  assert.deepEqual(
    [...turned.annotation.labelMap.classes],
    [10, 9, 8, 16, 15, 14].map((at) => classes[at]),
  );
  assert.deepEqual([...turned.picture.pixels.slice(0, 3)], [30, 31, 32]); // row 1, column 4
});

/** Logits that a pixel's own values give, so that windows and the whole picture agree. */
const logitsOf = (pixels: Uint8Array) =>
  Array.from(
    { length: pixels.length / 3 },
    (_, at) => [...pixels.slice(3 * at, 3 * at + 3)].map((value) => Math.sin(value)),
  )
    .flat();

const dataset = {
  name: "streets",
  split: "test",
  length: 2,
  size: [height, width] as const,
  classNames: names,
  digest: "d",
  read: (index: number) => Promise.resolve({ ...example, id: `${index}` }),
};

Deno.test("createWindowedMeanIou() gives the mIoU of whole pictures where windows agree", async () => {
  await useTestBackend();
  const layout = layWindows({ picture: [height, width], size: [3, 4] });
  const windows = slideWindows(dataset, { cut: cutWindow }, layout);
  const whole = createMeanIou(3, names);
  const windowed = createWindowedMeanIou(names, layout);
  const labels = (map: Uint8Array, size: [number, number, number]) =>
    tf.tensor3d([...map].map((value) => value === 255 ? -1 : value), size, "int32");
  for (let index = 0; index < windows.length; index++) {
    const { picture, annotation } = await windows.read(index);
    const logits = tf.tensor4d(logitsOf(picture.pixels), [1, 3, 4, 3]);
    await windowed.update({ logits }, labels(annotation.labelMap.classes, [1, 3, 4]), 1);
  }
  const logits = tf.tensor4d(logitsOf(pixels), [1, height, width, 3]);
  for (let turn = 0; turn < 2; turn++) {
    await whole.update({ logits }, labels(classes, [1, height, width]), 1);
  }
  const [expected, actual] = [whole.result(), windowed.result()];
  assert.deepEqual(actual, expected);
  assert.equal(actual.count, 2);
});

Deno.test("createWindowedMeanIou() adds what windows say, and counts pixels that are no numbers", async () => {
  await useTestBackend();
  const layout = layWindows({ picture: [1, 3], size: [1, 2], stride: 0.5, mirror: false });
  const say = async (middle: [number, number]) => {
    const metric = createWindowedMeanIou(["a", "b"], layout);
    const logits = tf.tensor4d([9, 0, middle[0], 0, 0, middle[1], 0, 9], [2, 1, 2, 2]);
    await metric.update({ logits }, tf.tensor3d([0, 0, 0, 1], [2, 1, 2], "int32"), 2);
    return metric.result();
  };
  assert.equal((await say([3, 1])).value, 1); // more for a than the other window has for b
  assert.equal((await say([1, 3])).value, (1 / 2 + 1 / 2) / 2);
  assert.equal((await say([NaN, 1])).details?.notANumber, 1);
});

Deno.test("createWindowedMeanIou() refuses half a picture, and leaks nothing", async () => {
  await useTestBackend();
  const layout = layWindows({ picture: [1, 3], size: [1, 2] });
  const metric = createWindowedMeanIou(["a", "b"], layout);
  const logits = tf.zeros<tf.Rank.R4>([1, 1, 2, 2]);
  const labels = tf.zeros<tf.Rank.R3>([1, 1, 2], "int32");
  await assertNoLeak(() => metric.update({ logits }, labels, 1));
  assert.throws(() => metric.result(), /the last picture lacks \d of its 4 windows/);
});
