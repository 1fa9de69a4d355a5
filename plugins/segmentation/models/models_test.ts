import { createRandom, Parameters } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { createDeepLabV3 } from "./deeplabv3.ts";
import { resizeMap } from "./head.ts";
import { auxiliaryWeight, createSegmenter } from "./mod.ts";
import { createPspNet } from "./pspnet.ts";
import { adaptiveAveragePools } from "./pyramid_pooling.ts";

await useTestBackend();

const someImages = (batch: number, height: number, width = height) =>
  tf.randomUniform<tf.Rank.R4>([batch, height, width, 3], 0, 1, "float32", 1);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Trainable numbers of ResNet-50 without its classifier; the stem's convolutions as [inputs, outputs, kernel]. */
function backboneSize(stem: readonly (readonly [number, number, number])[]): number {
  let size = sum(
    stem.map(([inputs, outputs, kernel]) => kernel ** 2 * inputs * outputs + 2 * outputs),
  );
  let inputs = stem.at(-1)![1];
  for (const [group, count] of [3, 4, 6, 3].entries()) {
    const inner = 64 * 2 ** group;
    for (let index = 0; index < count; index++, inputs = 4 * inner) {
      size += inputs * inner + 9 * inner ** 2 + 4 * inner ** 2 + 2 * 6 * inner;
      if (index === 0) size += 4 * inputs * inner + 2 * 4 * inner;
    }
  }
  return size;
}

/** A 3x3 convolution with batch norm, then a 1x1 convolution with bias. */
const headSize = (inputs: number, hidden: number, classCount: number) =>
  9 * inputs * hidden + 2 * hidden + (hidden + 1) * classCount;

Deno.test("createDeepLabV3 has as many weights as torchvision's with 21 classes: 42,004,074", () => {
  const atrous = 2048 * 256 + 3 * 9 * 2048 * 256 + 2048 * 256 + 5 * 2 * 256;
  const project = 5 * 256 * 256 + 2 * 256;
  const expected = backboneSize([[3, 64, 7]]) + atrous + project + headSize(256, 256, 21) +
    headSize(1024, 256, 21);
  assert.equal(expected, 42_004_074);
  using parameters = new Parameters(createRandom(1));
  createDeepLabV3(parameters, { depth: 50, width: 1, classCount: 21 });
  assert.equal(parameters.size, expected);
});

Deno.test("createPspNet has the weights of semseg's by name and number", () => {
  const expected = backboneSize([[3, 64, 3], [64, 64, 3], [64, 128, 3]]) +
    4 * (2048 * 512 + 2 * 512) + headSize(4096, 512, 19) + headSize(1024, 256, 19);
  using parameters = new Parameters(createRandom(1));
  createPspNet(parameters, { depth: 50, width: 1, classCount: 19 });
  assert.equal(parameters.size, expected);
  const names = new Set(parameters.names);
  for (
    const name of [
      "layer0.0.weight",
      "layer0.7.running_var",
      "layer3.5.conv2.weight",
      "layer4.0.downsample.1.bias",
      "ppm.features.3.1.weight",
      "ppm.features.3.2.running_mean",
      "cls.1.bias",
      "cls.4.bias",
      "aux.4.weight",
    ]
  ) assert.ok(names.has(name), name);
});

Deno.test("createDeepLabV3Semseg has the weights of the authors' by name and number", () => {
  const branches = 2048 * 256 + 3 * 9 * 2048 * 256 + 2048 * 256 + 5 * 2 * 256;
  const narrowHead = (inputs: number) => inputs * 256 + 2 * 256 + (256 + 1) * 19;
  const expected = backboneSize([[3, 64, 3], [64, 64, 3], [64, 128, 3]]) + branches +
    narrowHead(5 * 256) + narrowHead(1024);
  using segmenter = createSegmenter("deeplabv3-resnet50-semseg", 19, [33, 33], createRandom(1));
  assert.equal(segmenter.parameters.size, expected);
  const names = new Set(segmenter.parameters.names);
  for (
    const name of [
      "layer0.6.weight",
      "layer4.0.downsample.0.weight",
      "aspp.convs.0.1.running_var",
      "aspp.convs.3.0.weight",
      "aspp.convs.4.1.weight",
      "aspp.convs.4.2.bias",
      "cls.0.weight",
      "cls.4.bias",
      "aux.1.weight",
    ]
  ) assert.ok(names.has(name), name);
});

