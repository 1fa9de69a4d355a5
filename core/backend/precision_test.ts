import assert from "node:assert/strict";
import { batchNorm, conv, dense, upConv } from "../layers/mod.ts";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { Optimizer } from "../train/optimizer.ts";
import { Parameters } from "../weights/parameters.ts";
import { exactMatMul, type Precision, record } from "./mod.ts";

await useTestBackend();
/** Elsewhere steps are simply run, in float32. */
const hasHalf = tf.getBackend() === "tensorflow";

const random = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(createRandom(7, name).uniforms(shape.reduce((a, b) => a * b, 1), -1, 1), shape);

/** Where the bias of the first layer stands among the weights of the network below. */
const BIAS = 1;

/** The length of the difference, as a share of the second's. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let [difference, length] = [0, 0];
  for (let index = 0; index < b.length; index++) {
    difference += (a[index] - b[index]) ** 2;
    length += b[index] ** 2;
  }
  return Math.sqrt(difference / length);
}

/** A network of all kinds of layers, recorded: its loss and the gradients of its weights. */
function gradientsIn(precision: Precision | undefined) {
  using parameters = new Parameters(createRandom(3));
  const first = conv(parameters, "first", 3, 8, { kernel: 3, stride: 2 });
  const norm = batchNorm(parameters, "norm", 8);
  const second = conv(parameters, "second", 8, 8, { kernel: 3 });
  const third = upConv(parameters, "third", 8, 8);
  const last = dense(parameters, "last", 8, 2);
  const { trainable, variables } = parameters;
  using step = record(({ images }: { images: tf.Tensor4D }) => {
    const { value, grads } = tf.variableGrads(() => {
      const maps = third(tf.tanh(second(tf.tanh(norm(first(images), "training")))));
      const scores = last(tf.mean(tf.square(maps), [1, 2]) as tf.Tensor2D);
      return tf.neg(tf.mean(tf.slice(tf.logSoftmax(scores), [0, 0], [-1, 1]))) as tf.Scalar;
    }, trainable);
    return { loss: value, gradients: grads };
  }, { variables, precision });
  const { loss, gradients } = step({ images: random("images", [4, 8, 8, 3]) as tf.Tensor4D });
  assert.ok(trainable.every(({ dtype }) => dtype === "float32"));
  assert.equal(loss.dtype, "float32");
  return {
    loss: loss.dataSync()[0],
    gradients: trainable.map(({ name }) => {
      assert.equal(gradients[name].dtype, "float32");
      return gradients[name].dataSync();
    }),
  };
}

Deno.test("record computes losses and gradients in bfloat16 as in float32, within its rounding", () => {
  const [whole, half] = [gradientsIn("float32"), gradientsIn("bfloat16")];
  assert.ok(Math.abs(half.loss - whole.loss) <= 2e-2 * whole.loss);
  assert.equal(half.loss !== whole.loss, hasHalf, "another precision gives other numbers");
  let all = 0;
  for (const [index, gradient] of whole.gradients.entries()) {
    // The bias before a norm has a gradient of rounding errors alone.
    if (index === BIAS) continue;
    const far = distance(half.gradients[index], gradient);
    assert.ok(far <= 2e-2, `${index}: ${far}`);
    all += far;
  }
  assert.equal(all > 0, hasHalf);
});

Deno.test("record computes in float32, bit for bit, unless it is told otherwise", () => {
  assert.deepEqual(gradientsIn(undefined), gradientsIn("float32"));
});

