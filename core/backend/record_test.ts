import assert from "node:assert/strict";
import { batchNorm, conv, dense } from "../layers/mod.ts";
import { Optimizer } from "../train/optimizer.ts";
import { Parameters } from "../weights/parameters.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { type BackendName, selectBackend } from "./mod.ts";
import { record, type RecordOptions } from "./record.ts";

await useTestBackend();
/** Whether the backend of these tests writes steps down; elsewhere they are simply run. */
const records = tf.getBackend() === "tensorflow";

/** Tensors that TensorFlow holds, whoever owns them; 0 on other backends. */
function nativeTensors(): number {
  const { binding } = tf.backend() as { binding?: { getNumOfTensors(): number } };
  return binding?.getNumOfTensors() ?? 0;
}

/** Where the moving average stands among the weights of the network below. */
const RUNNING_MEAN = 4;

interface NetInputs extends tf.TensorContainerObject {
  images: tf.Tensor4D;
  labels: tf.Tensor2D;
  learningRate: tf.Scalar;
}

/** A small network with batch norm and Adam, whose step is recorded or not. */
function createNet(recorded: boolean, options: RecordOptions = {}) {
  const parameters = new Parameters(createRandom(3));
  const first = conv(parameters, "first", 3, 4, { kernel: 3, stride: 2 });
  const norm = batchNorm(parameters, "norm", 4);
  const last = dense(parameters, "last", 4, 2);
  const { trainable, variables } = parameters;
  const optimizer = new Optimizer(trainable, {
    name: "adam",
    beta1: 0.9,
    beta2: 0.99,
    momentum: 0,
    nesterov: false,
    weightDecay: 0.01,
  });
  const step = ({ images, labels, learningRate }: NetInputs) => {
    const { value, grads } = tf.variableGrads(() => {
      const maps = tf.relu(norm(first(images), "training"));
      const scores = last(tf.mean(maps, [1, 2]) as tf.Tensor2D);
      return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(scores)), 1))) as tf.Scalar;
    }, trainable);
    optimizer.apply(trainable.map(({ name }) => grads[name]), learningRate);
    return { loss: value };
  };
  const eager = Object.assign((inputs: NetInputs) => tf.tidy(() => step(inputs)), {
    [Symbol.dispose]() {},
  });
  const run = recorded
    ? record(step, { ...options, variables: [...variables, ...optimizer.variables] })
    : eager;
  return {
    step(index: number): number {
      const images = createRandom(5, index).uniforms(4 * 6 * 6 * 3, 0, 1);
      const inputs = {
        images: tf.tensor4d(images, [4, 6, 6, 3]),
        labels: tf.tensor2d([[1, 0], [0, 1], [1, 0], [0, 1]]),
        learningRate: tf.scalar(0.1 / (1 + index)),
      };
      const { loss } = run(inputs);
      const [value] = loss.dataSync();
      tf.dispose([inputs, loss]);
      return value;
    },
    weights: () => variables.map((variable) => variable.dataSync<"float32">()),
    [Symbol.dispose]() {
      run[Symbol.dispose]();
      optimizer[Symbol.dispose]();
      parameters[Symbol.dispose]();
    },
  };
}

function assertStepsEqual(backend: string, options: RecordOptions = {}): void {
  using recorded = createNet(true, options);
  using eager = createNet(false);
  for (let index = 0; index < 4; index++) {
    assertClose([recorded.step(index)], [eager.step(index)], 1e-4);
  }
  const expected = eager.weights();
  recorded.weights().forEach((values, index) => assertClose(values, expected[index], 1e-4));
  const [mean] = expected.slice(RUNNING_MEAN);
  assert.ok(mean.some((value) => value !== 0), `${backend}: the moving averages moved`);
}

Deno.test("record gives the same losses and weights as the step run plainly, moving averages included", () => {
  assertStepsEqual(tf.getBackend());
});

