import { createRandom, formatSafetensors, loadWeights } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, assertNoLeak, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { createDetector } from "./mod.ts";
import { amdegrootNames, type DetectorNames, torchvisionNames } from "./names.ts";
import { scaledL2Norm, ssdGeometry } from "./ssd.ts";
import { Parameters } from "@realign/core";

const random = createRandom(1);
const imagesOf = (side: number, batch = 2) =>
  tf.tensor4d(createRandom(2).uniforms(batch * side * side * 3, 0, 1), [batch, side, side, 3]);

Deno.test("ssdGeometry is SSD300's at 300, and halves until nothing is left", () => {
  assert.deepEqual(ssdGeometry(300).cells, [38, 19, 10, 5, 3, 1]);
  assert.equal(ssdGeometry(300).dilation, 6);
  assert.deepEqual(ssdGeometry(64).cells, [8, 4, 2, 1]);
  assert.deepEqual(ssdGeometry(128).cells, [16, 8, 4, 2]);
  assert.deepEqual(ssdGeometry(192).cells, [24, 12, 6, 3, 1]);
});

for (
  const [architecture, side, priors] of [
    ["ssd64-vgg16-w0.0625", 64, 457],
    ["ssd64-vgg16-bn-w0.0625", 64, 457],
    ["ssd128-vgg16-w0.0625", 128, 1828],
    ["ssd300-vgg16-w0.0625", 300, 8732],
    ["ssd300-amdegroot-w0.0625", 300, 8732],
    ["rfb300-vgg16-w0.0625", 300, 11620],
    ["rfb300-vgg16-w0.01", 300, 11620],
    ["rfb64-vgg16-w0.0625", 64, 457],
    ["rfb192-vgg16-bn-w0.0625", 192, 4190],
  ] as const
) {
  Deno.test(`${architecture} gives a logit a class and an offset a side for each of ${priors} priors`, async () => {
    await useTestBackend();
    using model = createDetector(architecture, 3, random);
    tf.tidy(() => {
      const { logits, offsets, priors: boxes, features } = model.forward(imagesOf(side, 1));
      assert.deepEqual(logits.shape, [1, priors, 4]);
      assert.deepEqual(offsets.shape, [1, priors, 4]);
      assert.deepEqual(boxes.shape, [1, priors, 4]);
      const width = Number(architecture.split("-w")[1]);
      assert.deepEqual(features.shape.slice(3), [Math.round(1024 * width)]);
      assert.ok(logits.dataSync().every(Number.isFinite));
    });
  });
}

Deno.test("detectors have the names and shapes of published checkpoints", async () => {
  await useTestBackend();
  const shapesOf = async (architecture: string) => {
    using model = createDetector(architecture, 20, random);
    const weights = await model.parameters.export();
    return new Map([...weights].map(([name, { shape }]) => [name, shape.join("x")]));
  };
  const torchvision = await shapesOf("ssd300-vgg16-w0.25");
  assert.equal(torchvision.size, 71);
  for (
    const [name, shape] of Object.entries({
      "backbone.scale_weight": "128",
      "backbone.features.21.weight": "128x128x3x3",
      "backbone.extra.0.5.bias": "128",
      "backbone.extra.0.7.1.weight": "256x128x3x3",
      "backbone.extra.0.7.3.weight": "256x256x1x1",
      "backbone.extra.4.2.weight": "64x32x3x3",
      "head.classification_head.module_list.1.weight": "126x256x3x3",
      "head.regression_head.module_list.5.bias": "16",
    })
  ) {
    assert.equal(torchvision.get(name), shape, name);
  }
  const amdegroot = await shapesOf("ssd300-amdegroot-w0.25");
  assert.equal(amdegroot.size, 71);
  for (
    const name of ["vgg.33.weight", "L2Norm.weight", "extras.7.weight", "conf.5.bias", "loc.0.bias"]
  ) {
    assert.ok(amdegroot.has(name), name);
  }
  const rfb = await shapesOf("rfb300-vgg16-w0.25");
  for (
    const [name, shape] of Object.entries({
      "base.31.weight": "256x128x3x3",
      "Norm.branch1.1.conv.weight": "32x32x3x1",
      "Norm.branch3.1.conv.weight": "24x16x1x3",
      "Norm.shortcut.bn.running_mean": "128",
      "extras.0.branch0.0.conv.weight": "64x256x1x1",
      "extras.0.branch1.1.conv.weight": "64x32x3x3",
      "extras.0.branch2.1.conv.weight": "48x32x3x3",
      "extras.2.ConvLinear.conv.weight": "64x96x1x1",
      "extras.6.conv.weight": "64x32x3x3",
      "conf.0.weight": "126x128x3x3",
    })
  ) {
    assert.equal(rfb.get(name), shape, name);
  }
});

Deno.test("a detector takes the weights of another of its kind", async () => {
  await useTestBackend();
  using first = createDetector("ssd64-vgg16-w0.0625", 2, createRandom(1));
  using second = createDetector("ssd64-vgg16-w0.0625", 2, createRandom(2));
  loadWeights(second, formatSafetensors(await first.parameters.export(), {}), "first");
  const images = imagesOf(64);
  assertClose(first.forward(images).logits, second.forward(images).logits);
});

