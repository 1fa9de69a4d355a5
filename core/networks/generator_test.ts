import assert from "node:assert/strict";
import { createGenerator, type GeneratorSettings } from "./generator.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

const small: GeneratorSettings = {
  width: 4,
  blocks: 2,
  downsamplings: 1,
  norm: "instance",
  upsampling: "transposed",
  size: [8, 8],
};

function build(settings: Partial<GeneratorSettings> = {}) {
  return createGenerator({ ...small, ...settings }, createRandom(5, "generator"));
}

function images(...shape: [number, number, number]): tf.Tensor4D {
  const count = shape.reduce((product, size) => product * size, 3);
  return tf.tensor4d(createRandom(6).uniforms(count, 0, 1), [...shape, 3]);
}

/** Weights and biases of pix2pixHD's Global Generator, counted layer by layer. */
function countOf(width: number, blocks: number, downsamplings: number): number {
  const layer = (kernel: number, inputs: number, outputs: number) =>
    kernel ** 2 * inputs * outputs + outputs;
  let count = layer(7, 3, width) + layer(7, width, 3);
  for (let level = 0; level < downsamplings; level++) {
    const [fine, coarse] = [width * 2 ** level, width * 2 ** (level + 1)];
    count += layer(3, fine, coarse) + layer(3, coarse, fine);
  }
  const deepest = width * 2 ** downsamplings;
  return count + blocks * 2 * layer(3, deepest, deepest);
}

Deno.test("createGenerator at width 64 with 9 blocks has 11.4, 45.6 or 182 million weights", () => {
  assert.equal(countOf(64, 9, 2), 11_378_179);
  assert.equal(countOf(64, 9, 3), 45_593_347);
  // pix2pixHD prints 182546755 for its label maps of 36 channels.
  assert.equal(countOf(64, 9, 4) + 7 ** 2 * (36 - 3) * 64, 182_546_755);
});

Deno.test("createGenerator makes as many weights as counted layer by layer", async () => {
  for (const settings of [small, { ...small, width: 8, blocks: 3, downsamplings: 2 }]) {
    for (const norm of ["instance", "none"] as const) {
      using generator = build({ ...settings, norm });
      const weights = [...(await generator.parameters.export()).values()];
      const total = weights.reduce((sum, { data }) => sum + data.length, 0);
      assert.equal(total, countOf(settings.width, settings.blocks, settings.downsamplings));
    }
  }
});

Deno.test("createGenerator names weights by pix2pixHD's modules", () => {
  using generator = build({ blocks: 1 });
  const weights = generator.parameters.names.filter((name) => name.endsWith(".weight"));
  assert.deepEqual(
    weights,
    ["1", "4", "7.conv_block.1", "7.conv_block.5", "8", "12"].map((name) => `model.${name}.weight`),
  );
});

Deno.test("createGenerator with layer norm names its scales by the places of pix2pixHD's norms", () => {
  using generator = build({ blocks: 1, norm: "layer" });
  const scales = generator.parameters.names.filter((name, index) =>
    name.endsWith(".weight") && generator.parameters.variables[index].rank === 1
  );
  const places = ["2", "5", "7.conv_block.2", "7.conv_block.6", "9"];
  assert.deepEqual(scales.toSorted(), places.map((place) => `model.${place}.weight`).toSorted());
  assert.equal(generator.parameters.trainable.length, generator.parameters.variables.length);
});

Deno.test("restore with layer norm tells bright images from dark ones", () => {
  // Not of one colour: an instance norm would divide the rounding of sums by next to nothing.
  const texture = tf.mul(images(1, 8, 8), 0.2);
  const [dark, bright] = [0.2, 0.6].map((value) => tf.add(texture, value) as tf.Tensor4D);
  const difference = (norm: "instance" | "layer") => {
    using generator = build({ norm, downsamplings: 0 });
    return tf.max(tf.abs(tf.sub(generator.restore(dark), generator.restore(bright)))).dataSync()[0];
  };
  assert.ok(difference("instance") < 1e-3);
  assert.ok(difference("layer") > 1e-2);
});

