import assert from "node:assert/strict";
import { createDiscriminator, type DiscriminatorSettings } from "./discriminator.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

function build(settings: Partial<DiscriminatorSettings> = {}) {
  const random = createRandom(5, "discriminator");
  return createDiscriminator({ width: 4, layers: 2, scales: 2, ...settings }, random);
}

function images(...shape: [number, number, number]): tf.Tensor4D {
  const count = shape.reduce((product, size) => product * size, 3);
  return tf.tensor4d(createRandom(6).uniforms(count, 0, 1), [...shape, 3]);
}

Deno.test("createDiscriminator at width 64 has 2.76 million weights a scale", async () => {
  using discriminator = build({ width: 64, layers: 3, scales: 1 });
  const weights = [...(await discriminator.parameters.export()).values()];
  assert.equal(weights.reduce((sum, { data }) => sum + data.length, 0), 2_764_737);
});

Deno.test("createDiscriminator names weights as pix2pixHD does, the finest scale last in number", () => {
  using discriminator = build({ layers: 1 });
  const weights = discriminator.parameters.names.filter((name) => name.endsWith(".weight"));
  assert.deepEqual(weights, [
    "scale1_layer0.0.weight",
    "scale1_layer1.0.weight",
    "scale1_layer2.0.weight",
    "scale0_layer0.0.weight",
    "scale0_layer1.0.weight",
    "scale0_layer2.0.weight",
  ]);
});

Deno.test("features has layers + 2 maps a scale, the last a score", () => {
  using discriminator = build({ layers: 3 });
  const shapes = discriminator.features(images(2, 16, 16)).map((maps) =>
    maps.map(({ shape }) => shape.join())
  );
  assert.deepEqual(shapes, [
    ["2,9,9,4", "2,5,5,8", "2,3,3,16", "2,4,4,32", "2,5,5,1"],
    ["2,5,5,4", "2,3,3,8", "2,2,2,16", "2,3,3,32", "2,4,4,1"],
  ]);
});

Deno.test("features sees, at the second scale, means of the pixels that exist", async () => {
  using discriminator = build({ layers: 0 });
  // A kernel with a single 1 at its padding of 2 picks every second pixel's first channel.
  const weights = await discriminator.parameters.export();
  for (const [name, { data }] of weights) {
    data.fill(0);
    if (name === "scale0_layer0.0.weight") data[2 * 4 + 2] = 1;
  }
  discriminator.parameters.import(weights, "the test");
  for (const [height, width] of [[6, 6], [5, 6]]) {
    const input = images(1, height, width);
    const red = input.arraySync()[0].map((row) => row.map(([value]) => 2 * value - 1));
    const [seen] = tf.unstack(discriminator.features(input)[1][0], 3);
    const means: number[] = [];
    // The pooled rows 0, 2, ... lie around the image's rows 0, 4, ...
    for (let y = 0; y < height + 1; y += 4) {
      for (let x = 0; x < width + 1; x += 4) {
        const around = red.slice(Math.max(0, y - 1), y + 2)
          .flatMap((row) => row.slice(Math.max(0, x - 1), x + 2));
        means.push(around.reduce((sum, value) => sum + value, 0) / around.length);
      }
    }
    const expected = means.map((value) => value < 0 ? 0.2 * value : value);
    assertClose(seen, expected, 1e-4);
  }
});

Deno.test("features treats each image by itself", () => {
  using discriminator = build();
  const batch = images(3, 8, 8);
  const alone = discriminator.features(tf.slice(batch, [1, 0, 0, 0], [1, 8, 8, 3])).flat();
  for (const [index, map] of discriminator.features(batch).flat().entries()) {
    assertClose(tf.gather(map, [1]), alone[index], 1e-4);
  }
});

for (const [height, width] of [[8, 8], [7, 10]]) {
  Deno.test(`features of ${height} x ${width} images has the gradient of its values`, () => {
    using discriminator = build({ layers: 1 });
    for (const variable of discriminator.parameters.trainable) {
      if (variable.rank > 1) variable.assign(tf.mul(variable, 8));
    }
    assertGradient(
      (input) => {
        const maps = discriminator.features(input as tf.Tensor4D).flat();
        return tf.addN(maps.map((map) => tf.mean(tf.square(map)))) as tf.Scalar;
      },
      [images(1, height, width)],
      { step: 3e-3 },
    );
  });
}

