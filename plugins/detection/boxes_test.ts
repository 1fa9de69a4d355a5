import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { decodeBoxes, encodeBoxes, overlaps, toCentres, toCorners } from "./boxes.ts";

const random = createRandom(1, "boxes");

/** Random boxes in corner form. */
function draw(count: number): number[][] {
  return Array.from({ length: count }, () => {
    const [x1, x2] = [random.next(), random.next()].sort();
    const [y1, y2] = [random.next(), random.next()].sort();
    return [x1, y1, x2 + 0.01, y2 + 0.01];
  });
}

function overlap(a: number[], b: number[]): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = ([x1, y1, x2, y2]: number[]) => (x2 - x1) * (y2 - y1);
  return width * height / (area(a) + area(b) - width * height);
}

Deno.test("overlaps is intersection over union of all pairs", async () => {
  await useTestBackend();
  const [first, second] = [[draw(5), draw(5)], [draw(3), draw(3)]];
  const expected = first.flatMap((boxes, row) =>
    boxes.flatMap((a) => second[row].map((b) => overlap(a, b)))
  );
  assertClose(overlaps(tf.tensor3d(first), tf.tensor3d(second)), expected, 1e-5);
});

Deno.test("overlaps of empty boxes is 0", async () => {
  await useTestBackend();
  const empty = tf.zeros<tf.Rank.R3>([1, 2, 4]);
  assertClose(overlaps(empty, empty), [0, 0, 0, 0]);
});

Deno.test("toCorners and toCentres are inverse", async () => {
  await useTestBackend();
  const boxes = tf.tensor3d([draw(4)]);
  assertClose(toCorners(toCentres(boxes)), boxes);
  assertClose(toCentres(tf.tensor3d([[[0.2, 0.4, 0.6, 0.6]]])), [0.4, 0.5, 0.4, 0.2]);
});

Deno.test("encodeBoxes is by SSD's variances, and decodeBoxes undoes it", async () => {
  await useTestBackend();
  const boxes = draw(6);
  const priors = toCentres(tf.tensor3d([draw(6)]));
  const offsets = encodeBoxes(tf.tensor3d([boxes]), priors);
  const [p] = priors.arraySync() as number[][][];
  const expected = boxes.flatMap(([x1, y1, x2, y2], index) => {
    const [cx, cy, w, h] = p[index];
    return [
      ((x1 + x2) / 2 - cx) / (0.1 * w),
      ((y1 + y2) / 2 - cy) / (0.1 * h),
      Math.log((x2 - x1) / w) / 0.2,
      Math.log((y2 - y1) / h) / 0.2,
    ];
  });
  assertClose(offsets, expected, 1e-4);
  assertClose(decodeBoxes(offsets, priors), boxes.flat(), 1e-5);
});

Deno.test("encodeBoxes of padding is finite", async () => {
  await useTestBackend();
  const offsets = encodeBoxes(tf.zeros([1, 2, 4]), tf.fill([1, 2, 4], 0.5));
  assertClose(tf.isFinite(offsets), new Uint8Array(8).fill(1));
});

Deno.test("decodeBoxes has the gradient of finite differences", async () => {
  await useTestBackend();
  const priors = toCentres(tf.tensor3d([draw(3)]));
  assertGradient(
    (offsets) => tf.sum(tf.square(decodeBoxes(offsets as tf.Tensor3D, priors))),
    [tf.tensor3d(random.normals(12, 1), [1, 3, 4])],
  );
});