for (const name of ["cpu", "wasm"] satisfies BackendName[]) {
  Deno.test(`record runs a step plainly on ${name}, to the same weights`, async () => {
    await selectBackend(name);
    try {
      assertStepsEqual(name);
    } finally {
      await useTestBackend();
    }
  });
}

Deno.test("record leaves no tensor behind, neither here nor in TensorFlow", async () => {
  const before = [tf.memory().numTensors, nativeTensors()];
  {
    using net = createNet(true);
    await assertNoLeak(() => net.step(0));
    const held = nativeTensors();
    net.step(1);
    assert.equal(nativeTensors(), held);
  }
  // TensorFlow's integers for shapes are kept, one for each value, so a second net adds none.
  const after = nativeTensors();
  createNet(true)[Symbol.dispose]();
  assert.equal(tf.memory().numTensors, before[0]);
  assert.equal(nativeTensors(), after);
});

Deno.test("record frees what a recording holds when it is disposed", () => {
  const once = () => {
    const outside = tf.tensor1d([1, 2, 3]);
    const step = record(({ x }: { x: tf.Tensor }) => tf.mul(x, outside));
    const x = tf.ones([3]);
    assertClose(step({ x }), [1, 2, 3]);
    outside.dispose();
    x.dispose();
    step[Symbol.dispose]();
  };
  tf.tidy(once);
  const before = [tf.memory().numTensors, nativeTensors()];
  tf.tidy(once);
  assert.deepEqual([tf.memory().numTensors, nativeTensors()], before);
});

Deno.test("record records anew for other shapes and types", () => {
  let runs = 0;
  using step = record(({ x }: { x: tf.Tensor }) => {
    runs++;
    return tf.sum(tf.cast(x, "float32"));
  });
  const call = (x: tf.Tensor) => step({ x }).dataSync()[0];
  assert.equal(call(tf.tensor1d([1, 2])), 3);
  assert.equal(call(tf.tensor1d([1, 2, 3])), 6);
  assert.equal(call(tf.tensor2d([[1, 2]])), 3);
  assert.equal(call(tf.tensor1d([4, 5], "int32")), 9);
  const made = runs;
  assert.equal(call(tf.tensor1d([7, 8])), 15);
  assert.equal(call(tf.tensor1d([7, 8], "int32")), 15);
  if (records) assert.equal(runs, made, "known signatures are replayed");
});

Deno.test("record tells inputs apart by their names, whatever their order, and by what is not a tensor", () => {
  interface Inputs extends tf.TensorContainerObject {
    a?: tf.Tensor;
    b?: tf.Tensor;
    sign?: number;
  }
  using step = record(({ a, b, sign = 1 }: Inputs) =>
    tf.mul(tf.sub(a ?? tf.scalar(0), b ?? tf.scalar(0)), sign)
  );
  const [one, ten] = [tf.scalar(1), tf.scalar(10)];
  const call = (inputs: Inputs) => step(inputs).dataSync()[0];
  assert.equal(call({ a: ten, b: one }), 9);
  assert.equal(call({ b: one, a: ten }), 9);
  assert.equal(call({ a: ten, b: undefined }), 10);
  assert.equal(call({ a: undefined, b: ten }), -10);
  assert.equal(call({ a: ten, b: one, sign: -1 }), -9);
});

Deno.test("record returns nested containers with their empty places", () => {
  interface Inputs extends tf.TensorContainerObject {
    given: { x: tf.Tensor; missing: undefined; list: tf.Tensor[] };
  }
  using step = record(({ given: { x, missing, list } }: Inputs) => ({
    sums: [tf.add(x, list[0]), tf.add(x, list[1])],
    deep: { same: x, nothing: missing, flag: true },
    constant: tf.scalar(5),
  }));
  const given = { x: tf.scalar(1), missing: undefined, list: [tf.scalar(2), tf.scalar(3)] };
  for (let call = 0; call < 2; call++) {
    const result = step({ given });
    assert.deepEqual(result.sums.map((sum) => sum.dataSync()[0]), [3, 4]);
    assert.deepEqual(Object.keys(result.deep), ["same", "nothing", "flag"]);
    assert.equal(result.deep.same.dataSync()[0], 1);
    assert.equal(result.deep.nothing, undefined);
    assert.equal(result.deep.flag, true);
    assert.equal(result.constant.dataSync()[0], 5);
  }
});