for (
  const [architecture, size, map, length] of [
    ["deeplabv3-resnet50-semseg-w0.1", [33, 41], [5, 6], 26],
    ["pspnet-resnet18-w0.1", [33, 41], [5, 6], 12],
    ["pspnet-resnet50-w0.1", [32, 24], [4, 3], 51],
    ["deeplabv3-resnet18-w0.1", [33, 41], [5, 6], 13],
    ["deeplabv3-resnet50-w0.1", [32, 24], [4, 3], 26],
  ] as const
) {
  Deno.test(`${architecture} gives logits at its own size and features at an eighth of it`, () => {
    using segmenter = createSegmenter(architecture, 4, size, createRandom(1));
    for (const given of [size, [20, 28]] as const) {
      const output = segmenter.forward(someImages(2, given[0], given[1]));
      assert.deepEqual(output.logits.shape, [2, ...size, 4]);
      assert.deepEqual(output.features.shape, [2, ...map, length]);
      assert.equal(output.auxiliary, undefined);
    }
    const { auxiliary } = segmenter.forward(someImages(2, size[0], size[1]), "training");
    assert.deepEqual(auxiliary!.shape, [2, ...size, 4]);
  });
}

for (
  const architecture of [
    "pspnet-resnet18-w0.05",
    "deeplabv3-resnet50-w0.05",
    "deeplabv3-resnet50-semseg-w0.05",
  ]
) {
  Deno.test(`${architecture} has the gradient of finite differences in images of another size`, () => {
    using segmenter = createSegmenter(architecture, 3, [17, 17], createRandom(1));
    const weights = tf.randomUniform([1, 17, 17, 3], -1, 1, "float32", 2);
    const weighted = (images: tf.Tensor) =>
      tf.sum(tf.mul(segmenter.forward(images as tf.Tensor4D).logits, weights)) as tf.Scalar;
    assertGradient(weighted, [someImages(1, 12)], { step: 2e-3, tolerance: 5e-2 });
  });
}

Deno.test("createSegmenter gives features from which the last convolution makes the logits", async () => {
  using segmenter = createSegmenter("pspnet-resnet18-w0.1", 4, [17, 17], createRandom(1));
  const { logits, features } = segmenter.forward(someImages(1, 17));
  const tensors = await segmenter.parameters.export();
  const weight = tf.tensor(tensors.get("cls.4.weight")!.data, [4, 12]);
  const scores = tf.matMul(tf.reshape(features, [-1, 12]), weight, false, true);
  const map = tf.add(tf.reshape(scores, [1, 3, 3, 4]), tf.tensor(tensors.get("cls.4.bias")!.data));
  assertClose(resizeMap(map as tf.Tensor4D, [17, 17], "corners"), logits, 1e-4);
});

Deno.test("createSegmenter moves the averages of batch norm in training only", async () => {
  using segmenter = createSegmenter("deeplabv3-resnet18-w0.1", 3, [17, 17], createRandom(1));
  const mean =
    async () => [...(await segmenter.parameters.export()).get("classifier.2.running_mean")!.data];
  const before = await mean();
  tf.tidy(() => void segmenter.forward(someImages(2, 17)));
  assert.deepEqual(await mean(), before);
  tf.tidy(() => void segmenter.forward(someImages(2, 17), "training"));
  assert.notDeepEqual(await mean(), before);
});