const products: Record<string, [number[], number[], (a: tf.Tensor, b: tf.Tensor) => tf.Tensor]> = {
  "a convolution": [[2, 6, 6, 4], [3, 3, 4, 5], (a, b) => convolved(a, b, 1, "same")],
  "a strided one": [[2, 6, 6, 4], [3, 3, 4, 5], (a, b) => convolved(a, b, 2, "same")],
  "one padded explicitly": [
    [2, 6, 6, 4],
    [3, 3, 4, 5],
    (a, b) => convolved(a, b, 2, [[0, 0], [1, 2], [2, 1], [0, 0]]),
  ],
  "a dilated one": [[2, 6, 6, 4], [3, 3, 4, 5], (a, b) => convolved(a, b, 1, "valid", 2)],
  "a strided one of 1x1": [[2, 6, 6, 4], [1, 1, 4, 5], (a, b) => convolved(a, b, 2, "valid")],
  "a transposed one": [
    [2, 3, 3, 5],
    [3, 3, 4, 5],
    (a, b) => tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, [2, 7, 7, 4], 2, "valid"),
  ],
  "a matrix product": [[6, 8], [8, 5], (a, b) => tf.matMul(a, b)],
  "one of transposed matrices": [[8, 6], [5, 8], (a, b) => tf.matMul(a, b, true, true)],
  "one of a batch": [[3, 6, 8], [1, 8, 5], (a, b) => tf.matMul(a, b)],
};

function convolved(
  images: tf.Tensor,
  kernel: tf.Tensor,
  stride: number,
  pad: "same" | "valid" | [number, number][],
  dilation = 1,
): tf.Tensor {
  const [a, b] = [images as tf.Tensor4D, kernel as tf.Tensor4D];
  return tf.conv2d(a, b, stride, pad as "same", "NHWC", dilation);
}

/** The product and its two gradients. */
const ofProduct =
  (product: typeof products[string][2]) => ({ a, b }: Record<"a" | "b", tf.Tensor>) => {
    const { value, grads } = tf.valueAndGrads((a, b) => tf.sum(tf.square(product(a, b))))([a, b]);
    return [product(a, b), value, ...grads];
  };

for (const [title, [left, right, product]] of Object.entries(products)) {
  Deno.test(`record writes ${title} and its gradients down in bfloat16`, () => {
    const inputs = { a: random("a", left), b: random("b", right) };
    using whole = record(ofProduct(product));
    using half = record(ofProduct(product), { precision: "bfloat16" });
    const theirs = whole(inputs);
    const distances = half(inputs).map((tensor, index) =>
      distance(tensor.dataSync(), theirs[index].dataSync())
    );
    // Where no kernel takes a dilated one in bfloat16, all of it stays float32.
    const mayStay = title === "a dilated one" && distances.every((far) => far === 0);
    for (const [index, far] of distances.entries()) {
      assert.ok(far <= 2e-2, `result ${index}: ${far}`);
      if (mayStay) continue;
      assert.equal(far > 0, hasHalf, `result ${index} must be that of another precision`);
    }
  });
}

Deno.test("record casts nothing twice, and nothing back and forth", { ignore: !hasHalf }, () => {
  const count = (precision: Precision, product: typeof products[string][2], right: number[]) => {
    using step = record(ofProduct(product), { precision });
    tf.dispose(step({ a: random("a", [2, 6, 6, 4]), b: random("b", right) }));
    return step.statistics()!.operations;
  };
  const [, right, convolve] = products["a convolution"];
  // Images, kernel and the gradient of the output are cast once; output and both gradients back.
  assert.equal(count("bfloat16", convolve, right), count("float32", convolve, right) + 6);
  const twice = (a: tf.Tensor, b: tf.Tensor) => convolved(convolved(a, b, 1, "same"), b, 1, "same");
  // Of what lies between the two, neither output nor gradient is cast for the other.
  const between = count("bfloat16", twice, [3, 3, 4, 4]) - count("float32", twice, [3, 3, 4, 4]);
  assert.equal(between, 3 + 6);
});

