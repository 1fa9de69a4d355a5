/**
 * What tests of tensors need: a backend, closeness, gradients by finite differences, leak checks.
 * Plugins may use it for their own tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import process from "node:process";
import { type BackendName, selectBackend } from "../backend/mod.ts";
import * as tf from "../tf.ts";

export { type GoldenCase, testGoldenAttacks } from "./golden.ts";
export { assertTaskAdapter, type ContractBatch } from "./task_contract.ts";

/**
 * Makes a backend ready for tests, the same for the whole process: TensorFlow where it is found, else
 * wasm; `REALIGN_TEST_BACKEND` names another.
 */
export async function useTestBackend(): Promise<void> {
  await selectBackend((process.env.REALIGN_TEST_BACKEND ?? "auto") as BackendName);
}

/**
 * Fails unless two lists of numbers agree.
 *
 * @param actual Numbers, or a tensor
 * @param expected Numbers, or a tensor
 * @param tolerance Greatest difference, absolute for numbers below 1 and relative above
 */
export function assertClose(
  actual: ArrayLike<number> | tf.Tensor,
  expected: ArrayLike<number> | tf.Tensor,
  tolerance = 1e-5,
): void {
  const [a, b] = [actual, expected].map((value) =>
    value instanceof tf.Tensor ? value.dataSync() : value
  );
  assert.equal(a.length, b.length, `${a.length} numbers instead of ${b.length}`);
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs(a[index] - b[index]);
    if (!(difference <= tolerance * Math.max(1, Math.abs(b[index])))) {
      assert.fail(`number ${index} of ${b.length} is ${a[index]} instead of ${b[index]}`);
    }
  }
}

/**
 * Fails unless a function's gradient is that of finite differences (central, along `directions` random
 * directions and single coordinates).
 *
 * @param compute From tensors to a scalar
 * @param inputs Where the gradient is taken, float32
 * @param options `step` of the differences, relative `tolerance`, how many coordinates of each input
 */
export function assertGradient(
  compute: (...inputs: tf.Tensor[]) => tf.Scalar,
  inputs: readonly tf.Tensor[],
  options: { readonly step?: number; readonly tolerance?: number; readonly coordinates?: number } =
    {},
): void {
  const { step = 1e-2, tolerance = 2e-2, coordinates = 12 } = options;
  const gradients = tf.grads((...xs: tf.Tensor[]) => compute(...xs))([...inputs]);
  for (const [position, input] of inputs.entries()) {
    const values = input.dataSync<"float32">();
    const analytic = gradients[position].dataSync<"float32">();
    assert.deepEqual(gradients[position].shape, input.shape);
    const scale = analytic.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
    const stride = Math.max(1, Math.floor(values.length / coordinates));
    for (let index = 0; index < values.length; index += stride) {
      const at = (offset: number) =>
        tf.tidy(() => {
          const moved = Float32Array.from(values);
          moved[index] += offset;
          return compute(
            ...inputs.map((other, k) => k === position ? tf.tensor(moved, input.shape) : other),
          ).dataSync()[0];
        });
      const numeric = (at(step) - at(-step)) / (2 * step);
      if (!(Math.abs(numeric - analytic[index]) <= tolerance * scale)) {
        assert.fail(
          `gradient ${index} of input ${position} is ${
            analytic[index]
          }, by finite differences ${numeric}`,
        );
      }
    }
  }
  gradients.forEach((gradient) => gradient.dispose());
}

/** Fails if a second and third call of `step` leave more tensors behind than the first did. */
export async function assertNoLeak(step: () => unknown | Promise<unknown>): Promise<void> {
  await step();
  const before = tf.memory().numTensors;
  await step();
  await step();
  assert.equal(tf.memory().numTensors - before, 0, "tensors were left behind");
}