Deno.test("createSegmenter draws the same weights from the same seed, and frees them", async () => {
  const before = tf.memory().numTensors;
  const weights = async (seed: number) => {
    using segmenter = createSegmenter("pspnet-resnet18-w0.1", 3, [17, 17], createRandom(seed));
    return [...(await segmenter.parameters.export()).get("layer0.0.weight")!.data];
  };
  assert.deepEqual(await weights(1), await weights(1));
  assert.notDeepEqual(await weights(1), await weights(2));
  assert.equal(tf.memory().numTensors, before);
});

for (
  const name of [
    "pspnet",
    "pspnet-resnet34",
    "resnet50",
    "pspnet-resnet18-w0",
    "PSPNET-resnet18",
    "",
  ]
) {
  Deno.test(`createSegmenter refuses "${name}"`, () => {
    const message = /^RangeError: Cannot build the segmentation network/;
    assert.throws(() => createSegmenter(name, 3, [17, 17], createRandom(1)), message);
    assert.throws(() => auxiliaryWeight(name), message);
  });
}

Deno.test("adaptiveAveragePools averages over PyTorch's windows", () => {
  const [height, width] = [5, 7];
  const values = createRandom(2).uniforms(2 * height * width * 3, -1, 1);
  const map = tf.tensor4d(values, [2, height, width, 3]);
  const at = (b: number, y: number, x: number, c: number) =>
    values[((b * height + y) * width + x) * 3 + c];
  const window = (bin: number, bins: number, size: number) => {
    const [start, end] = [Math.floor(bin * size / bins), Math.ceil((bin + 1) * size / bins)];
    return Array.from({ length: end - start }, (_, index) => start + index);
  };
  const levels = [1, 2, 3, 6];
  for (const [index, pooled] of adaptiveAveragePools(map, levels).entries()) {
    const bins = levels[index];
    assert.deepEqual(pooled.shape, [2, bins, bins, 3]);
    const expected = Array.from({ length: 2 * bins * bins * 3 }, (_, place) => {
      const [c, i, j] = [
        place % 3,
        Math.floor(place / 3 / bins) % bins,
        Math.floor(place / 3) % bins,
      ];
      const rows = window(i, bins, height);
      const columns = window(j, bins, width);
      const b = Math.floor(place / 3 / bins / bins);
      return sum(rows.flatMap((y) => columns.map((x) => at(b, y, x, c)))) /
        (rows.length * columns.length);
    });
    assertClose(pooled, expected, 1e-5);
  }
});

Deno.test("adaptiveAveragePools has the gradient of finite differences", () => {
  const total = (map: tf.Tensor) =>
    tf.addN(
      adaptiveAveragePools(map as tf.Tensor4D, [1, 3]).map((pooled) => tf.sum(tf.square(pooled))),
    ) as tf.Scalar;
  assertGradient(total, [tf.randomUniform([2, 5, 4, 2], -1, 1, "float32", 1)]);
});

for (
  const [architecture, own] of [
    ["pspnet-resnet18-w0.1", ["aux", "cls", "ppm"]],
    ["deeplabv3-resnet18-w0.1", ["aux_classifier", "classifier"]],
    ["deeplabv3-resnet50-semseg-w0.1", ["aspp", "aux", "cls"]],
  ] as const
) {
  Deno.test(`createSegmenter's ${architecture} tells its heads, all but the ResNet`, () => {
    using segmenter = createSegmenter(architecture, 3, [17, 17], createRandom(1));
    const { names } = segmenter.parameters;
    const parts = (isHead: boolean) =>
      [
        ...new Set(
          names.filter((name) => segmenter.isHead!(name) === isHead).map((name) =>
            name.split(".")[0]
          ),
        ),
      ].sort();
    assert.deepEqual(parts(true), own);
    assert.deepEqual(
      parts(false),
      own[0] === "aux_classifier"
        ? ["backbone"]
        : ["layer0", "layer1", "layer2", "layer3", "layer4"],
    );
  });
}
