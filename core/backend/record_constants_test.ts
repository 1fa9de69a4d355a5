import assert from "node:assert/strict";
import { useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { record } from "./record.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

interface Inputs extends tf.TensorContainerObject {
  x: tf.Tensor;
}

const ten = { x: tf.scalar(10) };
const read = (tensor: tf.Tensor) => tensor.dataSync()[0];

/** A test with a variable of value 2. */
function testConstant(name: string, fn: (weight: tf.Variable) => void): void {
  Deno.test({
    name,
    ignore,
    fn() {
      const weight = tf.variable(tf.scalar(2), false, "weight");
      try {
        fn(weight);
      } finally {
        weight.dispose();
      }
    },
  });
}

testConstant(
  "record refuses to replay a step once a variable that it reads unlisted has changed",
  (weight) => {
    using step = record(({ x }: Inputs) => tf.mul(x, weight), { name: "attack" });
    assert.equal(read(step(ten)), 20);
    assert.equal(read(step(ten)), 20);
    weight.assign(tf.scalar(7));
    const message =
      'Cannot run "attack" as the variable "weight" has changed since the step was recorded: ' +
      "list it in the variables of record(), or record the step again";
    assert.throws(() => step(ten), { message });
    assert.equal(read(step({ x: tf.tensor1d([1, 2]) })), 7, "another shape is recorded anew");
  },
);

testConstant(
  "record refuses to replay a step once a variable that it reads unlisted was disposed",
  (weight) => {
    using step = record(({ x }: Inputs) => tf.mul(x, weight), { name: "attack" });
    assert.equal(read(step(ten)), 20);
    weight.dispose();
    assert.throws(() => step(ten), /"attack" as the variable "weight" was disposed since/);
  },
);

testConstant("record refuses a replay too where the variable is the result itself", (weight) => {
  using step = record(() => ({ weight }));
  assert.equal(read(step(ten).weight), 2);
  weight.assign(tf.scalar(7));
  assert.throws(() => step(ten), /has changed since/);
});

testConstant("record takes a variable that was changed and put back for unchanged", (weight) => {
  using step = record(({ x }: Inputs) => tf.mul(x, weight));
  assert.equal(read(step(ten)), 20);
  const kept = tf.clone(weight);
  weight.assign(tf.scalar(7));
  weight.assign(kept);
  assert.equal(read(step(ten)), 20);
});

testConstant(
  "record is not disturbed by a variable that it lists, or does not read, or reads a copy of",
  (weight) => {
    const copy = tf.clone(weight); // shares its data with the variable
    using listing = record(({ x }: Inputs) => tf.mul(x, weight), { variables: [weight] });
    using aside = record(({ x }: Inputs) => tf.add(x, 1));
    using copying = record(({ x }: Inputs) => tf.mul(x, copy));
    const run = () => [listing, aside, copying].map((step) => read(step(ten)));
    assert.deepEqual(run(), [20, 11, 20]);
    weight.assign(tf.scalar(7));
    assert.deepEqual(run(), [70, 11, 20]);
  },
);

testConstant(
  "record of another step that assigns the variable leaves the first as it was until it runs",
  (weight) => {
    using reading = record(({ x }: Inputs) => tf.mul(x, weight));
    using moving = record(({ x }: Inputs) => {
      weight.assign(tf.add(weight, x));
      return x;
    }, { variables: [weight] });
    using alsoReading = record(({ x }: Inputs) => tf.sub(x, weight));
    assert.equal(read(reading(ten)), 20);
    assert.equal(read(alsoReading(ten)), 8);
    assert.equal(read(reading(ten)), 20);
    moving(ten);
    assert.throws(() => reading(ten), /has changed since/);
    assert.throws(() => alsoReading(ten), /has changed since/);
  },
);

testConstant(
  "record inside of a recording that does not list a variable refuses as the outer one",
  (weight) => {
    using inner = record(({ x }: Inputs) => tf.mul(x, weight), {
      name: "inner",
      variables: [weight],
    });
    using outer = record(({ x }: Inputs) => tf.add(inner({ x }), 1), { name: "outer" });
    assert.equal(read(outer(ten)), 21);
    weight.assign(tf.scalar(7));
    assert.equal(read(inner(ten)), 70);
    assert.throws(() => outer(ten), /Cannot run "outer" as the variable "weight" has changed/);
  },
);