Deno.test("features passes a gradient to every trained weight", () => {
  using discriminator = build();
  const input = images(2, 16, 16);
  const { grads } = tf.variableGrads(() => {
    const scores = discriminator.features(input).map((maps) => maps.at(-1)!);
    return tf.addN(scores.map((score) => tf.mean(tf.square(tf.sub(score, 1))))) as tf.Scalar;
  }, discriminator.parameters.trainable);
  assert.equal(Object.keys(grads).length, discriminator.parameters.trainable.length);
});

Deno.test("createDiscriminator conditioned on labels has the weights of the authors' D", async () => {
  // CIFAR-10, Cityscapes and VOC2012: K, and a channel for ignored pixels.
  for (const [channels, size] of [[10, 5_549_954], [20, 5_570_434], [22, 5_574_530]]) {
    const random = createRandom(5, "discriminator");
    using discriminator = createDiscriminator(
      { width: 64, layers: 3, scales: 2 },
      random,
      channels,
    );
    const weights = [...(await discriminator.parameters.export()).values()];
    assert.equal(weights.reduce((sum, { data }) => sum + data.length, 0), size);
  }
});

Deno.test("features sees the condition before the image, of the same size at every scale", () => {
  const random = () => createRandom(5, "discriminator");
  const settings = { width: 4, layers: 1, scales: 2 };
  using discriminator = createDiscriminator(settings, random(), 2);
  const batch = images(2, 8, 8);
  const condition = (first: number, second: number) =>
    tf.stack([tf.fill([2, 8, 8], first), tf.fill([2, 8, 8], second)], 3) as tf.Tensor4D;
  const [one, other] = [condition(1, 0), condition(0, 1)].map((labels) =>
    discriminator.features(batch, labels).map((maps) => [...maps.at(-1)!.dataSync()])
  );
  assert.deepEqual(one.map(({ length }) => length), other.map(({ length }) => length));
  one.forEach((scores, scale) => assert.notDeepEqual(scores, other[scale]));
  // With the labels' weights at 0, D is one that sees images alone.
  using plain = createDiscriminator(settings, random());
  const kernels = [discriminator, plain].map(({ parameters }) =>
    parameters.variables.filter(({ shape }) => shape[2] === 5 || shape[2] === 3)
  );
  kernels[0].forEach((kernel, index) => {
    kernel.assign(tf.concat([tf.zeros([4, 4, 2, 4]), kernels[1][index]], 2));
  });
  for (const [index, variable] of discriminator.parameters.variables.entries()) {
    if (variable.shape[2] !== 5) variable.assign(plain.parameters.variables[index]);
  }
  const expected = plain.features(batch).flat();
  discriminator.features(batch, condition(1, 0)).flat()
    .forEach((map, index) => assertClose(map, expected[index].dataSync<"float32">(), 1e-5));
});

Deno.test("features refuses a condition that is missing or of another shape", () => {
  const random = createRandom(5, "discriminator");
  using discriminator = createDiscriminator({ width: 4, layers: 1, scales: 1 }, random, 2);
  const batch = images(1, 8, 8);
  assert.throws(
    () => discriminator.features(batch),
    /Cannot discriminate images as `condition` must be \[1, 8, 8, 2\]: it is missing/,
  );
  assert.throws(
    () => discriminator.features(batch, tf.zeros([1, 8, 8, 3])),
    /`condition` must be .*: current shape is \[1, 8, 8, 3\]/,
  );
});

Deno.test("features refuses images of another shape", () => {
  using discriminator = build();
  assert.throws(
    () => discriminator.features(tf.zeros([1, 8, 8, 6])),
    /Cannot discriminate images as `images` must be \[B, H, W, 3\]/,
  );
});

Deno.test("createDiscriminator leaves nothing behind when disposed", async () => {
  await assertNoLeak(() => {
    using discriminator = build();
    tf.tidy(() => void discriminator.features(images(1, 8, 8)));
  });
});