Deno.test("createGenerator with instance norm trains no bias but the last", () => {
  using generator = build();
  const biases = generator.parameters.trainable.filter(({ rank }) => rank === 1);
  assert.deepEqual(biases.map(({ shape }) => shape), [[3]]);
  using plain = build({ norm: "none" });
  assert.equal(plain.parameters.trainable.length, plain.parameters.variables.length);
});

for (const upsampling of ["transposed", "resize"] as const) {
  for (const norm of ["instance", "layer", "none"] as const) {
    Deno.test(`restore keeps shape and range: ${upsampling}, norm ${norm}`, () => {
      using generator = build({ upsampling, norm, downsamplings: 2, size: [8, 12] });
      const restored = generator.restore(images(2, 8, 12));
      assert.deepEqual(restored.shape, [2, 8, 12, 3]);
      assert.ok(restored.dataSync().every((value) => value >= 0 && value <= 1));
    });
  }
}

Deno.test("restore of constant images gives what the last bias says", () => {
  using generator = build({ downsamplings: 0 });
  // Instance norm takes a constant to 0, so that nothing but the last bias is left.
  const bias = generator.parameters.trainable.at(-1)!;
  bias.assign(tf.tensor1d([0.5, 0, -1]));
  const restored = generator.restore(tf.fill([1, 8, 8, 3], 0.3));
  const expected = [0.5, 0, -1].map((value) => (Math.tanh(value) + 1) / 2);
  assertClose(tf.reshape(tf.mean(restored, [0, 1, 2]), [3]), expected, 1e-3);
});

Deno.test("restore treats each image by itself", () => {
  using generator = build();
  const batch = images(3, 8, 8);
  const alone = generator.restore(tf.slice(batch, [1, 0, 0, 0], [1, 8, 8, 3]));
  const together = tf.slice(generator.restore(batch), [1, 0, 0, 0], [1, 8, 8, 3]);
  assertClose(alone, together, 1e-4);
});

Deno.test("restore takes images of another size", () => {
  using generator = build();
  assert.deepEqual(generator.restore(images(1, 11, 6)).shape, [1, 11, 6, 3]);
});

Deno.test("restore with aligned corners keeps the corners of an image where it resizes", () => {
  using generator = build({ resize: "align-corners" });
  const input = images(1, 15, 11);
  const [height, width] = [8, 8];
  const resized = generator.resize(input);
  assert.deepEqual(resized.shape, [1, height, width, 3]);
  const values = input.arraySync()[0];
  // A row of 15 onto 8 takes every second pixel; a column of 11 lies between.
  const at = (x: number) => x * 10 / 7;
  const expected = Array.from(
    { length: height },
    (_, y) =>
      Array.from({ length: width }, (_, x) => {
        const left = Math.min(9, Math.floor(at(x)));
        const share = at(x) - left;
        return [0, 1, 2].map((channel) =>
          (1 - share) * values[2 * y][left][channel] + share * values[2 * y][left + 1][channel]
        );
      }),
  );
  assertClose(resized, expected.flat(2), 1e-4);
  const restored = generator.resize(generator.translate(resized), [15, 11]);
  assertClose(generator.restore(input), restored.dataSync<"float32">(), 1e-5);
  using centred = build();
  assert.notDeepEqual([...centred.resize(input).dataSync()], [...resized.dataSync()]);
});

Deno.test("restore with aligned corners has the gradient of its values", () => {
  using generator = build({ blocks: 1, norm: "none", resize: "align-corners" });
  for (const variable of generator.parameters.trainable) {
    if (variable.rank > 1) variable.assign(tf.mul(variable, 8));
  }
  const weights = images(1, 6, 10);
  assertGradient(
    (input) => tf.sum(tf.mul(weights, generator.restore(input as tf.Tensor4D))),
    [images(1, 6, 10)],
    { step: 2e-3 },
  );
});

