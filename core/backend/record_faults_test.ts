import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { record } from "./record.ts";

await useTestBackend();
const records = tf.getBackend() === "tensorflow";

/** Tensors that TensorFlow holds, whoever owns them; 0 on other backends. */
function nativeTensors(): number {
  const { binding } = tf.backend() as { binding?: { getNumOfTensors(): number } };
  return binding?.getNumOfTensors() ?? 0;
}

/** Steps that cannot be recorded, and what is said of them. */
const faults: Readonly<Record<string, readonly [(x: tf.Tensor) => tf.Tensor, RegExp]>> = {
  "reads an input's value": [
    (x) => tf.mul(x, x.dataSync()[0]),
    /Cannot record "faulty" as it reads a tensor's values/,
  ],
  "reads a result's value": [
    (x) => tf.mul(x, tf.sum(x).dataSync()[0]),
    /Cannot record "faulty" as it reads a tensor's values/,
  ],
  "has a shape that depends on values": [
    (x) => tf.unique(x as tf.Tensor1D).values,
    /Cannot record "faulty" as the output shape of \w+ depends on values/,
  ],
};
for (const [what, [body, message]] of Object.entries(faults)) {
  Deno.test({
    name: `record refuses a step that ${what}`,
    ignore: !records,
    fn() {
      using step = record(({ x }: { x: tf.Tensor }) => body(x), { name: "faulty" });
      assert.throws(() => step({ x: tf.tensor1d([1, 2]) }), message);
    },
  });
}

const draws: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  "tf.randomNormal": (x) => tf.add(x, tf.randomNormal(x.shape)),
  "tf.randomUniform": (x) => tf.add(x, tf.randomUniform(x.shape)),
  "tf.dropout": (x) => tf.dropout(x, 0.5),
  "tf.multinomial": (x) => tf.cast(tf.multinomial(x as tf.Tensor1D, 2), "float32"),
  createRandom: (x) => tf.mul(x, createRandom(1).next()),
  "Math.random": (x) => tf.mul(x, Math.random()),
};
for (const [what, body] of Object.entries(draws)) {
  Deno.test(`record refuses a step that draws by ${what}, on every backend`, () => {
    const random = Math.random;
    using step = record(({ x }: { x: tf.Tensor }) => body(x), { name: "faulty" });
    const x = tf.tensor1d([1, 2]);
    assert.throws(() => step({ x }), /Cannot (record|run) "faulty" as it draws a random number/);
    assert.equal(Math.random, random);
    assert.ok(createRandom(1).next() >= 0);
    assert.ok(tf.randomNormal([1]).dataSync().length === 1);
  });
}

Deno.test({
  name: "record refuses a step that assigns a variable that is not listed, or makes one",
  ignore: !records,
  fn() {
    const hidden = tf.variable(tf.scalar(4), false, "hidden");
    using assigning = record(({ x }: { x: tf.Tensor }) => {
      hidden.assign(tf.add(hidden, x));
      return x;
    }, { name: "faulty" });
    const x = tf.scalar(1);
    assert.throws(
      () => assigning({ x }),
      /Cannot record "faulty" as it assigns the variable "hidden", which is not listed/,
    );
    assert.equal(hidden.dataSync()[0], 4);
    using making = record(({ x }: { x: tf.Tensor }) => tf.variable(x, false, "late"), {
      name: "faulty",
    });
    assert.throws(() => making({ x }), /Cannot record "faulty" as it makes the variable "late"/);
    tf.variable(tf.scalar(1), false, "late").dispose(); // the name is free again
    hidden.dispose();
  },
});

Deno.test("record leaves everything as it was when a step fails, and can be called again", () => {
  const weight = tf.variable(tf.scalar(2));
  const outside = tf.mul(tf.scalar(1), 3);
  const x = tf.scalar(1);
  let fails = true;
  using step = record(({ x }: { x: tf.Tensor }) => {
    const { value, grads } = tf.variableGrads(() => tf.mul(weight, outside), [weight]);
    weight.assign(tf.add(tf.add(weight, x), grads[weight.name]));
    if (fails && records) throw new Error("something broke");
    return value;
  }, { variables: [weight] });
  if (records) {
    const attempt = () => assert.throws(() => step({ x }), /something broke/);
    attempt();
    const before = [tf.memory().numTensors, nativeTensors()];
    attempt();
    assert.deepEqual([tf.memory().numTensors, nativeTensors()], before);
    assert.equal(weight.dataSync()[0], 2);
    assert.equal(tf.add(weight, 1).dataSync()[0], 3, "operations run again");
  }
  fails = false;
  assert.equal(step({ x }).dataSync()[0], 6);
  assert.equal(weight.dataSync()[0], 6);
});

Deno.test("record gives what TensorFlow says where a replay fails", { ignore: !records }, () => {
  using step = record(({ x }: { x: tf.Tensor }) => tf.mul(x, 2), { name: "double" });
  const x = tf.scalar(1);
  x.dispose();
  assert.throws(() => step({ x }), Error);
  assert.equal(step({ x: tf.scalar(3) }).dataSync()[0], 6);
});
