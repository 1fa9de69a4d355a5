import { createRandom, IMAGENET, Parameters } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { crossEntropy } from "@realign/core/attacks";
import { createClassifier } from "./mod.ts";
import { createCifarResNet } from "./cifar_resnet.ts";
import { createResNet50, type Stem } from "./resnet50.ts";
import { createWideResNet } from "./wide_resnet.ts";

const someImages = (batch: number, side: number) =>
  tf.randomUniform<tf.Rank.R4>([batch, side, side, 3], 0, 1, "float32", 1);

/** Trainable numbers of WRN-depth-width: convolutions, batch norms (2 a channel), the dense layer. */
function wideResNetSize(depth: number, width: number, classCount: number): number {
  const blocks = (depth - 4) / 6;
  let size = 9 * 3 * 16;
  let inputs = 16;
  for (const outputs of [16 * width, 32 * width, 64 * width]) {
    for (let index = 0; index < blocks; index++, inputs = outputs) {
      size += 9 * inputs * outputs + 9 * outputs * outputs + 2 * inputs + 2 * outputs;
      if (inputs !== outputs) size += inputs * outputs;
    }
  }
  return size + 2 * inputs + (inputs + 1) * classCount;
}

/** Trainable numbers of ResNet-50 with a first layer of `width` channels and `kernel` x `kernel`. */
function resNet50Size(width: number, kernel: number, classCount: number): number {
  let size = kernel * kernel * 3 * width + 2 * width;
  let inputs = width;
  for (const [group, count] of [3, 4, 6, 3].entries()) {
    const inner = width * 2 ** group;
    for (let index = 0; index < count; index++, inputs = 4 * inner) {
      size += inputs * inner + 9 * inner * inner + 4 * inner * inner +
        2 * (inner + inner + 4 * inner);
      if (inputs !== 4 * inner) size += 4 * inputs * inner + 2 * 4 * inner;
    }
  }
  return size + (inputs + 1) * classCount;
}

Deno.test("createWideResNet has as many weights as published: 46.16 million in WRN-34-10", async () => {
  await useTestBackend();
  for (const [depth, width] of [[10, 1], [16, 2], [22, 1]]) {
    using parameters = new Parameters(createRandom(1));
    createWideResNet(parameters, 10, depth, width);
    assert.equal(parameters.size, wideResNetSize(depth, width, 10));
  }
  assert.equal(wideResNetSize(34, 10, 10), 46_160_474);
});

Deno.test("createResNet50 has as many weights as torchvision's: 25.56 million", async () => {
  await useTestBackend();
  for (const [stem, kernel] of [["imagenet", 7], ["64", 3], ["cifar", 3]] as [Stem, number][]) {
    using parameters = new Parameters(createRandom(1));
    createResNet50(parameters, 5, stem, { width: 2 });
    assert.equal(parameters.size, resNet50Size(2, kernel, 5));
  }
  assert.equal(resNet50Size(64, 7, 1000), 25_557_032);
});

Deno.test("createCifarResNet has as many weights as published", async () => {
  await useTestBackend();
  // The table in akamaster's README, in thousands.
  for (const [depth, thousands] of [[20, 270], [32, 460], [44, 660]]) {
    using parameters = new Parameters(createRandom(1));
    createCifarResNet(parameters, 10, depth);
    assert.equal(Math.round(parameters.size / 10_000) * 10, thousands);
  }
});

const shapes: readonly [architecture: string, side: number, features: number][] = [
  ["wrn-10-1", 8, 64],
  ["wrn-10-2", 16, 128],
  ["resnet20", 8, 64],
];
for (const [architecture, side, features] of shapes) {
  Deno.test(`${architecture} gives logits and ${features} features an image, resized or not`, async () => {
    await useTestBackend();
    using classifier = createClassifier(architecture, 7, [side, side], createRandom(1));
    for (const given of [side, 12]) {
      const output = classifier.forward(someImages(3, given));
      assert.deepEqual([output.logits.shape, output.features.shape], [[3, 7], [3, features]]);
    }
  });
}

for (const [stem, side] of [["imagenet", 32], ["64", 16], ["cifar", 8]] as [Stem, number][]) {
  Deno.test(`createResNet50 with the stem "${stem}" gives logits and features an image`, async () => {
    await useTestBackend();
    using parameters = new Parameters(createRandom(1));
    const network = createResNet50(parameters, 7, stem, { width: 2, blocks: [1, 1, 1, 1] });
    const output = network(someImages(2, side), "inference");
    assert.deepEqual([output.logits.shape, output.features.shape], [[2, 7], [2, 64]]);
  });
}

