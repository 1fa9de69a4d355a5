import assert from "node:assert/strict";
import * as tf from "../tf.ts";
import { mapTensors, signatureOf, tensorsIn } from "./containers.ts";

await tf.setBackend("cpu");

Deno.test("mapTensors rebuilds a nested container from other tensors", () => {
  const container = {
    images: tf.scalar(1),
    known: undefined,
    list: [tf.scalar(2), { deep: tf.scalar(3), name: "x" }],
    count: 4,
  };
  const seen: number[] = [];
  const rebuild = mapTensors(container, (tensor) => seen.push(tensor.dataSync()[0]) - 1);
  assert.deepEqual(seen, [1, 2, 3]);
  const others = [10, 20, 30].map((value) => tf.scalar(value));
  assert.deepEqual(rebuild((place) => others[place]), {
    images: others[0],
    known: undefined,
    list: [others[1], { deep: others[2], name: "x" }],
    count: 4,
  });
});

Deno.test("tensorsIn finds a lone tensor, and none where there is none", () => {
  const tensor = tf.scalar(1);
  assert.deepEqual(tensorsIn(tensor), [tensor]);
  assert.deepEqual(tensorsIn({ a: undefined, b: [null as never, 1] }), []);
});

Deno.test("signatureOf tells names, order, types, shapes and plain values apart, and nothing else", () => {
  const one = { x: tf.zeros([2, 3]), rate: 1 };
  assert.equal(signatureOf(one), signatureOf({ x: tf.ones([2, 3]), rate: 1 }));
  const others = [
    { y: tf.zeros([2, 3]), rate: 1 },
    { x: tf.zeros([3, 2]), rate: 1 },
    { x: tf.zeros([6]), rate: 1 },
    { x: tf.zeros([2, 3], "int32"), rate: 1 },
    { x: tf.zeros([2, 3]), rate: 2 },
    { rate: 1, x: tf.zeros([2, 3]) },
    [tf.zeros([2, 3]), 1],
  ];
  const signatures = [one, ...others].map((container) => signatureOf(container));
  assert.equal(new Set(signatures).size, signatures.length);
});
