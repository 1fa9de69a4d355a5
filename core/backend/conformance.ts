/**
 * What every backend must get right: values, against closed forms or the plain kernels of the cpu
 * backend, and gradients, against finite differences.
 *
 * @module
 */
import { createRandom, type Random } from "../random.ts";
import * as tf from "../tf.ts";
import { convolutionCases } from "./conformance/convolution_cases.ts";
import { imageCases } from "./conformance/image_cases.ts";
import { layoutCases } from "./conformance/layout_cases.ts";
import type { ConformanceCase } from "./conformance/case.ts";
import { matrixCases } from "./conformance/matrix_cases.ts";
import { networkCases } from "./conformance/network_cases.ts";
import { pointwiseCases } from "./conformance/pointwise_cases.ts";
import { poolingCases } from "./conformance/pooling_cases.ts";
import { reductionCases } from "./conformance/reduction_cases.ts";

/** The table: every operation that networks, losses and attacks use. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...convolutionCases,
  ...poolingCases,
  ...imageCases,
  ...matrixCases,
  ...pointwiseCases,
  ...reductionCases,
  ...layoutCases,
  ...networkCases,
];

/** Greatest error of a value, relative to the greatest value. */
const valueTolerance = 1e-4;
/** Greatest error of a directional derivative, relative to the length of the gradient. */
const gradientTolerance = 1e-2;
/** Length of a step along a direction of +1 and -1, relative to the range of the inputs. */
const relativeStep = 2.5e-4;
/** Random directions an input. */
const directions = 2;

/**
 * Runs the whole table on one backend.
 *
 * @param activate Makes the backend active
 * @returns What is wrong, by the name of the case
 */
export async function conformanceFailures(
  activate: () => Promise<unknown>,
): Promise<Record<string, string>> {
  await tf.setBackend("cpu");
  const references: ArrayLike<number>[] = [];
  for (const item of conformanceCases) {
    const inputs = drawInputs(item, createRandom(1, item.name));
    references.push(item.expected?.(...inputs) ?? await evaluate(item, inputs));
  }
  await activate();
  const failures: Record<string, string> = {};
  for (const [index, item] of conformanceCases.entries()) {
    const failure = await conformanceFailure(item, references[index]);
    if (failure) failures[item.name] = failure;
  }
  return failures;
}

/** What is wrong with one case on the active backend, if anything. */
async function conformanceFailure(
  item: ConformanceCase,
  reference: ArrayLike<number>,
): Promise<string | undefined> {
  const random = createRandom(1, item.name);
  const inputs = drawInputs(item, random);
  try {
    const failure = compareValues(await evaluate(item, inputs), reference);
    if (failure || item.differentiable === false) return failure;
    return await gradientFailure(item, inputs, random);
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split("\n")[0];
  }
}

/** Distinct numbers, evenly spread and shuffled, so that no step crosses from one to the next. */
function drawInputs(
  { shapes, low = -1, high = 1 }: ConformanceCase,
  random: Random,
): Float32Array[] {
  return shapes.map((shape) => {
    const count = tf.util.sizeFromShape([...shape]);
    return Float32Array.from(
      random.permutation(count),
      (rank) => low + (high - low) * (rank + 0.37) / count,
    );
  });
}

async function evaluate(
  { shapes, compute }: ConformanceCase,
  inputs: readonly Float32Array[],
): Promise<Float32Array> {
  const output = tf.tidy(() =>
    compute(...inputs.map((values, index) => tf.tensor(values, [...shapes[index]])))
  );
  const values = Float32Array.from(await output.data());
  output.dispose();
  return values;
}

function compareValues(actual: Float32Array, expected: ArrayLike<number>): string | undefined {
  if (actual.length !== expected.length) {
    return `${actual.length} values instead of ${expected.length}`;
  }
  const scale = Array.from(expected).reduce(
    (largest, value) => Math.max(largest, Math.abs(value)),
    1e-3,
  );
  const wrong = actual.findIndex((value, index) =>
    !(Math.abs(value - expected[index]) <= valueTolerance * scale)
  );
  return wrong < 0 ? undefined : `value ${wrong} is ${actual[wrong]} instead of ${expected[wrong]}`;
}

/** Compares ⟨gradient, d⟩ with (f(x + h d) - f(x - h d)) / 2h, for f a weighted sum of all outputs. */
async function gradientFailure(
  item: ConformanceCase,
  inputs: readonly Float32Array[],
  random: Random,
): Promise<string | undefined> {
  const { shapes, compute, low = -1, high = 1 } = item;
  const step = relativeStep * (high - low);
  const outputShape = tf.tidy(() =>
    compute(...inputs.map((values, index) => tf.tensor(values, [...shapes[index]]))).shape
  );
  const weights = random.uniforms(tf.util.sizeFromShape(outputShape), -1, 1);
  const gradients = tf.tidy(() => {
    const weighted = (...tensors: tf.Tensor[]) =>
      tf.sum(tf.mul(compute(...tensors), tf.tensor(weights, outputShape)));
    return tf.grads(weighted)(inputs.map((values, index) => tf.tensor(values, [...shapes[index]])));
  });
  const values = await Promise.all(gradients.map((gradient) => gradient.data<"float32">()));
  tf.dispose(gradients);
  for (const [position, gradient] of values.entries()) {
    if (gradient.length !== inputs[position].length) {
      return `gradient ${position} has ${gradient.length} numbers`;
    }
    const length = Math.sqrt(dot(gradient, gradient));
    for (let count = 0; count < directions; count++) {
      const direction = inputs[position].map(() => random.next() < 0.5 ? -1 : 1);
      const moved = (by: number) =>
        evaluate(
          item,
          inputs.map((input, index) =>
            index === position ? input.map((value, k) => value + by * direction[k]) : input
          ),
        );
      const numeric = (dot(await moved(step), weights) - dot(await moved(-step), weights)) /
        (2 * step);
      const analytic = dot(gradient, direction);
      if (!(Math.abs(numeric - analytic) <= gradientTolerance * (length + 0.01))) {
        return `gradient ${position} along a direction is ${analytic}, by finite differences ${numeric}`;
      }
    }
  }
  return undefined;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}
