import assert from "node:assert/strict";
import { assertClose, assertGradient } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { applyGradientFixes, setBackendGradients } from "./fixes.ts";

await tf.setBackend("cpu");
applyGradientFixes();

/** A sum with uneven weights, so that a misplaced gradient shows. */
function weighted(output: tf.Tensor): tf.Scalar {
  const weights = tf.cos(tf.reshape(tf.range(0, output.size), output.shape));
  return tf.sum(tf.mul(output, weights));
}

let seed = 1;
const random = (...shape: number[]) => tf.randomUniform(shape, -1, 1, "float32", seed++);

Deno.test("mirrorPad gradient folds the border back, in both modes and with uneven paddings", () => {
  for (const mode of ["reflect", "symmetric"] as const) {
    assertGradient((x) => weighted(tf.mirrorPad(x, [[0, 0], [2, 1], [0, 3], [0, 0]], mode)), [
      random(2, 4, 5, 2),
    ]);
  }
});

Deno.test("mirrorPad gradient asks a backend that has its own", () => {
  setBackendGradients("cpu", { mirrorPad: (_, paddings) => tf.fill([3], paddings[0][0]) });
  const gradient = tf.grad((x) => tf.sum(tf.mirrorPad(x, [[1, 1]], "reflect")))(
    tf.tensor1d([1, 2, 3]),
  );
  setBackendGradients("cpu", {});
  assertClose(gradient, [1, 1, 1]);
});

Deno.test("image resizing has exact gradients for every geometry, also off square", () => {
  for (const [height, width] of [[7, 9], [3, 2], [1, 1], [8, 10]]) {
    for (const [alignCorners, halfPixelCenters] of [[false, false], [true, false], [false, true]]) {
      for (const resize of [tf.image.resizeBilinear, tf.image.resizeNearestNeighbor]) {
        assertGradient(
          (x) =>
            weighted(resize(x as tf.Tensor4D, [height, width], alignCorners, halfPixelCenters)),
          [random(2, 4, 5, 2)],
        );
      }
    }
  }
});

Deno.test("maximum, minimum and squaredDifference sum the gradient of a stretched operand", () => {
  for (const combine of [tf.maximum, tf.minimum, tf.squaredDifference]) {
    const options = { step: 1e-3 };
    assertGradient((a, b) => weighted(combine(a, b)), [random(2, 3, 4), random(3, 1)], options);
    assertGradient((a, b) => weighted(combine(a, b)), [random(1), random(2, 3)], options);
  }
});

Deno.test("matMul sums the gradient of a stretched batch axis, transposed or not", () => {
  for (
    const [transposeA, transposeB] of [[false, false], [false, true], [true, false], [true, true]]
  ) {
    const a = random(...(transposeA ? [3, 4, 2] : [3, 2, 4]));
    for (const batch of [[1], [] as number[]]) {
      const b = random(...batch, ...(transposeB ? [5, 4] : [4, 5]));
      assertGradient((a, b) => weighted(tf.matMul(a, b, transposeA, transposeB)), [a, b]);
      const swapped = random(...batch, ...(transposeA ? [4, 2] : [2, 4]));
      const many = random(...(transposeB ? [3, 5, 4] : [3, 4, 5]));
      assertGradient((a, b) => weighted(tf.matMul(a, b, transposeA, transposeB)), [swapped, many]);
    }
  }
});

Deno.test("conv2d has exact gradients dilated and padded explicitly", () => {
  const explicit: [number, number][] = [[0, 0], [1, 2], [0, 1], [0, 0]];
  const wide: [number, number][] = [[0, 0], [4, 5], [3, 3], [0, 0]];
  for (const pad of ["same", "valid", explicit, wide] as const) {
    for (const [stride, dilation] of [[1, 1], [2, 1], [1, 2], [1, [1, 2]]] as const) {
      assertGradient(
        (x, filter) =>
          weighted(
            tf.conv2d(
              x as tf.Tensor4D,
              filter as tf.Tensor4D,
              stride,
              pad as "same",
              "NHWC",
              dilation as number | [number, number],
            ),
          ),
        [random(2, 7, 8, 2), random(3, 3, 2, 3)],
      );
    }
  }
});

Deno.test("comparisons have a gradient of 0", () => {
  const gradient = tf.grad((x) => tf.sum(tf.mul(x, tf.cast(tf.greater(x, 0), "float32"))))(
    tf.tensor1d([-2, 3]),
  );
  assert.deepEqual([...gradient.dataSync()], [0, 1]);
});

Deno.test("applyGradientFixes may be called again", () => {
  const before = tf.getGradient(tf.BatchMatMul);
  applyGradientFixes();
  assert.equal(tf.getGradient(tf.BatchMatMul), before);
});
