import type { Images } from "@realign/core";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { openNetwork } from "./browser/network.ts";
import { pageFunction } from "./page_function.ts";
import { freezePage, writePageGraph } from "./page_graph.ts";
import { viewOf } from "./view_of.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

const filter = tf.mul(tf.cos(tf.range(0, 54)), 0.4).reshape([3, 3, 3, 2]) as tf.Tensor4D;

/** A dilated convolution, a ReLU, a pooling: what has no gradient in graph models. */
const features = (images: Images) => {
  const map = tf.relu(tf.conv2d(images, filter, 1, "same", "NHWC", 2)) as tf.Tensor4D;
  return tf.mean(tf.maxPool(map, 3, 2, "same"), [1, 2]) as tf.Tensor2D;
};
const restore = (images: Images) => tf.sub(1, images) as Images;

/** Opens a page's networks by the page's own code, and asks them on an image. */
async function answersOf(name: "logits" | "direction") {
  const target = (images: Images) => ({ [name]: features(images) });
  const system = (images: Images) => ({ restored: restore(images), ...target(restore(images)) });
  const image = Float32Array.from({ length: 108 }, (_, k) => 0.5 + 0.5 * Math.sin(k * k));
  const images = tf.tensor4d(image, [1, 6, 6, 3]);
  const compute = pageFunction({ target, system, outputs: [name] });
  const reference = target(images)[name];
  const files = writePageGraph(freezePage(compute, { images, reference }));
  const model = JSON.parse(new TextDecoder().decode(files.get("model.json")));
  const weights = files.get("weights.bin")!.buffer;
  const network = await openNetwork(tf, { model, weights }, [1, 6, 6, 3], [1, 2]);
  const before = tf.memory().numTensors;
  const look = await network.look(image);
  const other = Float32Array.of(0.3, 0.2);
  const ascent = await network.ascend("system", image, other);
  assert.equal(tf.memory().numTensors, before);
  network.dispose();
  return { look, ascent, images, other: tf.tensor2d(other, [1, 2]) };
}

Deno.test({
  name: "a page's graph gives outputs, and the gradient of the cross-entropy through the defense",
  ignore,
  async fn() {
    const { look, ascent, images, other } = await answersOf("logits");
    assert.deepEqual([...look.restored], [...await restore(images).data()]);
    assert.deepEqual([...look.target.logits], [...await features(images).data()]);
    assert.deepEqual([...look.system.logits], [...await features(restore(images)).data()]);
    const label = tf.argMax(other, 1);
    const loss = (x: tf.Tensor) =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(label, 2), features(restore(x as Images)));
    const { value, grad } = tf.valueAndGrad((x) => loss(x) as tf.Scalar)(images);
    assert.ok(Math.abs(ascent.gain - value.dataSync()[0]) < 1e-6);
    const expected = grad.dataSync();
    assert.ok(expected.some((one) => Math.abs(one) > 1e-3));
    for (const [k, one] of ascent.gradient.entries()) {
      assert.ok(Math.abs(one - expected[k]) < 1e-6);
    }
  },
});

Deno.test({
  name: "a page's graph of outputs that are no logits goes by the distance from the clean ones",
  ignore,
  async fn() {
    const { ascent, images, other } = await answersOf("direction");
    const distance = tf.sum(tf.square(tf.sub(features(restore(images)), other)));
    assert.ok(Math.abs(ascent.gain - distance.dataSync()[0]) < 1e-6);
    assert.ok(ascent.gradient.some((one) => Math.abs(one) > 1e-3));
  },
});

Deno.test({
  name: "freezePage names an operation that browsers lack",
  ignore,
  fn() {
    const images = tf.zeros([1, 2, 2, 3]);
    assert.throws(
      () => freezePage(({ images }) => ({ y: tf.cast(tf.isNaN(images), "float32") }), { images }),
      /^Error: Cannot export the run as a page as browsers have nothing for IsNan: export it with/,
    );
  },
});

Deno.test("viewOf tells kinds of outputs by their shapes", () => {
  const kindOf = (shapes: Record<string, number[]>) => {
    const outputs = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, tf.zeros(shape)]),
    );
    return viewOf(outputs, ["a", "b"], ["rgb(1 1 1)", "rgb(2 2 2)"]).kind;
  };
  assert.equal(kindOf({ logits: [1, 2], features: [1, 9] }), "classes");
  assert.equal(kindOf({ logits: [1, 4, 4, 2] }), "label-map");
  assert.equal(kindOf({ logits: [1, 7, 3], offsets: [1, 7, 4], priors: [1, 7, 4] }), "boxes");
  assert.equal(kindOf({ logits: [1, 7, 3] }), "numbers");
  assert.equal(kindOf({ direction: [1, 2], features: [1, 9] }), "numbers");
});