Deno.test("record adds a convolution's bias and takes its ReLU before it casts", {
  ignore: !hasHalf,
}, () => {
  const bias = random("bias", [4]);
  const layers = (a: tf.Tensor, b: tf.Tensor) => {
    const first = tf.relu(tf.add(convolved(a, b, 1, "same"), bias));
    return tf.relu(tf.add(convolved(first, b, 1, "same"), bias));
  };
  const inputs = { a: random("a", [2, 6, 6, 4]), b: random("b", [3, 3, 4, 4]) };
  const run = (precision: Precision) => {
    using step = record(ofProduct(layers), { precision });
    const results = step(inputs).map((tensor) => tensor.dataSync());
    return { results, operations: step.statistics()!.operations };
  };
  const [half, whole] = [run("bfloat16"), run("float32")];
  for (const [index, values] of whole.results.entries()) {
    const far = distance(half.results[index], values);
    assert.ok(far > 0 && far <= 2e-2, `result ${index}: ${far}`);
  }
  // Images, kernel, bias and the output's gradient are cast, that of the last ReLU too. Back come two convolutions, two
  // sums, two ReLUs and one ReLU's gradient, two gradients of inputs and two of the kernel: those that none reads are
  // never run.
  assert.ok(half.operations - whole.operations <= 16, `${half.operations - whole.operations}`);
});

Deno.test("exactMatMul and its gradients are float32 in a step of bfloat16", () => {
  const inputs = { a: random("a", [6, 8]), b: random("b", [8, 5]) };
  const exact = ofProduct((a, b) => exactMatMul(a, b));
  using half = record(exact, { precision: "bfloat16" });
  using whole = record(ofProduct((a, b) => tf.matMul(a, b)));
  const [ours, theirs] = [half(inputs), whole(inputs)];
  ours.forEach((tensor, index) => assert.deepEqual(tensor.dataSync(), theirs[index].dataSync()));
});

Deno.test("a step of bfloat16 keeps weights in float32, learns, and leaves no tensors behind", async () => {
  using parameters = new Parameters(createRandom(3));
  const first = conv(parameters, "first", 3, 8, { kernel: 3 });
  const last = dense(parameters, "last", 8, 2);
  const { trainable } = parameters;
  const settings = { name: "adam", beta1: 0.9, beta2: 0.99, momentum: 0, nesterov: false } as const;
  using optimizer = new Optimizer(trainable, { ...settings, weightDecay: 0 });
  using step = record(({ images, rate }: { images: tf.Tensor4D; rate: tf.Scalar }) => {
    const { value, grads } = tf.variableGrads(() => {
      const scores = last(tf.mean(tf.relu(first(images)), [1, 2]) as tf.Tensor2D);
      const bright = tf.cast(tf.greater(tf.mean(images, [1, 2, 3]), 0), "float32");
      const hits = tf.slice(tf.logSoftmax(scores), [0, 1], [-1, 1]);
      const misses = tf.slice(tf.logSoftmax(scores), [0, 0], [-1, 1]);
      const chosen = tf.add(
        tf.mul(bright, tf.reshape(hits, [-1])),
        tf.mul(tf.sub(1, bright), tf.reshape(misses, [-1])),
      );
      return tf.neg(tf.mean(chosen)) as tf.Scalar;
    }, trainable);
    optimizer.apply(trainable.map(({ name }) => grads[name]), rate);
    return { loss: value };
  }, { precision: "bfloat16", variables: [...trainable, ...optimizer.variables] });
  const images = random("pictures", [16, 6, 6, 3]) as tf.Tensor4D;
  const rate = tf.scalar(0.05);
  const run = () => {
    const { loss } = step({ images, rate });
    const [value] = loss.dataSync();
    loss.dispose();
    return value;
  };
  const begun = run();
  let loss = begun;
  for (let index = 0; index < 40; index++) loss = run();
  assert.ok(loss < 0.5 * begun, `${begun} fell to ${loss} only`);
  assert.ok(parameters.variables.every(({ dtype }) => dtype === "float32"));
  await assertNoLeak(() => Promise.resolve(run()));
});
