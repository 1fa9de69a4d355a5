import assert from "node:assert/strict";
import { createPerceptual, type PerceptualSettings } from "./perceptual.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

function build(settings: Partial<PerceptualSettings> = {}) {
  const random = createRandom(5, "perceptual");
  return createPerceptual({ width: 2, normalization: "imagenet", ...settings }, random);
}

function images(...shape: [number, number, number]): tf.Tensor4D {
  const count = shape.reduce((product, size) => product * size, 3);
  return tf.tensor4d(createRandom(6).uniforms(count, 0, 1), [...shape, 3]);
}

Deno.test("createPerceptual has torchvision's names", () => {
  using perceptual = build();
  const numbers = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
  assert.deepEqual(
    perceptual.parameters.names,
    numbers.flatMap((number) => [`features.${number}.weight`, `features.${number}.bias`]),
  );
});

Deno.test("createPerceptual has as many weights as VGG-16, scaled", () => {
  // VGG-16's convolutions hold 14714688 numbers at width 64.
  const countOf = (width: number) => {
    const channels = [1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 8, 8, 8].map((factor) => factor * width);
    return channels.reduce(
      (sum, size, index) => sum + (9 * (index > 0 ? channels[index - 1] : 3) + 1) * size,
      0,
    );
  };
  assert.equal(countOf(64), 14_714_688);
  using perceptual = build({ width: 4 });
  assert.equal(perceptual.parameters.size, countOf(4));
});

Deno.test("createPerceptual builds VGG-19 with torchvision's names and count", () => {
  using perceptual = build({ architecture: "vgg19", width: 64 });
  const numbers = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34];
  assert.deepEqual(
    perceptual.parameters.names.filter((name) => name.endsWith(".weight")),
    numbers.map((number) => `features.${number}.weight`),
  );
  assert.equal(perceptual.parameters.size, 20_024_384);
});

for (const architecture of ["vgg16", "vgg19"] as const) {
  Deno.test(`features of ${architecture} taps each stage's first ReLU or its last`, () => {
    using first = build({ architecture, taps: "first" });
    using last = build({ architecture });
    const input = images(1, 16, 16);
    const [ofFirst, ofLast] = [first, last].map((network) => network.features(input));
    assert.deepEqual(ofFirst.map(({ shape }) => shape), ofLast.map(({ shape }) => shape));
    const depths = architecture === "vgg16" ? [2, 2, 3, 3, 3] : [2, 2, 4, 4, 4];
    let value = tf.mul(
      tf.sub(input, tf.tensor1d([0.485, 0.456, 0.406])),
      tf.tensor1d([1 / 0.229, 1 / 0.224, 1 / 0.225]),
    ) as tf.Tensor4D;
    const [kernels, biases] = [4, 1].map((rank) =>
      first.parameters.variables.filter((variable) => variable.rank === rank)
    );
    let index = 0;
    for (const [stage, depth] of depths.entries()) {
      if (stage > 0) value = tf.maxPool(value, 2, 2, "valid");
      for (let layer = 0; layer < depth; layer++, index++) {
        const kernel = kernels[index] as unknown as tf.Tensor4D;
        value = tf.relu(tf.add(tf.conv2d(value, kernel, 1, "same"), biases[index]));
        if (layer === 0) assertClose(ofFirst[stage], value.dataSync<"float32">(), 1e-3);
      }
      assertClose(ofLast[stage], value.dataSync<"float32">(), 1e-3);
    }
  });
}

Deno.test("features of centred images are those of pixels in [-1, 1]", () => {
  using perceptual = build({ normalization: "centred" });
  using plain = build({ normalization: "none" });
  const input = images(1, 8, 8);
  const expected = plain.features(tf.sub(tf.mul(input, 2), 1) as tf.Tensor4D);
  perceptual.features(input).forEach((map, index) => assertClose(map, expected[index], 1e-4));
});

Deno.test("features has five taps, each half the size of the one before", () => {
  using perceptual = build();
  assert.deepEqual(
    perceptual.features(images(2, 32, 32)).map(({ shape }) => shape.join()),
    ["2,32,32,2", "2,16,16,4", "2,8,8,8", "2,4,4,16", "2,2,2,16"],
  );
});

Deno.test("features of images below 16 pixels leaves poolings out that would leave nothing", () => {
  using perceptual = build();
  assert.deepEqual(
    perceptual.features(images(1, 8, 5)).map(({ shape }) => shape.slice(1, 3).join()),
    ["8,5", "4,2", "2,1", "2,1", "2,1"],
  );
});

Deno.test("features takes ImageNet's mean and deviation of colours off", () => {
  using perceptual = build();
  using plain = build({ normalization: "none" });
  const input = images(1, 8, 8);
  const colours = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]].map((row) => tf.tensor1d(row));
  const normalized = tf.div(tf.sub(input, colours[0]), colours[1]) as tf.Tensor4D;
  const expected = plain.features(normalized);
  perceptual.features(input).forEach((map, index) => assertClose(map, expected[index], 1e-4));
});

Deno.test("features keeps its size through random layers", () => {
  using perceptual = build({ width: 16 });
  const means = perceptual.features(images(2, 32, 32)).map((map) => tf.mean(map).dataSync()[0]);
  assert.ok(means.every((mean) => mean > 0.05 && mean < 5), `means are ${means.join(", ")}`);
});

Deno.test("features has the gradient of its values", () => {
  using perceptual = build({ width: 4 });
  assertGradient(
    (input) => {
      const maps = perceptual.features(input as tf.Tensor4D);
      return tf.addN(maps.map((map) => tf.mean(tf.square(map)))) as tf.Scalar;
    },
    [images(1, 8, 8)],
    { step: 1e-3, tolerance: 5e-2 },
  );
});

Deno.test("features refuses images of another shape", () => {
  using perceptual = build();
  assert.throws(
    () => perceptual.features(tf.zeros([1, 8, 8, 1])),
    /Cannot compute perceptual features as `images` must be \[B, H, W, 3\]/,
  );
});

Deno.test("createPerceptual leaves nothing behind when disposed", async () => {
  await assertNoLeak(() => {
    using perceptual = build();
    tf.tidy(() => void perceptual.features(images(1, 8, 8)));
  });
});