Deno.test("ssd300-amdegroot is ssd300-vgg16 under other names, with other priors", async () => {
  await useTestBackend();
  using first = createDetector("ssd300-vgg16-w0.0625", 2, createRandom(1));
  using second = createDetector("ssd300-amdegroot-w0.0625", 2, createRandom(2));
  const names = [...torchvisionToAmdegroot()];
  const weights = await first.parameters.export();
  const renamed = new Map(
    names.flatMap(([theirs, others]) =>
      ["", ".weight", ".bias"].flatMap((end) => {
        const weight = weights.get(theirs + end);
        return weight ? [[others + end, weight] as const] : [];
      })
    ),
  );
  assert.equal(renamed.size, weights.size);
  second.parameters.import(renamed, "the first");
  const images = imagesOf(300, 1);
  const [one, other] = [first, second].map((model) => tf.tidy(() => model.forward(images)));
  // Their means of pixels differ by a thousandth.
  assertClose(other.logits, one.logits, 1e-2);
  assertClose(other.offsets, one.offsets, 1e-2);
  assert.ok(tf.max(tf.abs(tf.sub(other.priors, one.priors))).dataSync()[0] > 0.01);
});

/** Each layer's name in torchvision with its name in amdegroot's code. */
function* torchvisionToAmdegroot(): Generator<[string, string]> {
  const pairs = [torchvisionNames, amdegrootNames];
  const named = (pick: (names: DetectorNames) => string) => pairs.map(pick) as [string, string];
  for (let place = 0; place <= 33; place++) yield named((names) => names.vgg(place));
  yield named((names) => names.scale);
  for (let map = 0; map < 6; map++) {
    yield named((names) => names.classes(map));
    yield named((names) => names.offsets(map));
    for (const index of [0, 1] as const) yield named((names) => names.extra(map, index));
  }
}

Deno.test("images of another size are resized inside, differentiably", async () => {
  await useTestBackend();
  using model = createDetector("ssd64-vgg16-bn-w0.0625", 2, random);
  const images = imagesOf(48, 1);
  const resized = tf.image.resizeBilinear(images, [64, 64], false, true);
  assertClose(model.forward(images).logits, model.forward(resized).logits, 1e-4);
  const gradient = tf.grad((x) => tf.sum(tf.square(model.forward(x as tf.Tensor4D).logits)))(
    images,
  );
  assert.deepEqual(gradient.shape, images.shape);
  assert.ok(gradient.dataSync().filter((value) => value !== 0).length > images.size / 2);
});

Deno.test("scaledL2Norm begins with 20 at 512 channels, and with channels as large where they are fewer", async () => {
  await useTestBackend();
  for (const [channels, first] of [[512, 20], [128, 10], [32, 5]]) {
    using parameters = new Parameters(random);
    scaledL2Norm(parameters, "scale", channels);
    assertClose(parameters.variables[0], new Array(channels).fill(first));
  }
});

Deno.test("scaledL2Norm gives every cell the length of its factor, and has a gradient where all is 0", async () => {
  await useTestBackend();
  using parameters = new Parameters(random);
  const norm = scaledL2Norm(parameters, "scale", 3);
  parameters.variables[0].assign(tf.fill([3], 20));
  const map = tf.tensor4d([3, 4, 0, 1, 2, 2], [1, 1, 2, 3]);
  assertClose(norm(map), [12, 16, 0, 20 / 3, 40 / 3, 40 / 3], 1e-4);
  assertGradient((x) => tf.sum(tf.square(tf.add(norm(x as tf.Tensor4D), 1))), [map]);
  const atZero = tf.grad((x) => tf.sum(norm(x as tf.Tensor4D)))(tf.zeros([1, 1, 1, 3]));
  assert.ok(atZero.dataSync().every(Number.isFinite));
});

Deno.test("a recorded gradient through a detector equals the eager one and leaks nothing", async () => {
  await useTestBackend();
  using model = createDetector("ssd64-vgg16-w0.0625", 2, random);
  const images = imagesOf(64, 1);
  const step = (inputs: { images: tf.Tensor4D }) =>
    tf.grad((x) => tf.mean(tf.square(model.forward(x as tf.Tensor4D).logits)))(inputs.images);
  using recorded = record(step);
  const eager = tf.tidy(() => step({ images }));
  const scale = Math.max(...tf.abs(eager).dataSync());
  assertClose(tf.div(recorded({ images }), scale), tf.div(eager, scale), 1e-3);
  await assertNoLeak(() => recorded({ images }).dispose());
});

Deno.test("createDetector names the architectures that there are", () => {
  for (const name of ["ssd301-vgg16", "ssd32-vgg16", "vgg16", "ssd300-vgg16-w0", "rfb512-vgg16"]) {
    assert.throws(
      () => createDetector(name, 2, random),
      /^RangeError: Cannot build the detector as its name must be one of ssd300-vgg16/,
    );
  }
  assert.throws(
    () => createDetector("ssd64-vgg16", 2, random, [64, 128]),
    /Cannot build "ssd64-vgg16" as target.size must be 64x64: current value is 64x128/,
  );
});