Deno.test({
  name: "record keeps the value of a captured tensor that is disposed",
  ignore: !records,
  fn() {
    const constant = tf.mul(tf.scalar(1), 3);
    using step = record(({ x }: { x: tf.Tensor }) => tf.add(x, constant));
    const x = tf.scalar(10);
    assert.equal(step({ x }).dataSync()[0], 13);
    constant.dispose();
    assert.equal(step({ x }).dataSync()[0], 13);
  },
});

Deno.test("record keeps a captured tensor apart from an input that was the same at first", () => {
  const outside = tf.tensor1d([2, 3]);
  using step = record(({ x }: { x: tf.Tensor }) => tf.mul(x, outside));
  assertClose(step({ x: outside }), [4, 9]);
  assertClose(step({ x: tf.tensor1d([10, 10]) }), [20, 30]);
});

Deno.test("record keeps variables apart that shared their data when the step was recorded", () => {
  const weight = tf.variable(tf.tensor1d([1, 2]));
  const average = tf.variable(weight); // the same data until one of them is assigned
  using step = record(({ x }: { x: tf.Tensor }) => {
    const seen = tf.mul(weight, 1);
    weight.assign(tf.add(weight, x) as tf.Tensor1D);
    average.assign(tf.mul(tf.add(average, weight), 0.5) as tf.Tensor1D);
    return seen;
  }, { variables: [weight, average] });
  const x = tf.tensor1d([1, 1]);
  assertClose(step({ x }), [1, 2]);
  assertClose(average, [1.5, 2.5]);
  assertClose(step({ x }), [2, 3]);
  assertClose(weight, [3, 4]);
  assertClose(average, [2.25, 3.25]);
});

Deno.test("record takes a listed variable, or its clone, as an input too", () => {
  const weight = tf.variable(tf.tensor1d([1, 2]));
  using step = record(({ x }: { x: tf.Tensor }) => {
    weight.assign(tf.add(weight, 10) as tf.Tensor1D);
    return tf.sub(weight, x);
  }, { variables: [weight] });
  assertClose(step({ x: weight.clone() }), [10, 10]);
  assertClose(step({ x: tf.tensor1d([0, 0]) }), [21, 22]);
  assertClose(weight, [21, 22]);
});

Deno.test("record inside of a recording writes both steps down as one", () => {
  const weight = tf.variable(tf.scalar(2));
  using inner = record(({ x }: { x: tf.Tensor }) => tf.mul(x, weight), { variables: [weight] });
  using outer = record(({ x }: { x: tf.Tensor }) => {
    const result = tf.add(inner({ x }), 1);
    weight.assign(tf.add(weight, 1));
    return result;
  }, { variables: [weight] });
  const x = tf.scalar(10);
  assert.deepEqual([21, 31, 41], [0, 1, 2].map(() => outer({ x }).dataSync()[0]));
  assert.equal(inner({ x }).dataSync()[0], 50);
});

Deno.test("record compiled by XLA gives the same as the plain step", () => {
  const body = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) =>
    tf.sum(tf.mul(tf.tanh(tf.add(x, y)), tf.sigmoid(tf.sub(x, y))), 1);
  using compiled = record(body, { xla: true });
  using plain = record(body);
  const draw = (name: string) => tf.tensor(createRandom(1, name).uniforms(12, -2, 2), [3, 4]);
  const inputs = { x: draw("x"), y: draw("y") };
  assertClose(compiled(inputs), plain(inputs), 1e-5);
});