Deno.test("restore has the gradient of its values", () => {
  using generator = build({ blocks: 1, norm: "none", upsampling: "resize" });
  for (const variable of generator.parameters.trainable) {
    if (variable.rank > 1) variable.assign(tf.mul(variable, 8));
  }
  const weights = images(1, 8, 8);
  assertGradient(
    (input) => tf.sum(tf.mul(weights, generator.restore(input as tf.Tensor4D))),
    [images(1, 8, 8)],
  );
});

Deno.test("restore of another size has the gradient of its values", () => {
  using generator = build({ blocks: 1, norm: "none" });
  for (const variable of generator.parameters.trainable) {
    if (variable.rank > 1) variable.assign(tf.mul(variable, 8));
  }
  const weights = images(1, 6, 10);
  assertGradient(
    (input) => tf.sum(tf.mul(weights, generator.restore(input as tf.Tensor4D))),
    [images(1, 6, 10)],
    { step: 2e-3 },
  );
});

Deno.test("restore passes a gradient to every trained weight", () => {
  using generator = build();
  const input = images(2, 8, 8);
  const { grads } = tf.variableGrads(
    () => tf.mean(tf.square(tf.sub(generator.restore(input), input))) as tf.Scalar,
    generator.parameters.trainable,
  );
  assert.equal(Object.keys(grads).length, generator.parameters.trainable.length);
  for (const gradient of Object.values(grads)) {
    assert.ok(gradient.dataSync().some((value) => value !== 0));
  }
});

Deno.test("restore refuses images of another shape", () => {
  using generator = build();
  assert.throws(
    () => generator.restore(tf.zeros([1, 8, 8, 1])),
    /Cannot restore images as `images` must be \[B, H, W, 3\]: current shape is \[1, 8, 8, 1\]/,
  );
});

Deno.test("createGenerator refuses a size that cannot be halved as often as asked", () => {
  const refused = { name: "RangeError", message: /multiples of 4 and at least 8/ };
  assert.throws(() => build({ downsamplings: 2, size: [8, 10] }), refused);
  assert.throws(() => build({ downsamplings: 2, size: [4, 8] }), refused);
});

Deno.test("createGenerator draws the same weights from the same seed", async () => {
  using first = build();
  using second = build();
  assert.deepEqual(await first.parameters.export(), await second.parameters.export());
});

Deno.test("createGenerator leaves nothing behind when disposed", async () => {
  await assertNoLeak(() => {
    using generator = build();
    tf.tidy(() => void generator.restore(images(1, 8, 8)));
  });
});

Deno.test("createGenerator with a skip begins as the identity, and adds what it paints, clipped", () => {
  using generator = build({ skip: true });
  const input = images(2, 8, 8);
  assertClose(generator.restore(input), input);
  using plain = build();
  const weights = createRandom(3).normals(7 * 7 * 4 * 3, 0.1);
  for (const { parameters } of [generator, plain]) {
    const last = parameters.trainable.at(-2)!;
    tf.tidy(() => last.assign(tf.tensor(weights, last.shape)));
  }
  const painted = tf.sub(tf.mul(plain.restore(input), 2), 1);
  const sum = tf.add(input, painted);
  assert.ok(tf.max(sum).dataSync()[0] > 1);
  assertClose(generator.restore(input), tf.clipByValue(sum, 0, 1));
});

Deno.test("restore with a skip has the gradient of its values", () => {
  using generator = build({ skip: true, blocks: 0, downsamplings: 0, norm: "none" });
  const last = generator.parameters.trainable.at(-2)!;
  tf.tidy(() => last.assign(tf.tensor(createRandom(3).normals(last.size, 0.02), last.shape)));
  const input = tf.add(tf.mul(images(1, 8, 8), 0.2), 0.4);
  const added = tf.sub(generator.restore(input as tf.Tensor4D), input);
  assert.ok(tf.max(tf.abs(added)).dataSync()[0] > 0.01);
  const weights = images(1, 8, 8);
  assertGradient(
    (input) => tf.sum(tf.mul(weights, generator.restore(input as tf.Tensor4D))),
    [input],
    { step: 1e-3 },
  );
});
