import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { adversarialLoss, discriminatorLoss, featureMatchingLoss } from "./adversarial.ts";

await useTestBackend();

/** Maps as of a discriminator of two scales with three maps each. */
function maps(name: string, batch = 2): tf.Tensor4D[][] {
  const random = createRandom(8, name);
  const map = (side: number, channels: number) =>
    tf.tensor4d(random.normals(batch * side * side * channels, 1), [batch, side, side, channels]);
  return [[map(4, 2), map(3, 3), map(3, 1)], [map(3, 2), map(2, 3), map(2, 1)]];
}

function mean(numbers: ArrayLike<number>, of: (value: number, index: number) => number): number {
  return Array.from(numbers, of).reduce((sum, value) => sum + value, 0) / numbers.length;
}

const scoreOf = (scale: readonly tf.Tensor4D[]) => scale[scale.length - 1].dataSync();

Deno.test("discriminatorLoss sums squares to 1 and to 0 over scales, of batches of any size", () => {
  const [real, fake] = [maps("real"), maps("fake", 4)];
  let expected = 0;
  for (const scale of real) expected += mean(scoreOf(scale), (value) => (value - 1) ** 2);
  for (const scale of fake) expected += mean(scoreOf(scale), (value) => value ** 2);
  assertClose(discriminatorLoss(real, fake), [expected]);
});

Deno.test("adversarialLoss sums squares to 1 over scales", () => {
  const fake = maps("fake");
  const [first, second] = fake.map((scale) => mean(scoreOf(scale), (value) => (value - 1) ** 2));
  assertClose(adversarialLoss(fake), [first + second]);
});

Deno.test("featureMatchingLoss weights maps as pix2pixHD does and leaves scores out", () => {
  const [real, fake] = [maps("real"), maps("fake")];
  let expected = 0;
  for (let scale = 0; scale < 2; scale++) {
    for (let layer = 0; layer < 2; layer++) {
      const other = real[scale][layer].dataSync();
      const values = fake[scale][layer].dataSync();
      // A discriminator of one layer of stride 2: 4 / (1 + 1), and 1 / 2 for two scales.
      expected += (4 / 2) * (1 / 2) *
        mean(values, (value, index) => Math.abs(value - other[index]));
    }
  }
  assertClose(featureMatchingLoss(real, fake), [expected]);
});

Deno.test("the losses of D and G have the gradient of their values", () => {
  const [real, fake] = [maps("real"), maps("fake")].map((scales) => scales.map(([, , s]) => s));
  const scores = (x: tf.Tensor[]) => x.map((score) => [score as tf.Tensor4D]);
  assertGradient(
    (...x) => discriminatorLoss(scores(x.slice(0, 2)), scores(x.slice(2))),
    [...real, ...fake],
  );
  assertGradient((...x) => adversarialLoss(scores(x)), fake);
});

Deno.test("featureMatchingLoss has the gradient of its values on the fake side", () => {
  const [real, fake] = [maps("real"), maps("fake")];
  const inputs = fake.flatMap((scale) => scale.slice(0, 2));
  assertGradient(
    (...x) => {
      const [a, b, c, d] = x as tf.Tensor4D[];
      return featureMatchingLoss(real, [[a, b, fake[0][2]], [c, d, fake[1][2]]]);
    },
    inputs,
    { step: 1e-3 },
  );
});

Deno.test("featureMatchingLoss passes no gradient to the real side", () => {
  const map = maps("real")[0][0];
  const gradient = tf.grad((x) =>
    featureMatchingLoss(
      [[x as tf.Tensor4D, map]],
      [[tf.add(tf.mul(x, 0), 1) as tf.Tensor4D, map]],
    )
  )(map);
  assertClose(gradient, new Float32Array(map.size));
});

Deno.test("losses over maps refuse other numbers of maps", () => {
  const real = maps("real");
  const message =
    /as `fake` must have as many maps per scale as `real`, \[3, 3\]: current numbers are \[3\]/;
  assert.throws(() => discriminatorLoss(real, real.slice(1)), { name: "TypeError", message });
  assert.throws(() => featureMatchingLoss(real, real.slice(1)), { name: "TypeError", message });
});
