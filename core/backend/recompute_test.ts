import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { createGenerator } from "../networks/generator.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { recomputed, record, Turns } from "./mod.ts";

await useTestBackend();

const draw = (shape: number[], name = "images") =>
  tf.tensor(
    createRandom(1, name).uniforms(shape.reduce((size, side) => size * side, 1), 0, 1),
    shape,
  );

/** Convolutions that begin small, and keep much inside. */
function blocks(count: number) {
  const weights = Array.from(
    { length: count },
    (_, index) => tf.variable(tf.mul(draw([3, 3, 8, 8], `weight ${index}`), 0.1)) as tf.Variable,
  );
  const layers = weights.map((weight) => (input: tf.Tensor) => {
    const once = tf.relu(
      tf.conv2d(input as tf.Tensor4D, weight as tf.Variable<tf.Rank.R4>, 1, "same"),
    );
    return tf.add(input, tf.tanh(tf.mul(once, 0.1)));
  });
  return { weights, layers };
}

Deno.test("recomputed() has the outputs and gradients of its block, recorded or not", () => {
  const { weights, layers } = blocks(3);
  const lossOf = (steps: readonly ((input: tf.Tensor) => tf.Tensor)[]) => (images: tf.Tensor) =>
    tf.mean(tf.square(steps.reduce((value, layer) => layer(value), images))) as tf.Scalar;
  const again = layers.map((layer, index) => recomputed(layer, [weights[index]]));
  const images = draw([2, 8, 8, 8]);
  const gradientsOf = (steps: typeof layers) => ({ x }: { x: tf.Tensor }) => {
    const all = tf.grads((input) => lossOf(steps)(input))([x, ...weights]);
    return { loss: lossOf(steps)(x), all };
  };
  const expected = gradientsOf(layers)({ x: images });
  using step = record(gradientsOf(again), { variables: weights });
  for (const { loss, all } of [gradientsOf(again)({ x: images }), step({ x: images })]) {
    assertClose(loss, expected.loss, 1e-6);
    all.forEach((gradient, index) => assertClose(gradient, expected.all[index], 1e-6));
  }
});

Deno.test("recomputed() leaves a weight that it does not reach, and other tapes, as they are", () => {
  const [used, unused] = [2, 5].map((value) => tf.variable(tf.scalar(value)) as tf.Variable);
  const block = recomputed((x) => tf.mul(tf.square(x), used), [used, unused]);
  const outside = tf.variable(tf.scalar(7)) as tf.Variable;
  const { grads } = tf.variableGrads(
    () => tf.mul(block(tf.mul(outside, 2)), outside) as tf.Scalar,
    [used, unused, outside],
  );
  // f = u (2 o)^2 o = 4 u o^3
  assert.equal(grads[used.name].dataSync()[0], 4 * 7 ** 3);
  assert.equal(grads[unused.name].dataSync()[0], 0);
  assert.equal(grads[outside.name].dataSync()[0], 12 * 2 * 7 ** 2);
});

Deno.test("recomputed() blocks with one input take turns, and each is computed again", async () => {
  const { weights, layers } = blocks(2);
  const images = draw([1, 8, 8, 8]);
  const both = (steps: typeof layers) => ({ x }: { x: tf.Tensor }) =>
    tf.grad((input) =>
      tf.add(...steps.map((one) => tf.mean(one(input))) as [tf.Tensor, tf.Tensor])
    )(x);
  const expected = both(layers)({ x: images });
  const again = () => {
    const turns = new Turns();
    return layers.map((layer) => recomputed(layer, [], turns));
  };
  using plain = record(both(layers), { variables: weights });
  using step = record((inputs: { x: tf.Tensor }) => both(again())(inputs), { variables: weights });
  assertClose(plain({ x: images }), expected, 1e-7);
  assertClose(step({ x: images }), expected, 1e-7);
  const [kept, computed] = [plain, step].map((one) => one.statistics()?.flops);
  // Forward and with respect to the input: a pass each; and forward again.
  if (kept !== undefined) assert.equal(computed! / kept, 1.5);
  await assertNoLeak(() => tf.dispose(both(again())({ x: images })));
});

Deno.test("a generator that recomputes restores alike, with the same gradients", () => {
  const settings = {
    width: 4,
    blocks: 2,
    downsamplings: 1,
    norm: "instance",
    upsampling: "transposed",
    size: [16, 16],
  } as const;
  using plain = createGenerator(settings, createRandom(1));
  using again = createGenerator(settings, createRandom(1), { recompute: true });
  const images = draw([2, 16, 16, 3]) as tf.Tensor4D;
  assertClose(again.restore(images), plain.restore(images), 1e-7);
  const gradientsOf = (generator: typeof plain) => {
    const { grads } = tf.variableGrads(
      () => tf.mean(tf.square(tf.sub(generator.restore(images), 0.3))) as tf.Scalar,
      generator.parameters.trainable,
    );
    return generator.parameters.trainable.map(({ name }) => grads[name]);
  };
  const expected = gradientsOf(plain);
  gradientsOf(again).forEach((gradient, index) => assertClose(gradient, expected[index], 1e-6));
});