Deno.test("resnet50-kuangliu has pytorch-cifar's names and count, and takes pixels as they are", async () => {
  await useTestBackend();
  using classifier = createClassifier("resnet50-kuangliu", 10, [8, 8], createRandom(1));
  const { names, size } = classifier.parameters;
  assert.equal(size, 23_520_842);
  const renamed = (name: string) => name.replace("shortcut", "downsample").replace("linear", "fc");
  using published = createClassifier("resnet50-cifar", 10, [8, 8], createRandom(1));
  assert.deepEqual(names.map(renamed), published.parameters.names);
  for (const name of ["layer1.0.shortcut.0.weight", "layer4.0.shortcut.1.bias", "linear.weight"]) {
    assert.ok(names.includes(name), name);
  }
  const weights = [...(await classifier.parameters.export())];
  published.parameters.import(
    new Map(weights.map(([name, tensor]) => [renamed(name), tensor])),
    "the test",
  );
  const images = someImages(1, 8);
  const mean = tf.tensor1d(IMAGENET.mean as number[]);
  const deviation = tf.tensor1d(IMAGENET.deviation as number[]);
  const undone = tf.add(tf.mul(images, deviation), mean) as tf.Tensor4D;
  const expected = published.forward(undone).logits.dataSync<"float32">();
  assertClose(classifier.forward(images).logits, expected, 1e-3);
});

Deno.test("createClassifier gives features from which the last layer makes the logits", async () => {
  await useTestBackend();
  using classifier = createClassifier("wrn-10-1", 4, [8, 8], createRandom(1));
  const { logits, features } = classifier.forward(someImages(2, 8));
  const tensors = await classifier.parameters.export();
  const { shape, data } = tensors.get("fc.weight")!;
  assert.deepEqual(shape, [4, 64]);
  assertClose(logits, tf.matMul(features, tf.tensor2d(data, [4, 64]), false, true), 1e-4);
});

for (const architecture of ["wrn-10-1", "resnet20"]) {
  Deno.test(`${architecture} has the gradient of finite differences in its images`, async () => {
    await useTestBackend();
    using classifier = createClassifier(architecture, 3, [8, 8], createRandom(1));
    const labels = tf.tensor1d([0, 2], "int32");
    const loss = (images: tf.Tensor) =>
      tf.mean(crossEntropy(classifier.forward(images as tf.Tensor4D).logits, labels)) as tf.Scalar;
    // Images of another size: the gradient comes back through the resizing.
    assertGradient(loss, [someImages(2, 12)], { step: 2e-3, tolerance: 5e-2 });
  });
}

Deno.test("createClassifier answers to images of other sizes without resizing them, as one made for that size", () => {
  for (const architecture of ["wrn-10-1", "resnet20", "resnet50-cifar"]) {
    const [own, larger] = [[8, 8], [9, 9]].map((size) =>
      createClassifier(architecture, 3, size as [number, number], createRandom(1))
    );
    const images = tf.tensor4d(createRandom(2).uniforms(2 * 9 * 9 * 3, 0, 1), [2, 9, 9, 3]);
    const { logits } = own.unresized!(images);
    assertClose(logits, larger.forward(images).logits, 1e-5);
    assert.notDeepEqual(logits.dataSync(), own.forward(images).logits.dataSync());
    for (const classifier of [own, larger]) classifier[Symbol.dispose]();
  }
});

Deno.test("createClassifier draws the same weights from the same seed only", async () => {
  await useTestBackend();
  const firstWeights = async (seed: number) => {
    using classifier = createClassifier("resnet20", 10, [8, 8], createRandom(seed));
    return [...(await classifier.parameters.export()).get("conv1.weight")!.data];
  };
  assert.deepEqual(await firstWeights(1), await firstWeights(1));
  assert.notDeepEqual(await firstWeights(1), await firstWeights(2));
});

Deno.test("createClassifier moves the averages of batch norm in training only", async () => {
  await useTestBackend();
  using classifier = createClassifier("wrn-10-1", 3, [8, 8], createRandom(1));
  const mean =
    async () => [...(await classifier.parameters.export()).get("bn1.running_mean")!.data];
  const before = await mean();
  tf.tidy(() => void classifier.forward(someImages(2, 8)));
  assert.deepEqual(await mean(), before);
  tf.tidy(() => void classifier.forward(someImages(2, 8), "training"));
  assert.notDeepEqual(await mean(), before);
});

Deno.test("createClassifier frees its weights", async () => {
  await useTestBackend();
  const before = tf.memory().numTensors;
  createClassifier("wrn-10-1", 3, [8, 8], createRandom(1))[Symbol.dispose]();
  assert.equal(tf.memory().numTensors, before);
});

for (
  const name of ["wrn-12-1", "wrn-34-0", "wrn-4-1", "resnet18", "resnet50-32", "WRN-34-10", ""]
) {
  Deno.test(`createClassifier refuses "${name}"`, () => {
    assert.throws(
      () => createClassifier(name, 10, [32, 32], createRandom(1)),
      /^RangeError: Cannot build /,
    );
  });
}
